"""Fails the build when a document says too little about the data that it carries.

    python -m tools.privacy_lint [IMAGE]

Every leaf of a document needs a `kind`, and an `about` of its own or of a field around it; a singular scalar
or enum must be `optional`, so that a withheld one does not read as false or zero.
"""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from google.protobuf.descriptor_pb2 import FileDescriptorSet
from publicprotection.privacy.v1 import privacy_pb2

from tools.image_types import Field, Message, index_messages
from tools.paths import IMAGE
from tools.protoc import read_image

# Messages that are released or withheld whole, so leaves: a part of a date says nothing by itself.
LEAF_MESSAGES = frozenset(
    {"google.protobuf.Timestamp", "google.protobuf.Duration", "publicprotection.common.v1.Date"}
)
# Sealed beside every document, so that its leaves are released or withheld like a document's.
HEADER = "publicprotection.exchange.v1.Header"
# A message of Google's that is no leaf (Any, Struct, wrappers) has no place in the leaf grammar.
FOREIGN = "google.protobuf."


@dataclass(frozen=True, order=True)
class Finding:
    """One thing to put right: where (file:line), which field, and what to do."""

    place: str
    field: str
    advice: str

    def __str__(self) -> str:
        """As a compiler prints it."""
        return f"{self.place}: {self.field}: {self.advice}"


@dataclass(frozen=True)
class _Use:
    """A field as a document reaches it: the path of fields from the document, this one last."""

    path: tuple[Field, ...]

    @property
    def field(self) -> Field:
        return self.path[-1]

    @property
    def dotted(self) -> str:
        return ".".join(field.name for field in self.path)

    @property
    def is_about_known(self) -> bool:
        return any(field.descriptor.options.Extensions[privacy_pb2.about] for field in self.path)


def find_faults(image: FileDescriptorSet) -> list[Finding]:
    """Checks every document of an image, and the header that is sealed with each.

    Args:
        image: with imports and source information, parsed after `privacy_pb2` was imported.

    Returns:
        The findings, by file and line, each once however many documents share it.
    """
    messages = index_messages(image)
    sealed = [message for message in messages.values() if is_document(message) or message.name == HEADER]
    faults = {fault for message in sealed for fault in _check_document(message, messages)}
    return sorted(faults)


def is_document(message: Message) -> bool:
    """Whether a message may be the body of an exchange."""
    return message.descriptor.options.HasExtension(privacy_pb2.document)


def _check_document(document: Message, messages: dict[str, Message]) -> Iterator[Finding]:
    # One finding per field of the document for a missing `about`: it is stated once, there.
    unknown: dict[str, Finding] = {}
    for use in _walk(_Use(()), document, messages):
        yield from _check_leaf(use.field, messages)
        if not use.is_about_known:
            unknown.setdefault(use.path[0].name, _advise_about(use))
    yield from unknown.values()


def _walk(parent: _Use, message: Message, messages: dict[str, Message]) -> Iterator[_Use]:
    for field in message.fields:
        use = _Use((*parent.path, field))
        inner = _find_inner(field, messages)
        if inner is None:
            yield use
        elif all(inner.name != outer.message for outer in use.path):  # a type inside itself is checked once
            yield from _walk(use, inner, messages)


def _find_inner(field: Field, messages: dict[str, Message]) -> Message | None:
    """The message whose fields are to be checked in place of this field, if it is not a leaf."""
    if not field.is_message or field.type_name in LEAF_MESSAGES or field.type_name.startswith(FOREIGN):
        return None
    message = messages[field.type_name]
    if not message.is_map_entry:
        return message
    return _find_inner(message.fields[1], messages)


def _check_leaf(field: Field, messages: dict[str, Message]) -> Iterator[Finding]:
    name = f"{field.message.rpartition('.')[2]}.{field.name}"
    if not field.descriptor.options.Extensions[privacy_pb2.kind]:
        yield Finding(field.place, name, "state what it holds: (privacy.v1.kind) = KIND_...")
    if not field.is_repeated and not field.has_presence:
        yield Finding(field.place, name, "write `optional`: withheld, it would read as a zero")
    if _is_foreign(field, messages):
        yield Finding(
            field.place, name, "use a scalar, an enum, a Timestamp, a Date, a Duration or a message"
        )


def _is_foreign(field: Field, messages: dict[str, Message]) -> bool:
    inner = messages.get(field.type_name) if field.is_message else None
    value = inner.fields[1] if inner is not None and inner.is_map_entry else field
    return value.type_name.startswith(FOREIGN) and value.type_name not in LEAF_MESSAGES


def _advise_about(use: _Use) -> Finding:
    first = use.path[0]
    name = f"{first.message.rpartition('.')[2]}.{first.name}"
    inside = f" (or inside it; nothing says so for {use.dotted})" if len(use.path) > 1 else ""
    return Finding(first.place, name, f"state whose data it is: (privacy.v1.about) = ABOUT_...{inside}")


def main(arguments: list[str]) -> int:
    """Prints the findings of an image; returns 1 if there are any."""
    faults = find_faults(read_image(Path(arguments[0]) if arguments else IMAGE))
    for fault in faults:
        print(fault)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
