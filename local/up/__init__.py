"""Start every part of the local stack, watch it, and stop it: `python -m local up`."""
