"""Messages: what is sent to which queue, and what a use case tells its trigger to do."""
