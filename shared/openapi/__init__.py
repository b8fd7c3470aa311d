"""The description of the HTTP API, made from the models that check requests."""
