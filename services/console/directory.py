"""What organisations and desks are called, by the directory as the own organisation's service has it."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from threading import Lock
from typing import Final

import structlog
from publicprotection.exchange.v1.directory_service_pb2 import ListOrganisationsRequest, Organisation

from services.console.errors import PageError

LASTS_S: Final = 300
"""How long names are used before they are asked for again."""

_AGAIN_S: Final = 10
"""How long until the next try after one that failed."""

_log = structlog.get_logger(__name__)

Listing = Callable[[], Mapping[str, Organisation]]


@dataclass
class _Known:
    entries: Mapping[str, Organisation] = field(default_factory=dict)
    look_again: float = 0.0


class Directory:
    """Names by id; an id stands for itself while the directory cannot be had.

    Args:
        fetch: asks for the directory.
        now: seconds that only grow.
    """

    def __init__(self, fetch: Listing, now: Callable[[], float] = time.monotonic) -> None:
        self._fetch: Final = fetch
        self._now: Final = now
        self._turn: Final = Lock()
        self._known = _Known()

    def entries(self) -> Mapping[str, Organisation]:
        """Everybody who takes part, by id; empty while nothing could be had."""
        if self._now() >= self._known.look_again:
            with self._turn:
                if self._now() >= self._known.look_again:
                    self._known = self._look()
        return self._known.entries

    def name_of(self, organisation: str) -> str:
        """An organisation's name."""
        found = self.entries().get(organisation)
        return found.name if found is not None and found.name else organisation

    def desk_of(self, organisation: str, desk: str) -> str:
        """A desk's name."""
        found = self.entries().get(organisation)
        names = {each.desk: each.name for each in found.desks} if found is not None else {}
        return names.get(desk) or desk

    def _look(self) -> _Known:
        try:
            return _Known(self._fetch(), self._now() + LASTS_S)
        except PageError as error:
            _log.warning("directory_unavailable", reason=error.reason)
            return _Known(self._known.entries, self._now() + _AGAIN_S)


LISTING: Final = ListOrganisationsRequest()
