"""Why a host refuses to start."""


class StartupError(Exception):
    """The app or its settings are not fit to run. Carries one reason per line."""

    def __init__(self, *reasons: str) -> None:
        super().__init__("\n".join(reasons))
        self.reasons = reasons
