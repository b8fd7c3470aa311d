IMPATIENT = {
    "ACTION_CHECK_SECONDS": "0.3,0.3,0.3,0.6",
    "CLAIM_SECONDS": "6",
    "MAX_ATTEMPTS": "4",
    "READ_BACK_SECONDS": "0.2,0.3,0.5",
    "RESEND_AFTER_SECONDS": "1",
    "RESEND_SCHEDULE": "*/2 * * * * *",
    "RETRY_FIRST_SECONDS": "0.3",
    "RETRY_LONGEST_SECONDS": "1",
}
"""Settings with which every wait of a change is short enough for a test."""
