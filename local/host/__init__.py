"""The local Functions host: drives a Python app through Microsoft's own runtime, as Azure does.

Two event loops in two threads: the main thread runs the host (HTTP server, Service Bus receivers,
timers), the other runs the app (`worker.py`). User code that blocks its loop then stalls the app,
as in Azure, and never the host's lock renewal.
"""
