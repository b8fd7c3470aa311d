"""A gauge between the app and what stands in for the cloud: every call and connection, counted."""
