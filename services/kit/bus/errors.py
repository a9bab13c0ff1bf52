"""What can go wrong with the bus, one type per meaning. A refused message is a result, not an error."""

from __future__ import annotations


class BusError(Exception):
    """Any fault of the bus."""


class BusSettingsError(BusError):
    """A file that the settings name is missing, empty or unusable."""


class BusClosedError(BusError):
    """The bus was used before it was started or after it was stopped."""


class BusUnavailableError(BusError):
    """The broker was not reached in the time allowed."""


class CredentialsRefusedError(BusError):
    """The broker does not accept this user, password or virtual host."""


class TlsRefusedError(BusError):
    """The broker's certificate was not issued by our authority for its name, or ours was refused."""


class QueueRefusedError(BusError):
    """The queue does not exist or this user may not read it."""
