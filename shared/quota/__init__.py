"""Graph's quotas, shared by all instances of the app: who may send now, and who has to wait."""
