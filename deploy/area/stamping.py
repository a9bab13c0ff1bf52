"""A thread told anew: another subject, other ids and times; the records and commitments that come of it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any, Final

from deploy.area.batch import POSITIONED, Batch
from deploy.area.register import Entry, Household, Register
from deploy.area.slots import Shift, fill
from deploy.area.snapshot import COLUMNS
from deploy.area.template import PLACE, RANDOM, TEXT, TIME, RowPlan, SaidPlan, SealPlan, Template
from gateway.app.records import commitment, salt_name
from gateway.app.resting import close_at_rest
from gateway.app.scopes import exchange_scope, subject_scope
from services.kit.evidence.keys import SigningKey
from services.kit.evidence.merkle import record_hash
from services.kit.evidence.seal import seal

_SALT: Final = 16
_KEY: Final = 32
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_PUBLISHED: Final = COLUMNS["packet"].index("published_at")
_CREATED: Final = COLUMNS["packet"].index("created_at")
_AS_SENT: Final = 40_000
"""Microseconds after which a packet is published."""


@dataclass(frozen=True, slots=True)
class Telling:
    """One thread as it is told: which, about whom, moved by how much.

    Attributes:
        exchanges: positions of its exchanges in the register.
        records: indexes of its records in the log.
    """

    template: Template
    household: Household
    shift: Shift
    exchanges: Sequence[int]
    records: Sequence[int]


@dataclass
class Stamper:
    """Makes the rows of threads.

    Args:
        leaves: where the leaf hash of each record is put, by index.
        first_position: of the first record, less its index.
    """

    register: Register
    random: Random = field(repr=False)
    entropy: Callable[[int], bytes] = field(repr=False)
    signing: dict[str, SigningKey] = field(repr=False)
    leaves: bytearray = field(repr=False)
    first_index: int
    ahead: int

    def stamp(self, batch: Batch, told: Telling) -> None:
        """Adds a thread's rows to a batch."""
        template = told.template
        values: list[Any] = [None] * template.places.count
        self._fill_simple(values, told)
        people = self._people(batch, values, told)
        keys: dict[str, bytes] = {}
        ciphertexts = self._seal_again(values, told, keys)
        self._write_texts(batch, values, template, keys)
        self._commit_people(batch, values, template, people)
        self._write_records(batch, values, told, people)
        self._write_rows(batch, values, told, ciphertexts)
        for plan in template.said:
            self._say(batch, told, plan, people)
        batch.keys.extend(keys.items())

    def _fill_simple(self, values: list[Any], told: Telling) -> None:
        bits = self.random.getrandbits
        for place in told.template.places.ids:
            values[place] = f"{bits(128):032x}"
        for place in told.template.places.hashes:
            values[place] = f"{bits(256):064x}"
        for place, moment in told.template.places.times:
            values[place] = moment.write(told.shift)

    def _people(self, batch: Batch, values: list[Any], told: Telling) -> dict[int, tuple[str, Entry]]:
        """By place: what somebody is in the household, and their entry."""
        found: dict[int, tuple[str, Entry]] = {}
        at_us = told.shift.of(told.template.began_us)
        for number, (place, about, is_case) in enumerate(told.template.people):
            who = "CASE" if is_case else f"{about}{number}"
            entry = self.register.entry(batch, told.household, who, at_us)
            found[place], values[place] = (who, entry), entry.subject_id
        return found

    def _seal_again(self, values: list[Any], told: Telling, keys: dict[str, bytes]) -> dict[str, bytes]:
        """Seals that are still kept, of the same leaves about this subject; encrypted, by exchange."""
        found = {}
        for plan in told.template.seals:
            exchange = values[plan.exchange]
            made = self._seal(plan, exchange, told)
            values[plan.seal_hash] = made.seal_hash
            key = keys.setdefault(exchange_scope(exchange), self.entropy(_KEY))
            place = ("submission", exchange)
            found[exchange] = close_at_rest(made.compact.encode("ascii"), key, place, self.entropy)
        return found

    def _seal(self, plan: SealPlan, exchange: str, told: Telling) -> Any:
        before, now = told.template.thread.about, told.household.about
        renamed = {
            before.family: now.family,
            before.given: now.given,
            before.identifier: now.identifier,
        }
        leaves = {
            path: renamed.get(value, value) if isinstance(value, str) else value
            for path, value in plan.leaves.items()
        }
        at = told.shift.of(plan.at_us)
        issued = _EPOCH + timedelta(microseconds=at)
        return seal(leaves, exchange_id=exchange, issued_at=issued, key=self.signing[plan.sender])

    def _write_texts(
        self, batch: Batch, values: list[Any], template: Template, keys: dict[str, bytes]
    ) -> None:
        for plan in template.texts:
            scope, key_scope = fill(plan.scope, values), fill(plan.key_scope, values)
            salt, key = self.entropy(_SALT), keys.get(key_scope)
            if key is None:
                key = keys[key_scope] = self.entropy(_KEY)
            ciphertext = close_at_rest(plan.text, key, (scope, plan.name), self.entropy)
            exchange = None if plan.exchange is None else fill(plan.exchange, values)
            batch.rows["text"].append((scope, plan.name, exchange, key_scope, ciphertext))
            batch.salts.append((key_scope, salt_name(scope, plan.name), salt))
            if plan.place is not None:
                values[plan.place] = commitment(salt, plan.text)

    def _commit_people(
        self, batch: Batch, values: list[Any], template: Template, people: dict[int, tuple[str, Entry]]
    ) -> None:
        for place, person, nonce in template.committed:
            salt, (_, entry) = self.entropy(_SALT), people[person]
            batch.salts.append((subject_scope(entry.subject_id), values[nonce], salt))
            values[place] = commitment(salt, entry.written)

    def _write_records(
        self, batch: Batch, values: list[Any], told: Telling, people: dict[int, tuple[str, Entry]]
    ) -> None:
        for plan, index in zip(told.template.records, told.records, strict=True):
            entry = fill(plan.entry, values)
            leaf = values[plan.place] = record_hash(entry.encode())
            start = (index - self.first_index) * 32
            self.leaves[start : start + 32] = bytes.fromhex(leaf)
            exchange = None if plan.exchange is None else fill(plan.exchange, values)
            at, position = told.shift.of(plan.at_us), index + self.ahead
            batch.rows["log_record"].append(
                (position, entry, leaf, plan.kind, exchange, at, index, plan.retention)
            )
            under = {*plan.listed, *(people[place][1].listed for place in plan.people)}
            batch.rows["log_listing"].extend((each, position) for each in under)

    def _write_rows(
        self, batch: Batch, values: list[Any], told: Telling, ciphertexts: dict[str, bytes]
    ) -> None:
        exchanges = iter(told.exchanges)
        for plan in told.template.rows:
            row = self._row(plan, values, told)
            if plan.table == "exchange":
                row[0] = next(exchanges)
            elif plan.table in POSITIONED:
                batch.positions[plan.table] += 1
                row[0] = batch.positions[plan.table]
            elif plan.table == "submission":
                row[-1] = ciphertexts.get(row[0])
            if plan.table == "packet" and row[_PUBLISHED] is None:
                row[_PUBLISHED] = row[_CREATED] + _AS_SENT
            batch.rows[plan.table].append(tuple(row))

    def _row(self, plan: RowPlan, values: list[Any], told: Telling) -> list[Any]:
        row = list(plan.base)
        for column, what, how in plan.changes:
            if what == TEXT:
                row[column] = fill(how, values)
            elif what == TIME:
                row[column] = told.shift.of(how)
            elif what == RANDOM:
                row[column] = self.random.randbytes(how)
            elif what == PLACE:
                row[column] = told.exchanges[how]
        return row

    def _say(self, batch: Batch, told: Telling, plan: SaidPlan, people: dict[int, tuple[str, Entry]]) -> None:
        who = (
            people[plan.person][0]
            if plan.person is not None
            else f"NAMED {plan.content['names'].get('name')}"
        )
        beside = [people[place][1].subject_id for place in plan.beside if place in people]
        self.register.say(batch, told.household, who, plan.content, beside, plan.told)
