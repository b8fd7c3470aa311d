"""Sluice in one process on a virtual clock: the real use cases on ports that can fail anywhere."""
