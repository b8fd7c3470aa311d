"""Whether Sluice can do its work, and if not, why."""
