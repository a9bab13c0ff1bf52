"""What the contract says of its documents, read from an image: comments, verbs, fields and annotations."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from buf.validate import validate_pb2
from google.protobuf.descriptor_pb2 import (
    EnumDescriptorProto,
    FieldDescriptorProto,
    FileDescriptorProto,
    FileDescriptorSet,
)
from google.protobuf.message import Message
from publicprotection.privacy.v1 import privacy_pb2

from tools.image_types import Field, index_messages
from tools.image_types import Message as Shape

ROOT_PACKAGE: Final = "publicprotection."


@dataclass(frozen=True)
class Verb:
    """One rpc by which a document is sent."""

    service: str
    name: str
    comment: str


@dataclass(frozen=True)
class Rule:
    """A rule on several fields: its id and what it tells a sender."""

    id: str
    message: str


@dataclass(frozen=True)
class Leaf:
    """A field as a reader of the catalogue wants it. Empty texts say that nothing is stated."""

    name: str
    type_name: str
    is_repeated: bool
    about: str
    kind: str
    marks: tuple[str, ...]
    limits: str
    comment: str


@dataclass(frozen=True)
class Part:
    """A message inside documents."""

    name: str
    comment: str
    fields: tuple[Leaf, ...]
    rules: tuple[Rule, ...]


@dataclass(frozen=True)
class Document(Part):
    """A document with what its option says and the verbs that send it."""

    title: str
    paragraphs: tuple[str, ...]
    carries: tuple[str, ...]
    for_gateway: bool
    verbs: tuple[Verb, ...]


@dataclass(frozen=True)
class Choice:
    """One value of an enumeration."""

    name: str
    number: int
    comment: str


@dataclass(frozen=True)
class Contract:
    """Documents by title; the parts and enumerations that they reach, by full name."""

    documents: tuple[Document, ...]
    parts: Mapping[str, Part]
    choices: Mapping[str, tuple[Choice, ...]]


def read_contract(image: FileDescriptorSet) -> Contract:
    """Reads an image with comments, parsed after `privacy_pb2` and `validate_pb2` were imported."""
    return _Reader(image).read()


class _Reader:
    def __init__(self, image: FileDescriptorSet) -> None:
        self._files = [file for file in image.file if file.package.startswith(ROOT_PACKAGE)]
        self._shapes = index_messages(image)
        self._comments = dict(_list_comments(self._files))
        self._enums = dict(_list_enums(self._files))

    def read(self) -> Contract:
        verbs = self._list_verbs()
        shapes = [shape for shape in self._shapes.values() if _is_document(shape)]
        reached = sorted({name for shape in shapes for name in self._reach(shape.name, frozenset())})
        documents = [self._read_document(shape, verbs.get(shape.name, ())) for shape in shapes]
        parts = {name: self._read_part(self._shapes[name]) for name in reached if name in self._shapes}
        choices = {name: self._read_choices(name) for name in reached if name in self._enums}
        return Contract(tuple(sorted(documents, key=lambda each: each.name)), parts, choices)

    def _reach(self, name: str, seen: frozenset[str]) -> Iterator[str]:
        for field in self._shapes[name].fields:
            inner = self._value_type(field)
            if inner.startswith(ROOT_PACKAGE) and inner not in seen:
                yield inner
                if inner in self._shapes:
                    yield from self._reach(inner, seen | {name, inner})

    def _value_type(self, field: Field) -> str:
        shape = self._shapes.get(field.type_name)
        return shape.fields[1].type_name if shape is not None and shape.is_map_entry else field.type_name

    def _list_verbs(self) -> dict[str, tuple[Verb, ...]]:
        found: dict[str, tuple[Verb, ...]] = {}
        for file in self._files:
            for service in file.service:
                for method in service.method:
                    name = self._document_of(method.input_type)
                    comment = self._comments.get(f"{file.package}.{service.name}.{method.name}", "")
                    if name:
                        found[name] = (*found.get(name, ()), Verb(service.name, method.name, comment))
        return found

    def _document_of(self, input_type: str) -> str:
        fields = self._shapes[input_type.removeprefix(".")].fields
        names = [field.type_name for field in fields if field.name == "document"]
        return names[0] if names and _is_document(self._shapes.get(names[0])) else ""

    def _read_document(self, shape: Shape, verbs: tuple[Verb, ...]) -> Document:
        option = shape.descriptor.options.Extensions[privacy_pb2.document]
        part = self._read_part(shape)
        return Document(
            **vars(part),
            title=option.title,
            paragraphs=tuple(option.paragraphs),
            carries=tuple(option.carries),
            for_gateway=option.for_gateway,
            verbs=tuple(sorted(verbs, key=lambda each: each.service)),
        )

    def _read_part(self, shape: Shape) -> Part:
        rules = shape.descriptor.options.Extensions[validate_pb2.message].cel
        return Part(
            shape.name.rpartition(".")[2],
            self._comments.get(shape.name, ""),
            tuple(self._read_leaf(field) for field in shape.fields),
            tuple(Rule(rule.id, rule.message) for rule in rules),
        )

    def _read_leaf(self, field: Field) -> Leaf:
        extensions = field.descriptor.options.Extensions
        return Leaf(
            field.name,
            self._value_type(field) or _name_scalar(field.descriptor),
            field.is_repeated,
            _shorten(privacy_pb2.About.Name(extensions[privacy_pb2.about])),
            _shorten(privacy_pb2.Kind.Name(extensions[privacy_pb2.kind])),
            tuple(_list_marks(extensions)),
            _describe_limits(extensions[validate_pb2.field]),
            self._comments.get(f"{field.message}.{field.name}", ""),
        )

    def _read_choices(self, name: str) -> tuple[Choice, ...]:
        return tuple(
            Choice(value.name, value.number, self._comments.get(f"{name}.{value.name}", ""))
            for value in self._enums[name].value
        )


def _is_document(shape: Shape | None) -> bool:
    return shape is not None and shape.descriptor.options.HasExtension(privacy_pb2.document)


def _shorten(name: str) -> str:
    value = name.partition("_")[2]
    return "" if value == "UNSPECIFIED" else value


def _name_scalar(field: FieldDescriptorProto) -> str:
    return FieldDescriptorProto.Type.Name(field.type).removeprefix("TYPE_").lower()


def _list_marks(extensions: Any) -> Iterator[str]:
    if extensions[validate_pb2.field].required:
        yield "required"
    special = _shorten(privacy_pb2.Special.Name(extensions[privacy_pb2.special]))
    if special:
        yield f"special: {special}"
    if extensions[privacy_pb2.criminal]:
        yield "criminal"
    if extensions[privacy_pb2.free_text]:
        yield "free text"


def _describe_limits(rules: Message) -> str:
    """The rules of one field on one line, apart from `required`, which has a column of its own."""
    stated = (_describe(field.name, value) for field, value in rules.ListFields() if field.name != "required")
    return "; ".join(text for text in stated if text)


def _describe(name: str, value: Any) -> str:
    if name == "cel":
        return "; ".join(rule.message for rule in value)
    if not isinstance(value, Message):
        return f"{name} {value}"
    inner = [
        _describe(field.name, each) if isinstance(each, Message) else _state(field.name, each)
        for field, each in value.ListFields()
    ]
    return ", ".join(inner)


def _state(name: str, value: Any) -> str:
    if isinstance(value, str | int | float):
        return f"{name} {value}"
    values = list(value)
    return "not unspecified" if (name, values) == ("not_in", [0]) else f"{name} {values}"


def _list_enums(files: list[FileDescriptorProto]) -> Iterator[tuple[str, EnumDescriptorProto]]:
    for file in files:
        for enum in file.enum_type:
            yield f"{file.package}.{enum.name}", enum
        for message in file.message_type:
            for enum in message.enum_type:
                yield f"{file.package}.{message.name}.{enum.name}", enum


def _list_comments(files: list[FileDescriptorProto]) -> Iterator[tuple[str, str]]:
    for file in files:
        for place in file.source_code_info.location:
            name = _name_place(file, list(place.path))
            if name and place.leading_comments:
                yield f"{file.package}.{name}", " ".join(place.leading_comments.split())


def _name_place(file: FileDescriptorProto, path: list[int]) -> str:
    """The dotted name, within its package, of what stands at a source location; empty if it has none."""
    names: list[str] = []
    at: Any = file
    while path:
        if len(path) == 1:
            return ""
        step, path = path[:2], path[2:]
        field = at.DESCRIPTOR.fields_by_number[step[0]]
        if field.message_type is None or not field.is_repeated:
            return ""
        at = getattr(at, field.name)[step[1]]
        if not hasattr(at, "name") or not isinstance(at.name, str):
            return ""
        names.append(at.name)
    return ".".join(names)
