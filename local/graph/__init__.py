"""Stand-in for Microsoft Graph: one tenant with Entra devices, Intune devices and users."""
