"""What this Sluice does at all, whoever asks."""
