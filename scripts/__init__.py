"""What is run around the app and is no part of it: checks, packaging, deployment."""
