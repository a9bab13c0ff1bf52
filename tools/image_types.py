"""Messages of an image by name, and the line on which each thing is written."""

from collections.abc import Iterator
from dataclasses import dataclass

from google.protobuf.descriptor_pb2 import (
    DescriptorProto,
    FieldDescriptorProto,
    FileDescriptorProto,
    FileDescriptorSet,
)

# Field numbers in descriptor.proto, of which source locations are made.
_FILE_MESSAGE, _MESSAGE_FIELD, _MESSAGE_NESTED = 4, 2, 3


@dataclass(frozen=True)
class Field:
    """One field of a message, with where it is written."""

    descriptor: FieldDescriptorProto
    message: str  # fully qualified, no leading dot
    place: str  # file:line

    @property
    def name(self) -> str:
        """The field's own name."""
        return self.descriptor.name

    @property
    def type_name(self) -> str:
        """The fully qualified message or enum type without a leading dot; empty for a scalar."""
        return self.descriptor.type_name.removeprefix(".")

    @property
    def is_message(self) -> bool:
        """Whether its type is a message (a map included)."""
        return self.descriptor.type == FieldDescriptorProto.TYPE_MESSAGE

    @property
    def is_repeated(self) -> bool:
        """Whether it is a list or a map."""
        return self.descriptor.label == FieldDescriptorProto.LABEL_REPEATED

    @property
    def has_presence(self) -> bool:
        """Whether an absent value differs from a zero: `optional`, or a member of a oneof."""
        return self.is_message or self.descriptor.HasField("oneof_index")


@dataclass(frozen=True)
class Message:
    """One message type and its fields, in the order in which they are written."""

    name: str
    descriptor: DescriptorProto
    fields: tuple[Field, ...]

    @property
    def is_map_entry(self) -> bool:
        """Whether it is the hidden message behind a map."""
        return self.descriptor.options.map_entry


def index_messages(image: FileDescriptorSet) -> dict[str, Message]:
    """Every message of an image, nested ones included, by fully qualified name."""
    return {message.name: message for file in image.file for message in _read_file(file)}


def _read_file(file: FileDescriptorProto) -> Iterator[Message]:
    lines = {tuple(place.path): place.span[0] + 1 for place in file.source_code_info.location}
    for number, descriptor in enumerate(file.message_type):
        path = (_FILE_MESSAGE, number)
        yield from _read_message(descriptor, file, path, f"{file.package}.{descriptor.name}", lines)


def _read_message(
    descriptor: DescriptorProto,
    file: FileDescriptorProto,
    path: tuple[int, ...],
    name: str,
    lines: dict[tuple[int, ...], int],
) -> Iterator[Message]:
    places = [
        f"{file.name}:{lines.get((*path, _MESSAGE_FIELD, number), 0)}"
        for number in range(len(descriptor.field))
    ]
    fields = (Field(field, name, place) for field, place in zip(descriptor.field, places, strict=True))
    yield Message(name, descriptor, tuple(fields))
    for number, nested in enumerate(descriptor.nested_type):
        nested_path = (*path, _MESSAGE_NESTED, number)
        yield from _read_message(nested, file, nested_path, f"{name}.{nested.name}", lines)
