"""The rotation of a device account's password among vault, directory and devices."""
