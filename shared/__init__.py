"""What Sluice does, one folder per capability. Domain code imports no SDK; adapters do."""
