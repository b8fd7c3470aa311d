"""Proof of who sent a request, over the bytes as they came."""
