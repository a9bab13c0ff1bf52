"""The subject register: which made-up id an exchange is about.

Identifiers are compared exactly, as keyed digests. Two are linked only where one sealed document states both;
where a document states identifiers of two known subjects, nothing is linked and the conflict is recorded.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from google.protobuf.message import Message
from publicprotection.common.v1 import person_pb2
from publicprotection.privacy.v1 import privacy_pb2

from gateway.app.records import RecordType, record
from gateway.app.tools import Work
from services.kit.evidence.canonical import canonical

# Whom a document is chiefly about. Victims, children and others are not subjects of their own here.
_ROOTS: Final = frozenset({privacy_pb2.ABOUT_SUBJECT, privacy_pb2.ABOUT_ADULT_AT_RISK})
_SYSTEMS: Final = person_pb2.IdentifierSystem.DESCRIPTOR.values_by_number
_PREFIX: Final = "IDENTIFIER_SYSTEM_"
_NOISE: Final = re.compile(r"[^0-9A-Z]")


@dataclass(frozen=True, slots=True)
class Subject:
    """The subject of an exchange, and whether its identifiers belong to several."""

    subject_id: str
    conflict: bool = False


async def find_subject(work: Work, exchange_id: str, sender: str, document: Message) -> Subject:
    """Finds or makes the subject of a document, linking identifiers that it states together."""
    systems = dict(_indexes(work, sender, document))
    known = await work.unit.subjects.known(list(systems)) if systems else {}
    owners = list(dict.fromkeys(known[index] for index in systems if index in known))
    if not owners:
        return await _make(work, systems)
    if len(owners) > 1:
        await record(
            work, RecordType.SUBJECT_CONFLICT, exchange=exchange_id, sender=sender, subjects=sorted(owners)
        )
        return Subject(owners[0], conflict=True)
    await _link(work, exchange_id, owners[0], {i: s for i, s in systems.items() if i not in known})
    return Subject(owners[0])


async def _make(work: Work, systems: Mapping[bytes, int]) -> Subject:
    subject_id = work.tools.new_id()
    await work.unit.subjects.add(subject_id, work.at)
    await work.unit.subjects.identify(subject_id, systems, work.at)
    return Subject(subject_id)


async def _link(work: Work, exchange_id: str, subject_id: str, systems: Mapping[bytes, int]) -> None:
    if not systems:
        return
    await work.unit.subjects.identify(subject_id, systems, work.at)
    names = sorted({_SYSTEMS[system].name.removeprefix(_PREFIX) for system in systems.values()})
    await record(work, RecordType.SUBJECT_LINKED, exchange=exchange_id, subject=subject_id, systems=names)


def _indexes(work: Work, sender: str, document: Message) -> Iterator[tuple[bytes, int]]:
    for identifier in identifiers_of(document):
        # A number of one organisation's own system means nothing outside of it.
        local = identifier.system == person_pb2.IDENTIFIER_SYSTEM_LOCAL
        value = _NOISE.sub("", identifier.value.upper())
        if identifier.system in _SYSTEMS and identifier.system and value:
            text = canonical([identifier.system, sender if local else "", value])
            yield work.tools.key_store.blind_index(text), identifier.system


def identifiers_of(document: Message) -> Iterator[person_pb2.Identifier]:
    """The identifiers of whom a document is chiefly about, or the one that it copies (KCC 9.7)."""
    for field, value in document.ListFields():
        about = field.GetOptions().Extensions[privacy_pb2.about]
        if about in _ROOTS and isinstance(value, (person_pb2.Person, person_pb2.PersonIdentity)):
            yield from value.identifiers
        elif isinstance(value, Message) and _is_document(value):
            yield from identifiers_of(value)


def _is_document(message: Message) -> bool:
    return message.DESCRIPTOR.GetOptions().HasExtension(privacy_pb2.document)
