"""What is done with a message on `changes`: apply, verify, retry, settle."""
