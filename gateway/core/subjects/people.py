"""The people of a document as the subject register needs them: identifiers, names, birth; whose case it is.

Read by reflection from the contract's options, so that a new document needs no code: the subject of the
case is whom a field marked `case_subject` names, else the one SUBJECT or ADULT_AT_RISK that it speaks of.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final, NamedTuple, cast

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message
from publicprotection.common.v1 import person_pb2
from publicprotection.common.v1.date_pb2 import Date
from publicprotection.common.v1.person_pb2 import Identifier, PersonName
from publicprotection.privacy.v1 import privacy_pb2

from gateway.core.flow import Owners
from gateway.core.freetext.collecting import Party, collect_parties
from gateway.core.freetext.model import PartyNames
from services.kit.evidence.paths import label_path
from services.kit.evidence.values import JsonValue

_CASES: Final = frozenset({privacy_pb2.ABOUT_SUBJECT, privacy_pb2.ABOUT_ADULT_AT_RISK})
_NOISE: Final = re.compile(r"[^0-9A-Z]")
_STEP: Final = re.compile(r"([A-Za-z_0-9]+)(?:\[(\d+)\])?")
_ROOT: Final = "document"


class StatedIdentifier(NamedTuple):
    """An identifier: number of common.v1.IdentifierSystem, value as written, and value to compare."""

    system: int
    written: str
    value: str


class Birth(NamedTuple):
    """A date of birth as precise as it was given; month and day 0 where they are not."""

    year: int
    month: int = 0
    day: int = 0


class GivenName(NamedTuple):
    """A name in its two parts."""

    given: str
    family: str


@dataclass(frozen=True, slots=True)
class StatedPerson:
    """Somebody of whom a document speaks.

    Attributes:
        about: whose data it is, as in categories.
        is_case: the subject of the document's case.
        names: the name and the aliases that have two parts.
        party: how they may be recognised in a text.
        owner: the organisation whose information it is.
        path: where they stand, lists by label.
    """

    about: str
    is_case: bool
    identifiers: tuple[StatedIdentifier, ...]
    names: tuple[GivenName, ...]
    birth: Birth | None
    party: PartyNames
    owner: str
    path: str = ""


def read_people(
    document: Message, leaves: Mapping[str, JsonValue], owners: Owners
) -> tuple[StatedPerson, ...]:
    """Everybody whom a document names, in its order.

    Args:
        document: the document's root message.
        leaves: those of its seal, by whose paths owners are known.
        owners: whose information each part is.
    """
    cases = frozenset(case_paths(document))
    return tuple(_read(party, document, leaves, owners, cases) for party in collect_parties(document))


def case_paths(document: Message, prefix: str = _ROOT) -> Iterator[str]:
    """Where the subject of a document's case stands, or of the document that it copies (KCC 9.7)."""
    names = _case_fields(cast("Descriptor", document.DESCRIPTOR))
    for field, value in document.ListFields():
        if field.name in names:
            yield f"{prefix}.{field.name}"
        elif isinstance(value, Message) and _is_document(value.DESCRIPTOR):
            yield from case_paths(value, f"{prefix}.{field.name}")


@cache
def _case_fields(document: Descriptor) -> frozenset[str]:
    """The fields of a document that name the subject of its case."""
    people = [field for field in document.fields if not field.is_repeated and _names_a_person(field)]
    marked = [each for each in people if each.GetOptions().Extensions[privacy_pb2.case_subject]]
    plain = [each for each in people if each.GetOptions().Extensions[privacy_pb2.about] in _CASES]
    return frozenset(field.name for field in marked or plain)


def _names_a_person(field: FieldDescriptor) -> bool:
    below = field.message_type
    return below is not None and any(each.message_type is PersonName.DESCRIPTOR for each in below.fields)


def _is_document(message: Any) -> bool:
    return bool(message.GetOptions().HasExtension(privacy_pb2.document))


def _read(
    party: Party,
    document: Message,
    leaves: Mapping[str, JsonValue],
    owners: Owners,
    cases: frozenset[str],
) -> StatedPerson:
    at = _find(document, party.path)
    path = label_path(party.path, leaves) if "[" in party.path else party.path
    return StatedPerson(
        about=party.about,
        is_case=party.path in cases,
        identifiers=tuple(dict.fromkeys(_identifiers(at))),
        names=tuple(_names(at, party.names.aliases)),
        birth=next(_births(at), None),
        party=party.names,
        owner=owners.of(path),
        path=path,
    )


def _find(document: Message, path: str) -> Any:
    """The value at a path whose elements are counted, such as `document.victims[0].person`."""
    at: Any = document
    for name, index in _STEP.findall(path.removeprefix(_ROOT)):
        at = getattr(at, name)[int(index)] if index else getattr(at, name)
    return at


def _identifiers(at: Any) -> Iterator[StatedIdentifier]:
    for each in _of_type(at, Identifier):
        value = compared(each.value)
        if each.system in person_pb2.IdentifierSystem.values() and each.system and value:
            yield StatedIdentifier(each.system, each.value, value)


def compared(value: str) -> str:
    """An identifier's value as it is compared: upper case, letters and digits alone."""
    return _NOISE.sub("", value.upper())


def _names(at: Any, aliases: tuple[str, ...]) -> Iterator[GivenName]:
    yield from (GivenName(each.given, each.family) for each in _of_type(at, PersonName))
    for given, _, family in (alias.rpartition(" ") for alias in aliases):
        if given and family:
            yield GivenName(given, family)


def _births(at: Any) -> Iterator[Birth]:
    return (Birth(each.year, each.month, each.day) for each in _of_type(at, Date, _is_identity))


def _is_identity(field: FieldDescriptor) -> bool:
    return bool(field.GetOptions().Extensions[privacy_pb2.kind] == privacy_pb2.KIND_IDENTITY)


def _of_type(at: Any, kind: type[Any], wanted: Any = None) -> Iterator[Any]:
    """The value itself, or what it holds, where that is of a type."""
    if isinstance(at, kind):
        yield at
    elif isinstance(at, Message):
        for field, value in at.ListFields():
            if field.message_type is kind.DESCRIPTOR and (wanted is None or wanted(field)):
                yield from value if field.is_repeated else [value]
