"""Documents with every leaf filled, made from their descriptors: what the proof sends (design section 5).

The values mean nothing. What matters is that a leaf of every category which a document can have is there.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import product
from typing import Any, Final

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass

from gateway.core.conditions import Reading
from gateway.core.documents import descriptor_of, document_class
from services.kit.evidence.plans import plan_of
from services.kit.evidence.values import JsonValue

_TEXT: Final = "filled"
_YEAR: Final = 2026
_VARIANTS: Final = 512
"""More combinations than this of the leaves that one condition reads are not all made; see `variants`."""


@cache
def fill_document(name: str) -> Message:
    """A document with every field set and one element in each list. Copy it before changing it."""
    document = document_class(name)()
    _fill(document, ())
    return document


def filled_leaf(field: FieldDescriptor) -> JsonValue:
    """A leaf's value that means nothing, in the leaf form; `{}` for a part that is present but empty."""
    encode = plan_of(field).encode
    if encode is None:
        return {}
    if field.message_type is None:
        return encode(_value(field))
    message = GetMessageClass(field.message_type)()
    _fill(message, ())
    return encode(message)


@dataclass(frozen=True, slots=True)
class Setting:
    """One leaf or part set to a value; None takes it away."""

    path: tuple[str, ...]
    value: Any

    def apply(self, root: Message) -> None:
        """Sets it, in the first element of each list on the way. What is not there stays as it is."""
        at: Any = root
        for step in self.path[:-1]:
            at = getattr(at, step)
            if isinstance(at, Message):
                continue
            if not at:
                return
            at = at[0]
        _set(at, descriptor_of(at).fields_by_name[self.path[-1]], self.value)


def variants(readings: list[Reading], roots: dict[str, Descriptor]) -> Iterator[dict[str, list[Setting]]]:
    """Every combination of values of a condition's leaves, as far as the condition tells them apart.

    Beyond 512 combinations each leaf and each pair of leaves is varied, the others as they were filled.

    Yields:
        Settings by root (`header`, `document`), those of outer parts first.
    """
    choices = [_choices(each, roots) for each in readings if each.path[0] in roots]
    count = 1
    for each in choices:
        count *= len(each)
    combinations = product(*choices) if count <= _VARIANTS else _pairs(choices)
    for combination in combinations:
        by_root: dict[str, list[Setting]] = {root: [] for root in roots}
        for setting in sorted(filter(None, combination), key=lambda one: len(one.path)):
            by_root[setting.path[0]].append(Setting(setting.path[1:], setting.value))
        yield by_root


def _pairs(choices: list[list[Setting | None]]) -> Iterator[tuple[Setting | None, ...]]:
    for first in range(len(choices)):
        for second in range(first, len(choices)):
            for one, other in product(choices[first], choices[second]):
                chosen: list[Setting | None] = [None] * len(choices)
                chosen[first], chosen[second] = one, other
                yield tuple(chosen)


def _choices(reading: Reading, roots: dict[str, Descriptor]) -> list[Setting | None]:
    """The values to try for one leaf; None leaves it as it is filled."""
    field = _field_at(reading.path[1:], roots[reading.path[0]])
    if field is None:
        return [None]
    values: list[Any] = [None]
    if field.message_type is None:
        values.extend(_values(field, reading))
    return [None, *(Setting(reading.path, value) for value in values)]


def _values(field: FieldDescriptor, reading: Reading) -> Iterator[Any]:
    if field.type == FieldDescriptor.TYPE_BOOL:
        yield from (False, True)
    elif field.enum_type is not None:
        named = {each.number for each in field.enum_type.values if each.name in reading.names}
        named |= reading.numbers & {each.number for each in field.enum_type.values}
        others = [each.number for each in field.enum_type.values if each.number and each.number not in named]
        yield from sorted(named) + others[:1]
    elif field.type == FieldDescriptor.TYPE_STRING:
        yield from ("", *sorted(reading.texts))
    elif field.type != FieldDescriptor.TYPE_BYTES:
        yield from sorted(
            {each + step for each in reading.numbers for step in (-1, 0, 1) if each + step >= 0}
        )


def _field_at(path: tuple[str, ...], descriptor: Descriptor | None) -> FieldDescriptor | None:
    field = None
    for step in path:
        field = descriptor.fields_by_name.get(step) if descriptor is not None else None
        if field is None:
            return None
        descriptor = field.message_type
    return field


def _set(message: Any, field: FieldDescriptor, value: Any) -> None:
    if value is None:
        message.ClearField(field.name)
    elif field.is_repeated:
        getattr(message, field.name)[:] = [value]
    else:
        setattr(message, field.name, value)


def _fill(message: Any, above: tuple[str, ...]) -> None:
    descriptor = descriptor_of(message)
    if descriptor.full_name in above:
        return
    for field in descriptor.fields:
        if field.is_repeated:
            _fill_list(getattr(message, field.name), field, (*above, descriptor.full_name))
        elif field.message_type is not None:
            part = getattr(message, field.name)
            part.SetInParent()
            _fill(part, (*above, descriptor.full_name))
        else:
            setattr(message, field.name, _value(field))


def _fill_list(values: Any, field: FieldDescriptor, above: tuple[str, ...]) -> None:
    if field.message_type is None:
        values.append(_value(field))
    else:
        _fill(values.add(), above)


def _value(field: FieldDescriptor) -> Any:
    if field.enum_type is not None:
        return field.enum_type.values[1].number
    if field.type == FieldDescriptor.TYPE_STRING:
        return _TEXT
    if field.type == FieldDescriptor.TYPE_BYTES:
        return _TEXT.encode()
    if field.type == FieldDescriptor.TYPE_BOOL:
        return True
    return _YEAR if field.name == "year" else 1
