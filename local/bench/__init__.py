"""What this machine measures: everything beside a baseline in the same run, ratios first."""
