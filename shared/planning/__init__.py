"""What a change would do, told before it is done, and held to when it is done."""
