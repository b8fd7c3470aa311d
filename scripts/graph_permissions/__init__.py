"""The Graph permissions of the identity: what it has, what it should have, and the difference."""
