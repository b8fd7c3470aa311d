"""What a person may do with a change: cancel it, release it, reverse it."""
