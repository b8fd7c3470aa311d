"""What Intune tells of an account action that a device did not carry out."""

REFUSED = {
    "failed": ("device-action-failed", "The device reported that it could not set the account."),
    "notsupported": ("device-action-not-supported", "The device does not know this action."),
    "canceled": ("device-action-canceled", "The action was canceled before it ran."),
}
"""Results of a device that has kept the password it had, and what they mean for the rotation."""
