"""A seeded fault."""

from dataclasses import dataclass

from policies import Policy


@dataclass(frozen=True)
class Fault:
    """`right` in the file becomes `wrong`; the policy has to tell."""

    policy: Policy
    file: str
    right: str
    wrong: str
    told: str
    """What the policy has to say, in part."""
