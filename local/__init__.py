"""The whole system on one machine: broker, Graph, Key Vault and identity stand-ins, and the host.

Nothing in here is deployed. The app under it is the deployed app with other settings.
"""
