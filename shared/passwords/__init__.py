"""Passwords: the policy of an account, and how one is made by it."""
