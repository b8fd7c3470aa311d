"""Stand-in for the secrets of one Azure Key Vault, with soft delete."""
