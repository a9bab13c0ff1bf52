"""Where one's own process should be found, and what there is to say where it is not."""

from typing import Final

from services.kit.doctor.finding import Finding, passed, warned
from services.kit.doctor.wire import UnreachableError, reach
from services.kit.settings import Listen

_LOOPBACK: Final = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104  # where to call who listens on all


def own_place(listen: Listen) -> tuple[str, int]:
    """Host and port at which a process that listens so is called on its machine."""
    return _LOOPBACK.get(listen.host, listen.host), listen.port


def find_fault(place: tuple[str, int]) -> Finding | None:
    """Why one's own process is not asked anything; None if it is there."""
    host, port = place
    if not port:
        return passed("process", "not asked: it takes any free port")
    try:
        with reach(host, port):
            return None
    except UnreachableError:
        return warned(
            "process", f"does not run: nothing listens on {host}:{port}. Start it when the rest is well"
        )
