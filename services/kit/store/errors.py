"""What can go wrong with the store, one type per meaning. No message repeats a stored value."""


class StoreError(Exception):
    """The store cannot be opened or used.

    Args:
        reason: stable code, for logs.
        advice: what to do.
    """

    def __init__(self, reason: str, advice: str) -> None:
        super().__init__(f"{reason}: {advice}")
        self.reason = reason


class StoreUnavailableError(StoreError):
    """The store cannot be used now: full, locked, gone. What was under way was undone."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason, "make room on its disk, or bring it back")


class VaultError(Exception):
    """What is stored does not decrypt: another key, another place, or altered bytes.

    Args:
        reason: stable code, for logs.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
