"""What the entries of an export say for themselves: their time, their exchange, the texts they commit to."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from services.kit.evidence.bundle_form import Opened, RecordLine, Run, Scope, ScopeKind, read_time
from services.kit.evidence.canonical import canonical, parse_strictly
from services.kit.evidence.errors import BundleRefusedError, CanonicalFormError
from services.kit.evidence.quorum import WITNESSED_WITHIN, Standing
from services.kit.evidence.vouching import Vouched
from services.kit.evidence.witnessing import CLOCK_SKEW

_LONG_AGO: Final = datetime.min.replace(tzinfo=UTC)
"""The age of a pruned entry: entries are pruned years later, so a quorum of theirs has long been due."""


@dataclass(slots=True)
class EntryCheck:
    """Checks entries one by one, in the order of their indices.

    Attributes:
        scope: of the export.
        vouched: the checkpoint.
        run: the run of records, where they are one.
        uncovered: records so far under no checkpoint that has its quorum.
    """

    scope: Scope
    vouched: Vouched
    run: Run | None
    uncovered: int = 0
    _newest: datetime | None = None
    _oldest_uncovered: datetime | None = None

    def check(self, line: RecordLine) -> None:
        """Checks one record; BundleRefusedError says what is wrong with it."""
        entry = None if line.entry is None else _parse(line.entry)
        at = None if entry is None else _read_at(entry)
        if at is not None:
            self._check_time(at)
            self._check_period(line.index, at)
        if entry is not None and self.scope.kind is ScopeKind.EXCHANGE:
            self._check_exchange(entry)
        _check_opened(entry, line.opened)
        self._count(line.index, at)

    def close(self) -> None:
        """Checks what the records together come to."""
        if self.standing() is Standing.FAILED:
            raise BundleRefusedError("no_majority", detail=self._describe())

    def standing(self) -> Standing:
        """Where the records stand with the policy; without any, where the checkpoint does."""
        if not self.uncovered and not self.vouched.covered:
            return self.vouched.standing
        return self.vouched.standing_of(self._oldest_uncovered)

    def _check_time(self, at: datetime) -> None:
        if at > self.vouched.signed.at + CLOCK_SKEW:
            raise BundleRefusedError("after_checkpoint")
        # Several processes write: times may step back a little, but no further than a witness's patience.
        if self._newest is not None and self._newest - at > WITNESSED_WITHIN:
            raise BundleRefusedError("back_dated")
        self._newest = at if self._newest is None else max(self._newest, at)

    def _check_period(self, index: int, at: datetime) -> None:
        """A period is shown whole by one record before it and one after it, where the log has them."""
        since, until = self.scope.since, self.scope.until
        if self.run is None or since is None or until is None:
            return
        if index == self.run.start and index != 0 and at >= since:
            raise BundleRefusedError("period_not_whole", detail="the first record")
        last = self.vouched.signed.checkpoint.size - 1
        if index == self.run.end - 1 and index != last and at < until:
            raise BundleRefusedError("period_not_whole", detail="the last record")

    def _check_exchange(self, entry: dict[str, Any]) -> None:
        if entry.get("exchange") != self.scope.exchange:
            raise BundleRefusedError("other_exchange")

    def _count(self, index: int, at: datetime | None) -> None:
        if index < self.vouched.covered:
            return
        self.uncovered += 1
        stated = at or _LONG_AGO
        self._oldest_uncovered = min(stated, self._oldest_uncovered or stated)

    def _describe(self) -> str:
        oldest = self._oldest_uncovered
        if oldest is None:
            return self.vouched.describe()
        age = "pruned" if oldest == _LONG_AGO else f"of {oldest:%Y-%m-%d %H:%M}"
        return f"{self.vouched.describe()}; {self.uncovered} records uncovered, the oldest {age}"


def _parse(text: str) -> dict[str, Any]:
    try:
        entry = parse_strictly(text)
    except CanonicalFormError:
        entry = None
    if not isinstance(entry, dict):
        raise BundleRefusedError("malformed_entry")
    return entry


def _read_at(entry: dict[str, Any]) -> datetime:
    try:
        return read_time(entry["at"])
    except (KeyError, TypeError, ValueError):
        raise BundleRefusedError("malformed_entry", detail="at") from None


def _check_opened(entry: dict[str, Any] | None, opened: tuple[Opened, ...]) -> None:
    """Each text must be one that the entry commits to: SHA-256 over salt and canonical JSON, hexadecimal."""
    if not opened:
        return
    commitments = set(_strings(entry))
    for each in opened:
        if hashlib.sha256(each.salt + canonical(each.value)).hexdigest() not in commitments:
            raise BundleRefusedError("opened_mismatch")


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from _strings(each)
    elif isinstance(value, list):
        for each in value:
            yield from _strings(each)
