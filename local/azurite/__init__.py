"""Azurite, Microsoft's own storage emulator: the table service alone, from npm."""
