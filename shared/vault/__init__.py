"""Secrets, which exist in Key Vault and for moments in this process."""
