"""The parties of a structured document, read by reflection on whose data a field holds and of what kind.

A message that has a `PersonName`, or a bare leaf of a name, is a party; what stands inside it is theirs. An
address, telephone number or other place outside any person is a party without a name.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message
from publicprotection.common.v1.date_pb2 import Date
from publicprotection.common.v1.person_pb2 import Address, Identifier, PersonName
from publicprotection.privacy.v1 import privacy_pb2

from gateway.core.freetext.model import PartyNames

_NAME, _DATE = PersonName.DESCRIPTOR, Date.DESCRIPTOR
_ADDRESS, _IDENTIFIER = Address.DESCRIPTOR, Identifier.DESCRIPTOR
_IDENTITY, _CONTACT, _LOCATION = (
    privacy_pb2.KIND_IDENTITY, privacy_pb2.KIND_CONTACT, privacy_pb2.KIND_LOCATION,
)  # fmt: skip
_NAMING: Final = ("name", "names")
_ALIASES: Final = ("aliases", "alias", "former_names", "other_names", "known_as")


@dataclass(frozen=True, slots=True)
class Party:
    """Somebody whom a document describes.

    Attributes:
        about: whose data it is, as in categories: `VICTIM`, `CHILD`, `STAFF`; empty if nowhere stated.
        path: where they stand, lists by index: `document.victims[0].person`.
        names: how they may be recognised in a text.
    """

    about: str
    path: str
    names: PartyNames


@dataclass(slots=True)
class _Draft:
    """A party being put together."""

    about: str
    path: str
    name: str = ""
    family: str = ""
    aliases: list[str] = field(default_factory=list)
    addresses: list[str] = field(default_factory=list)
    towns: list[str] = field(default_factory=list)
    phones: list[str] = field(default_factory=list)
    identifiers: list[str] = field(default_factory=list)
    births: list[tuple[int, int, int]] = field(default_factory=list)

    def finish(self) -> Party:
        """The party."""
        names = PartyNames(
            self.name, self.family, tuple(self.aliases), tuple(self.addresses), tuple(self.towns),
            tuple(self.phones), tuple(self.identifiers), tuple(self.births),
        )  # fmt: skip
        return Party(self.about, self.path, names)


def collect_parties(document: Message, header: Message | None = None) -> tuple[Party, ...]:
    """Every party that a document and its header name, in their order.

    Args:
        document: the document's root message.
        header: the exchange's header, for its author; None if there is none.
    """
    drafts: list[_Draft] = []
    for root, prefix in ((document, "document"), (header, "header")):
        if root is not None:
            drafts.extend(_walk(root, prefix, "", None))
    known = [draft.finish() for draft in drafts]
    return tuple(party for party in known if party.names != PartyNames(""))


def _walk(message: Message, path: str, about: str, owner: _Draft | None) -> Iterator[_Draft]:
    """The parties inside a message; what belongs to `owner` is added to it."""
    if owner is None and _has_name(message):
        owner = _Draft(about, path)
        yield owner
    for spec, value in message.ListFields():
        whose = _about(spec) or about
        holder = owner if owner is not None and (not _about(spec) or whose == owner.about) else None
        for index, each in enumerate(value if spec.is_repeated else [value]):
            where = f"{path}.{spec.name}[{index}]" if spec.is_repeated else f"{path}.{spec.name}"
            yield from _visit(spec, each, _Draft(whose, where), holder)


def _visit(spec: FieldDescriptor, value: Any, own: _Draft, holder: _Draft | None) -> Iterator[_Draft]:
    """What one value adds to the party that holds it, or to one of its own."""
    if _is_map(spec):
        return
    if spec.message_type in (_DATE, _ADDRESS, _IDENTIFIER, _NAME) or spec.message_type is None:
        target = holder if holder is not None and not _names_another(spec, holder) else own
        if _add(spec, value, target) and target is own:
            yield own
        return
    yield from _walk(value, own.path, own.about, holder if not _has_name(value) else None)


def _names_another(spec: FieldDescriptor, holder: _Draft) -> bool:
    """A name leaf inside a party that has a name already is somebody else's, such as an owner's."""
    return spec.message_type is None and bool(holder.name) and _is_naming(spec)


def _add(spec: FieldDescriptor, value: Any, draft: _Draft) -> bool:
    """Adds a leaf or a leaf-like message to a party; whether it had anything to add."""
    if spec.message_type is _NAME:
        draft.family, draft.name = value.family, f"{value.given} {value.family}".strip()
    elif spec.message_type is _ADDRESS:
        draft.addresses.append(", ".join(filter(None, (*value.lines, value.town, value.postcode))))
        draft.towns.extend(filter(None, (value.town,)))
    elif spec.message_type is _IDENTIFIER:
        draft.identifiers.append(value.value)
    elif spec.message_type is _DATE:
        return _add_date(spec, value, draft)
    else:
        return _add_text(spec, value, draft)
    return True


def _add_date(spec: FieldDescriptor, value: Any, draft: _Draft) -> bool:
    if _kind(spec) == _IDENTITY and value.day:
        draft.births.append((value.year, value.month, value.day))
        return True
    return False


def _add_text(spec: FieldDescriptor, value: Any, draft: _Draft) -> bool:
    if not isinstance(value, str) or not value or spec.GetOptions().Extensions[privacy_pb2.free_text]:
        return False
    kind = _kind(spec)
    if kind == _IDENTITY and spec.name in _ALIASES:
        draft.aliases.append(value)
    elif kind == _IDENTITY and _is_naming(spec):
        draft.name = draft.name or value
    elif kind == _IDENTITY:
        return _add_identity(value, draft)
    elif kind == _CONTACT:
        draft.phones.append(value)
    elif kind == _LOCATION:
        draft.addresses.append(value)
    else:
        return False
    return True


def _add_identity(value: str, draft: _Draft) -> bool:
    """A leaf of identity that is neither: an identifier if it has a digit, a name unless it is a code."""
    if any(sign.isdigit() for sign in value):
        draft.identifiers.append(value)
    elif not value.isupper():
        draft.name = draft.name or value
    return not value.isupper() or bool(draft.identifiers)


def _is_naming(spec: FieldDescriptor) -> bool:
    return spec.name.rsplit("_", 1)[-1] in _NAMING and spec.name not in _ALIASES


def _has_name(message: Message) -> bool:
    return any(spec.message_type is _NAME for spec in message.DESCRIPTOR.fields)


def _is_map(spec: FieldDescriptor) -> bool:
    return bool(spec.message_type is not None and spec.message_type.GetOptions().map_entry)


def _kind(spec: FieldDescriptor) -> int:
    return int(spec.GetOptions().Extensions[privacy_pb2.kind])


def _about(spec: FieldDescriptor) -> str:
    about = spec.GetOptions().Extensions[privacy_pb2.about]
    return privacy_pb2.About.Name(about).removeprefix("ABOUT_") if about else ""
