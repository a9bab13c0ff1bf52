"""The lines of an export of the log (docs/log-form.md): JSON, one object a line, read strictly.

A header; then records by index, and before the first record of each tile that a run touches, that tile; then
a last line with counts, so that a file cut short is noticed.
"""

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, TypeVar

from services.kit.evidence.canonical import parse_strictly
from services.kit.evidence.errors import BundleRefusedError, CanonicalFormError
from services.kit.evidence.merkle import HASH_OCTETS

VERSION: Final = 1
TILE_WIDTH: Final = 256
SALT_OCTETS: Final = 16
MAX_LINE_OCTETS: Final = 32 << 20
"""The directory stands in one line."""

_MAX_SIZE: Final = 1 << 63
T = TypeVar("T")


class ScopeKind(StrEnum):
    """What an export is of."""

    EXCHANGE = "EXCHANGE"
    SUBJECT = "SUBJECT"
    PERIOD = "PERIOD"
    ALL = "ALL"


@dataclass(frozen=True, slots=True)
class Scope:
    """What an export is of.

    Attributes:
        kind: one exchange, one subject, a period, or everything.
        exchange: its id, for EXCHANGE.
        since: first moment, for PERIOD.
        until: first moment after, for PERIOD.
    """

    kind: ScopeKind
    exchange: str | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Run:
    """Neighbouring records: from index `start` up to `end`, exclusive."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Witnessed:
    """An earlier checkpoint that witnesses cosigned, and the path from there (RFC 9162 2.1.4)."""

    checkpoint: str
    consistency: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Header:
    """The first line.

    Attributes:
        scope: what the export is of.
        checkpoint: the note that everything is proven under, with cosignatures.
        directory: the signed directory, compact JWS.
        witnessed: an earlier checkpoint, where the first has not its majority yet.
        run: which records, where they are neighbours.
    """

    scope: Scope
    checkpoint: str
    directory: str
    witnessed: Witnessed | None = None
    run: Run | None = None


@dataclass(frozen=True, slots=True)
class TileLine:
    """The leaf hashes of one tile, and the path from its root to the checkpoint's."""

    tile: int
    hashes: tuple[bytes, ...]
    path: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Opened:
    """A text that an entry commits to: its name, the salt (16 octets), and its JSON value."""

    name: str
    salt: bytes
    value: Any


@dataclass(frozen=True, slots=True)
class RecordLine:
    """One record.

    Attributes:
        index: in the log.
        entry: canonical JSON; None once pruned.
        leaf: the leaf hash, where the entry is pruned.
        path: inclusion path, where the records are not a run.
        opened: texts shown.
    """

    index: int
    entry: str | None = None
    leaf: bytes | None = None
    path: tuple[bytes, ...] | None = None
    opened: tuple[Opened, ...] = ()


@dataclass(frozen=True, slots=True)
class EndLine:
    """The last line: how many records, how many of them pruned, how many texts shown."""

    records: int
    pruned: int
    opened: int


Line = Header | TileLine | RecordLine | EndLine


def read_line(octets: bytes) -> Line:
    """Reads one line; BundleRefusedError `malformed_line`, `line_too_long` or `version_unknown`."""
    if len(octets) > MAX_LINE_OCTETS:
        raise BundleRefusedError("line_too_long")
    try:
        members = parse_strictly(octets)
        return _READERS[members.pop("type")](members)
    except (CanonicalFormError, AttributeError, KeyError, TypeError, ValueError):
        raise BundleRefusedError("malformed_line") from None


def _read_header(members: dict[str, Any]) -> Header:
    if _number(members.pop("v")) != VERSION:
        raise BundleRefusedError("version_unknown")
    witnessed, run = members.pop("witnessed", None), members.pop("run", None)
    header = Header(
        scope=_read_scope(members.pop("scope")),
        checkpoint=_text(members.pop("checkpoint")),
        directory=_text(members.pop("directory")),
        witnessed=None if witnessed is None else read_witnessed(witnessed),
        run=None if run is None else _read_run(run),
    )
    return _whole(members, header)


