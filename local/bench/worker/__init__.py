"""An app in a worker process of its own, which is where it is in Azure.

The local host runs an app in its own process, and has loaded half of what the app needs by then. To
measure a cold start, and to see what the app itself loads, the host has to be another process.
"""
