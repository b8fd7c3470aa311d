"""The paths of bulk changes, and the schemas of what they take and answer."""
