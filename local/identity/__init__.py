"""Stand-in for the managed identity endpoint of App Service (`IDENTITY_ENDPOINT`)."""
