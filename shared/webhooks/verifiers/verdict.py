"""What a verifier says when it says no."""


class NotConvinced(Exception):
    """What came is no proof. The reason is for operators, and holds nothing that was sent."""
