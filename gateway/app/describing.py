"""What documents say of people, kept encrypted: for screens, and for texts that must not tell of them.

A description stands under the key of whom it describes, or, where they have no entry, of the subject beside
whom they were named; destroying that key erases it (design section 6).
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

from gateway.app.resting import close_at_rest, open_at_rest
from gateway.app.scopes import subject_scope
from gateway.app.subject_rows import CaseTextRow, DescriptionRow
from gateway.app.tools import Work
from gateway.core.freetext.model import PartyNames
from gateway.core.model import Desk, KnownParty
from gateway.core.subjects.people import Birth, StatedPerson
from services.kit.evidence.canonical import canonical, parse_strictly

_STAFF: Final = "STAFF"


@dataclass(frozen=True, slots=True)
class Party:
    """Somebody whom an exchange names, and the entries by which the register knows them; none for some."""

    person: StatedPerson
    entries: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Description:
    """What one document says of somebody.

    Attributes:
        text_id: its keyed digest.
        party_id: the entry that it describes; None for somebody who has none.
        identifiers: number of common.v1.IdentifierSystem, and value as written.
    """

    text_id: bytes
    party_id: str | None
    about: str
    owner: str
    names: PartyNames
    identifiers: tuple[tuple[int, str], ...]
    birth: Birth | None


@dataclass(frozen=True, slots=True)
class Text:
    """What a document says of somebody, in clear.

    Attributes:
        id: keyed digest of content and scope: the same said twice has one.
        party_id: the entry that it describes; None for somebody who has none.
        scope: whose data key is to encrypt it.
    """

    id: bytes
    person: StatedPerson
    party_id: str | None
    scope: str
    content: bytes


def state_people(work: Work, parties: Iterable[Party], subject_id: str) -> tuple[Text, ...]:
    """What a document says of each of whom it names; `subject_id` is the subject of its case."""
    return tuple(_text(work, party, subject_id) for party in parties)


async def describe_people(
    work: Work, texts: Iterable[Text], known: Collection[bytes]
) -> tuple[DescriptionRow, ...]:
    """What is new in texts about people, encrypted; `known` are ids of descriptions that there are."""
    fresh = {text.id: text for text in texts if text.id not in known}
    return tuple([await _close(work, text) for text in fresh.values()])


def find_beside(parties: Iterable[Party], subject_id: str, texts: Iterable[Text]) -> tuple[CaseTextRow, ...]:
    """Beside whom each is named: everybody who is not there as staff, and the subject of the case."""
    ids = dict.fromkeys(text.id for text in texts)
    beside = {subject_id} | {
        entry for party in parties if party.person.about != _STAFF for entry in party.entries
    }
    return tuple(CaseTextRow(entry, text_id) for entry in sorted(beside) for text_id in ids)


async def read_known_parties(
    work: Work, cases: Collection[str], said: Mapping[str, str]
) -> tuple[tuple[KnownParty, ...], frozenset[bytes]]:
    """Everybody whom earlier exchanges named beside the subject of the case, or as that subject.

    Args:
        work: the unit of work.
        cases: all entries of the subject of the case.
        said: from entry to whose data it is, where the exchange in hand says so itself.

    Returns:
        The parties, and the ids of the descriptions that say so.

    Raises:
        UnreadableError: a description was altered: nobody knows whom it would protect.
    """
    rows = await work.unit.subjects.case_texts(cases)
    kept = await read_descriptions(work, rows)
    told = await _read_told(work, kept)
    parties: dict[tuple[str, PartyNames, str], frozenset[tuple[Desk, str]]] = {}
    for each in kept:
        key = said.get(each.party_id or "", each.about), each.names, each.owner
        parties[key] = parties.get(key, frozenset()) | told.get(each.text_id, frozenset())
    known = tuple(KnownParty(*key, whom) for key, whom in parties.items())
    return known, frozenset(row.text_id for row in rows)


async def _read_told(
    work: Work, descriptions: Iterable[Description]
) -> dict[bytes, frozenset[tuple[Desk, str]]]:
    """From description to the desks that know what it says, and of which kind."""
    found: dict[bytes, set[tuple[Desk, str]]] = {}
    for row in await work.unit.subjects.told([each.text_id for each in descriptions]):
        found.setdefault(row.text_id, set()).add((Desk(row.organisation, row.desk), row.kind))
    return {text_id: frozenset(whom) for text_id, whom in found.items()}


async def read_descriptions(work: Work, rows: Iterable[DescriptionRow]) -> list[Description]:
    """Decrypts descriptions; those whose key was destroyed are gone.

    Raises:
        UnreadableError: one was altered or moved.
    """
    kept = list(rows)
    keys = await work.secrets.find_keys({row.key_scope for row in kept})
    return [_read(row, keys[row.key_scope]) for row in kept if row.key_scope in keys]


def _text(work: Work, party: Party, subject_id: str) -> Text:
    party_id = party.entries[0] if party.entries else None
    scope, content = subject_scope(party_id or subject_id), canonical(_content(party.person))
    text_id = work.tools.key_store.digest(canonical(["description", scope, content.decode()]))
    return Text(text_id, party.person, party_id, scope, content)


async def _close(work: Work, text: Text) -> DescriptionRow:
    key = await work.secrets.data_key(text.scope)
    ciphertext = close_at_rest(text.content, key, _place(text.id, text.scope), work.tools.entropy)
    return DescriptionRow(text.id, text.party_id, text.scope, ciphertext)


def _content(person: StatedPerson) -> dict[str, Any]:
    return {
        "about": person.about,
        "owner": person.owner,
        "names": {name: value for name, value in asdict(person.party).items() if value},
        "identifiers": sorted([each.system, each.written] for each in person.identifiers),
        "birth": list(person.birth or ()),
    }


def _read(row: DescriptionRow, key: bytes) -> Description:
    content = parse_strictly(open_at_rest(row.ciphertext, key, _place(row.text_id, row.key_scope)))
    return Description(
        text_id=row.text_id,
        party_id=row.party_id,
        about=content["about"],
        owner=content["owner"],
        names=_names(content["names"]),
        identifiers=tuple((int(system), written) for system, written in content["identifiers"]),
        birth=Birth(*content["birth"]) if content["birth"] else None,
    )


def _names(content: Mapping[str, Any]) -> PartyNames:
    parts: dict[str, Any] = {
        name: value if isinstance(value, str) else tuple(value) for name, value in content.items()
    }
    births = tuple(tuple(day) for day in parts.pop("births", ()))
    return PartyNames(**{"name": "", "births": births, **parts})


def _place(text_id: bytes, scope: str) -> tuple[str, ...]:
    """Where a description is kept, for encryption at rest."""
    return ("subject-description", text_id.hex(), scope)
