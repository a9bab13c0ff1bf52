"""Why a database cannot be opened, one type per meaning; each says what to do and quotes no secret."""


class DatabaseError(Exception):
    """The database cannot be opened as it is.

    Args:
        reason: stable code, for logs.
        advice: what to do.
    """

    def __init__(self, reason: str, advice: str) -> None:
        super().__init__(advice)
        self.reason = reason


class DatabaseUrlError(DatabaseError):
    """The URL, or the files that belong to it, are not of a kind that is supported."""


class DatabaseInUseError(DatabaseError):
    """Another process uses the database."""


class DatabaseUnfitError(DatabaseError):
    """It cannot be used to keep anything: a file that cannot be opened, a server that may forget."""
