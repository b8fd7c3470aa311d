"""The HTTP trigger: routes, keys, the conversion of requests and responses, admin endpoints."""
