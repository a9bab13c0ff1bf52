"""A thread of the rehearsal, taken apart: what of its rows is the same every time, and what differs.

Only texts, numbers and commitments that the gateway makes of ids, times, salts and people differ; the codes,
paths and outcomes of each row are those of the gateway's own decision.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from deploy.area.keys import RehearsalKeys
from deploy.area.play import Thread
from deploy.area.slots import Pieces, Places
from deploy.area.snapshot import COLUMNS, LISTINGS, Rows, Values
from gateway.adapters.database.tables import METADATA
from gateway.adapters.database.types import Instant
from gateway.app.digests import blind_subject
from gateway.app.records import commitment, read_text, salt_name
from gateway.app.resting import open_at_rest
from gateway.app.rows import TextRow
from services.kit.evidence.canonical import canonical
from services.kit.evidence.values import JsonValue

TEXT: Final = 0
TIME: Final = 1
RANDOM: Final = 2
PLACE: Final = 3
"""What is done to a column: places of a text are filled, a time is moved, random octets take its place, or
the position that the exchange now has in the register."""

BY_THEMSELVES: Final = frozenset(
    {
        "log_record",
        "log_listing",
        "text",
        "subject",
        "subject_trace",
        "subject_description",
        "subject_case_text",
        "subject_told",
        "subject_link",
    }
)
"""Tables whose rows take more than filling places in."""

_INSTANTS: Final = {
    table.name: {column.name for column in table.columns if isinstance(column.type, Instant)}
    for table in METADATA.sorted_tables
}
_RANDOM_OCTETS: Final = frozenset({"request_key", "leaf_digest"})
_EMPTIED: Final = frozenset({("packet", "ciphertext"), ("submission", "ciphertext")})


@dataclass(frozen=True, slots=True)
class RowPlan:
    """A row: values that are the same, and what is done to the others (column, what, with what)."""

    table: str
    base: Values
    changes: tuple[tuple[int, int, Any], ...]


@dataclass(frozen=True, slots=True)
class RecordPlan:
    """A record of the log: its entry, and under whom it is listed (people by place; organisations as is)."""

    place: int
    entry: str | Pieces
    kind: str
    exchange: str | Pieces | None
    at_us: int
    retention: str | None
    people: tuple[int, ...]
    listed: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class TextPlan:
    """A text beside the log: where it stands, what it says, and the place of its commitment if it has one."""

    scope: str | Pieces
    name: str
    exchange: str | Pieces | None
    key_scope: str | Pieces
    text: bytes
    place: int | None


@dataclass(frozen=True, slots=True)
class SaidPlan:
    """What a document says of somebody: their place (None: they have no entry), and whom that was told."""

    person: int | None
    content: Mapping[str, Any]
    told: tuple[tuple[str, str, str], ...]
    beside: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class SealPlan:
    """A seal that is still kept: of which exchange, with which leaves, its hash's place, and when."""

    exchange: int
    sender: str
    seal_hash: int
    leaves: Mapping[str, JsonValue]
    at_us: int


@dataclass(frozen=True)
class Template:
    """A thread taken apart.

    Attributes:
        people: of each subject its place, and whether it is that of the case; in a fixed order.
        committed: places of commitments to people, with the places of the person and of the nonce.
        exchanges: when each exchange was decided, microseconds since 1970.
    """

    thread: Thread
    places: Places
    people: tuple[tuple[int, str, bool], ...]
    committed: tuple[tuple[int, int, int], ...]
    records: tuple[RecordPlan, ...]
    texts: tuple[TextPlan, ...]
    said: tuple[SaidPlan, ...]
    seals: tuple[SealPlan, ...]
    rows: tuple[RowPlan, ...]
    exchanges: tuple[int, ...]
    weight: float = 1.0

    @property
    def began_us(self) -> int:
        """When its first exchange was decided."""
        return self.exchanges[0]


