"""The messages between host and runtime, generated from rpc.proto."""
