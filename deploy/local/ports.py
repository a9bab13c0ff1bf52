"""Free ports on the loopback interface."""

from __future__ import annotations

import secrets
import socket
from typing import Final

LOOPBACK: Final = "127.0.0.1"
# Below the range that Linux gives to outgoing connections, so that a restarted process finds its port free.
_RANGE: Final = range(20_000, 32_000)
_ATTEMPTS: Final = 1_000


class NoFreePortError(OSError):
    """The loopback interface has no port left in the range used here."""


def choose_ports(count: int) -> list[int]:
    """Choose distinct ports that are free now; nothing keeps them, so use them soon.

    Raises:
        NoFreePortError: After a thousand attempts there were not enough.
    """
    chosen: set[int] = set()
    for _ in range(_ATTEMPTS):
        if len(chosen) == count:
            return sorted(chosen)
        port = secrets.choice(_RANGE)
        if port not in chosen and _is_free(port):
            chosen.add(port)
    raise NoFreePortError(f"found {len(chosen)} of {count} free ports on {LOOPBACK}")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True