@dataclass
class Compiler:
    """Takes threads apart.

    Args:
        keys: of the rehearsal: what it encrypted is read again.
    """

    keys: RehearsalKeys = field(repr=False)

    def __post_init__(self) -> None:
        self._by_nonce: dict[str, list[tuple[str, bytes]]] = {}
        for (scope, name), salt in self.keys.salts.items():
            if scope.startswith("subject:"):
                self._by_nonce.setdefault(name, []).append((scope.removeprefix("subject:"), salt))

    def compile(self, thread: Thread, rows: Rows) -> Template:
        """A thread at the moment of a snapshot."""
        records = [_named("log_record", row) for row in rows.get("log_record", ())]
        mentions = [_named("subject_mention", row) for row in rows.get("subject_mention", ())]
        subjects = {_named("subject", row)["subject_id"] for row in rows.get("subject", ())}
        texts = [TextRow(**_named("text", row)) for row in rows.get("text", ())]
        committed = list(self._committed(records))
        places = Places(_hashes(rows), frozenset(subjects))
        stated = {self._commitment(text): text for text in texts}
        places.known.update(dict.fromkeys(stated, "text"))
        places.known.update({each: "person" for each, _, _ in committed})
        return Template(
            thread=thread,
            places=places,
            people=_people(places, mentions),
            committed=tuple(tuple(map(places.place, each)) for each in committed),  # type: ignore[misc]
            records=tuple(self._records(places, records, rows, subjects)),
            texts=tuple(self._texts(places, texts, stated)),
            said=tuple(self._said(places, rows)),
            seals=tuple(_seals(places, thread, rows)),
            rows=tuple(_row_plans(places, rows)),
            exchanges=tuple(_named("exchange", row)["decided_at"] for row in rows["exchange"]),
        )

    def _committed(self, records: Iterable[Mapping[str, Any]]) -> Iterable[tuple[str, str, str]]:
        """Commitments to people: hash, made-up id and nonce."""
        for record in records:
            nonce = json.loads(record["entry"])["nonce"]
            for subject, salt in self._by_nonce.get(nonce, ()):
                yield commitment(salt, canonical(subject)), subject, nonce

    def _commitment(self, row: TextRow) -> str:
        salt = self.keys.salts[row.key_scope, salt_name(row.scope, row.name)]
        return commitment(salt, read_text(row, self.keys.keys[row.key_scope]))

    def _texts(
        self, places: Places, texts: Iterable[TextRow], stated: Mapping[str, TextRow]
    ) -> Iterable[TextPlan]:
        hashes = {id(row): each for each, row in stated.items()}
        for row in texts:
            text, own = read_text(row, self.keys.keys[row.key_scope]), hashes.get(id(row))
            yield TextPlan(
                places.split(row.scope),
                row.name,
                None if row.exchange_id is None else places.split(row.exchange_id),
                places.split(row.key_scope),
                text,
                None if own is None else places.by_text.get(own),
            )

    def _records(
        self, places: Places, records: Sequence[Mapping[str, Any]], rows: Rows, subjects: Iterable[str]
    ) -> Iterable[RecordPlan]:
        listed: dict[int, list[bytes]] = {}
        for under, position in rows.get("log_listing", ()):
            listed.setdefault(position, []).append(bytes(under))
        blind = {blind_subject(self.keys, each): each for each in subjects}
        for record in records:
            under = listed.get(record["position"], [])
            yield RecordPlan(
                places.place(record["record_hash"]),
                places.split(record["entry"]),
                record["type"],
                None if record["exchange_id"] is None else places.split(record["exchange_id"]),
                record["at"],
                record["retention_class"],
                tuple(places.place(blind[each]) for each in under if each in blind),
                tuple(each for each in under if each not in blind),
            )

    def _said(self, places: Places, rows: Rows) -> Iterable[SaidPlan]:
        told: dict[bytes, list[tuple[str, str, str]]] = {}
        for text_id, *whom in rows.get("subject_told", ()):
            told.setdefault(bytes(text_id), []).append(tuple(whom))
        beside: dict[bytes, list[int]] = {}
        for subject, text_id in rows.get("subject_case_text", ()):
            beside.setdefault(bytes(text_id), []).append(places.place(subject))
        for row in rows.get("subject_description", ()):
            text_id, party, scope, ciphertext = row
            place = ("subject-description", bytes(text_id).hex(), scope)
            content = json.loads(open_at_rest(bytes(ciphertext), self.keys.keys[scope], place))
            person = None if party is None else places.place(party)
            key = bytes(text_id)
            yield SaidPlan(person, content, tuple(told.get(key, ())), tuple(beside.get(key, ())))


def _hashes(rows: Rows) -> dict[str, str]:
    known = {_named("log_record", row)["record_hash"]: "record" for row in rows.get("log_record", ())}
    known |= {_named("submission", row)["seal_hash"]: "seal" for row in rows.get("submission", ())}
    return known | {_named("delivery", row)["statement_hash"]: "seal" for row in rows.get("delivery", ())}


def _people(places: Places, mentions: Iterable[Mapping[str, Any]]) -> tuple[tuple[int, str, bool], ...]:
    found: dict[str, tuple[str, bool]] = {}
    for row in mentions:
        about, is_case = found.get(row["subject_id"], ("", False))
        found[row["subject_id"]] = (about or row["about"], is_case or bool(row["is_case"]))
    return tuple((places.place(each), *how) for each, how in found.items())


def _seals(places: Places, thread: Thread, rows: Rows) -> Iterable[SealPlan]:
    for row in rows.get("submission", ()):
        kept = _named("submission", row)
        if kept["ciphertext"] is not None and kept["exchange_id"] in thread.exchanges:
            leaves = thread.exchanges[kept["exchange_id"]]
            hashed = places.place(kept["seal_hash"])
            yield SealPlan(
                places.place(kept["exchange_id"]), kept["sender"], hashed, leaves, kept["issued_at"]
            )


def _row_plans(places: Places, rows: Rows) -> Iterable[RowPlan]:
    order = {row[0]: number for number, row in enumerate(rows["exchange"])}
    for table, kept in rows.items():
        if table not in BY_THEMSELVES:
            yield from (_row_plan(places, table, row, order) for row in kept)


def _row_plan(places: Places, table: str, row: Values, order: Mapping[int, int]) -> RowPlan:
    base = list(row)
    changes: list[tuple[int, int, Any]] = []
    for number, (column, value) in enumerate(zip(COLUMNS[table], row, strict=True)):
        if (table, column) in _EMPTIED:
            base[number] = None
        elif column == "position" and table in LISTINGS:
            changes.append((number, PLACE, order[value]))
        elif column in _INSTANTS[table] and value is not None:
            changes.append((number, TIME, value))
        elif column in _RANDOM_OCTETS and value is not None:
            changes.append((number, RANDOM, len(value)))
        elif isinstance(value, str) and not isinstance(pieces := places.split(value), str):
            changes.append((number, TEXT, pieces))
    return RowPlan(table, tuple(base), tuple(changes))


def _named(table: str, row: Values) -> dict[str, Any]:
    return dict(zip(COLUMNS[table], row, strict=True))
