"""The subject register of an area: its people, under made-up ids, with what was said of them, encrypted."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any, Final

from publicprotection.common.v1.person_pb2 import IdentifierSystem

from deploy.area.batch import Batch
from deploy.area.names import OFFENDER, Invented, invent
from gateway.app.digests import blind_subject
from gateway.app.key_ports import KeyStore
from gateway.app.resting import close_at_rest
from gateway.app.scopes import subject_scope
from gateway.app.subject_indexes import blind_identifier, blind_trace
from gateway.core.freetext.model import PartyNames
from gateway.core.subjects.people import Birth, GivenName, StatedIdentifier, StatedPerson, compared
from gateway.core.subjects.traces import traces_of
from services.kit.evidence.canonical import canonical

_KEY: Final = 32


@dataclass
class Entry:
    """Somebody's entry: the made-up id, its canonical form, and under what the log lists them."""

    subject_id: str
    written: bytes
    listed: bytes


@dataclass
class Household:
    """A subject, and whom documents name beside them.

    Attributes:
        people: by what they are here: the subject of the case, or the first child, and so on.
    """

    number: int
    about: Invented
    people: dict[str, tuple[Invented, Entry | None]] = field(default_factory=dict)
    texts: dict[tuple[str, str], bytes] = field(default_factory=dict)
    noted: set[tuple[Any, ...]] = field(default_factory=set)


class Register:
    """Makes entries as they are first needed.

    Args:
        key_store: whose digests are looked for later.
        random: makes ids.
        entropy: makes keys.
    """

    def __init__(self, key_store: KeyStore, random: Random, entropy: Any) -> None:
        self._key_store = key_store
        self._random = random
        self._entropy = entropy
        self._keys: dict[str, bytes] = {}

    def entry(self, batch: Batch, household: Household, who: str, at_us: int) -> Entry:
        """The entry of the subject (`CASE`) or of somebody beside them."""
        person, entry = household.people.get(who, (None, None))
        if entry is None:
            person = person or self._invent(household, who)
            entry = self._make(batch, person if who == "CASE" else None, at_us)
            household.people[who] = (person, entry)
        return entry

    def say(  # noqa: PLR0913, PLR0917  # whom, what, and who was told
        self,
        batch: Batch,
        household: Household,
        who: str,
        content: Mapping[str, Any],
        beside: Iterable[str],
        told: Iterable[tuple[str, str, str]],
    ) -> None:
        """Notes what an organisation says of somebody, beside whom, and who was told; each of it once."""
        text_id = household.texts.get((who, content["owner"]))
        if text_id is None:
            text_id = self._describe(batch, household, who, content)
            household.texts[who, content["owner"]] = text_id
        for subject_id in beside:
            self._note(batch, household, "subject_case_text", (subject_id, text_id))
        for whom in told:
            self._note(batch, household, "subject_told", (text_id, *whom))

    def _note(self, batch: Batch, household: Household, table: str, row: tuple[Any, ...]) -> None:
        if (table, row) not in household.noted:
            household.noted.add((table, row))
            batch.rows[table].append(row)

    def _invent(self, household: Household, who: str) -> Invented:
        if who == "CASE":
            return household.about
        made = invent(0, OFFENDER, Random(f"{household.number} {who}"))  # noqa: S311  # a name
        family = household.about.family if who.startswith("CHILD") else made.family
        return Invented(made.kind, made.given, family, made.birth, "")

    def _make(self, batch: Batch, person: Invented | None, at_us: int) -> Entry:
        subject_id = f"{self._random.getrandbits(128):032x}"
        entry = Entry(subject_id, canonical(subject_id), blind_subject(self._key_store, subject_id))
        blind, system = None, 0
        if person is not None and person.identifier:
            system = IdentifierSystem.Value(person.system)
            stated = StatedIdentifier(system, person.identifier, compared(person.identifier))
            blind = blind_identifier(self._key_store, stated, "")
        batch.add_positioned("subject", subject_id, at_us, system, blind)
        return entry

    def _describe(self, batch: Batch, household: Household, who: str, content: Mapping[str, Any]) -> bytes:
        person, entry = household.people.get(who, (None, None))
        person = person or self._invent(household, who)
        case = self.entry(batch, household, "CASE", 0)
        scope = subject_scope((entry or case).subject_id)
        said = canonical(_content(person, content))
        text_id = self._key_store.digest(canonical(["description", scope, said.decode()]))
        place = ("subject-description", text_id.hex(), scope)
        ciphertext = close_at_rest(said, self._key(batch, scope), place, self._entropy)
        party = None if entry is None else entry.subject_id
        if ("subject_description", text_id) not in household.noted:  # two of one name, said of by one
            household.noted.add(("subject_description", text_id))
            batch.rows["subject_description"].append((text_id, party, scope, ciphertext))
        for row in self._traces(person, party):
            self._note(batch, household, "subject_trace", row)
        return text_id

    def _traces(self, person: Invented, party: str | None) -> list[tuple[Any, ...]]:
        if party is None or not person.identifier:
            return []
        stated = StatedPerson(
            about="SUBJECT",
            is_case=True,
            identifiers=(),
            names=(GivenName(person.given, person.family),),
            birth=Birth(*person.birth),
            party=PartyNames(person.name),
            owner="",
        )
        return [(blind_trace(self._key_store, each), party, int(each.kind)) for each in traces_of(stated)]

    def _key(self, batch: Batch, scope: str) -> bytes:
        if scope not in self._keys:
            self._keys[scope] = self._entropy(_KEY)
            batch.keys.append((scope, self._keys[scope]))
        return self._keys[scope]


def _content(person: Invented, content: Mapping[str, Any]) -> dict[str, Any]:
    """What is said of somebody, with their name in the place of that of the rehearsal."""
    names: dict[str, Any] = {"name": person.name, "family": person.family}
    identifiers: list[list[Any]] = []
    birth = content["birth"]
    if person.identifier:
        identifiers = [[IdentifierSystem.Value(person.system), person.identifier]]
        names |= {"identifiers": [person.identifier], "births": [list(person.birth)]}
        birth = list(person.birth)
    kept = {"about": content["about"], "owner": content["owner"]}
    return {**kept, "names": names, "identifiers": identifiers, "birth": birth}