def _read_scope(members: dict[str, Any]) -> Scope:
    kind = ScopeKind(members.pop("kind"))
    scope = Scope(kind)
    if kind is ScopeKind.EXCHANGE:
        scope = Scope(kind, exchange=_text(members.pop("exchange")))
    if kind is ScopeKind.PERIOD:
        since, until = read_time(members.pop("since")), read_time(members.pop("until"))
        if since >= until:
            raise ValueError("not a period")
        scope = Scope(kind, since=since, until=until)
    return _whole(members, scope)


def _read_run(members: dict[str, Any]) -> Run:
    run = Run(_number(members.pop("start")), _number(members.pop("end")))
    return _whole(members, run)


def read_witnessed(members: dict[str, Any]) -> Witnessed:
    """Reads an earlier checkpoint; ValueError, TypeError or KeyError if it is none."""
    witnessed = Witnessed(_text(members.pop("checkpoint")), read_path(members.pop("consistency")))
    return _whole(members, witnessed)


def _read_tile(members: dict[str, Any]) -> TileLine:
    text = _text(members.pop("hashes"))
    octets = base64.b64decode(text, validate=True)
    if not octets or len(octets) % HASH_OCTETS or base64.b64encode(octets).decode("ascii") != text:
        raise ValueError("not a tile")
    hashes = tuple(octets[at : at + HASH_OCTETS] for at in range(0, len(octets), HASH_OCTETS))
    return _whole(members, TileLine(_number(members.pop("tile")), hashes, read_path(members.pop("path"))))


def _read_record(members: dict[str, Any]) -> RecordLine:
    entry, leaf = members.pop("entry", None), members.pop("leaf", None)
    if (entry is None) is (leaf is None):
        raise ValueError("either the entry or its hash")
    path = members.pop("path", None)
    record = RecordLine(
        index=_number(members.pop("index")),
        entry=None if entry is None else _text(entry),
        leaf=None if leaf is None else _hash(leaf),
        path=None if path is None else read_path(path),
        opened=tuple(_read_opened(each) for each in members.pop("opened", ())),
    )
    return _whole(members, record)


def _read_opened(members: dict[str, Any]) -> Opened:
    text = _text(members.pop("salt"))
    salt = bytes.fromhex(text)
    if len(salt) != SALT_OCTETS or salt.hex() != text:  # of one length, so that none of it can pass for text
        raise ValueError("not a salt")
    return _whole(members, Opened(_text(members.pop("name")), salt, members.pop("value")))


def _read_end(members: dict[str, Any]) -> EndLine:
    return _whole(members, EndLine(*(_number(members.pop(name)) for name in ("records", "pruned", "opened"))))


_READERS: Final[Mapping[str, Callable[[dict[str, Any]], Line]]] = {
    "header": _read_header,
    "tile": _read_tile,
    "record": _read_record,
    "end": _read_end,
}


def read_path(value: Any) -> tuple[bytes, ...]:
    """Reads a list of hashes in hexadecimal; ValueError or TypeError if it is none."""
    if not isinstance(value, list):
        raise TypeError("not a list")
    return tuple(map(_hash, value))


def read_time(value: Any) -> datetime:
    """Reads an ISO 8601 time with its offset; ValueError or TypeError if it is none."""
    moment = datetime.fromisoformat(_text(value))
    if moment.tzinfo is None:
        raise ValueError("without offset")
    return moment


def _hash(value: Any) -> bytes:
    octets = bytes.fromhex(_text(value))
    if len(octets) != HASH_OCTETS or octets.hex() != value:
        raise ValueError("not a hash")
    return octets


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("not a string")
    return value


def _number(value: Any) -> int:
    if type(value) is not int or not 0 <= value < _MAX_SIZE:
        raise TypeError("not a number")
    return value


def _whole(members: Mapping[str, Any], read: T) -> T:
    """What was read, if nothing is left over: an unknown member may mean something to its writer."""
    if members:
        raise ValueError("unknown member")
    return read
