"""The least document that is valid, found by asking the validator what is missing."""

from typing import Any

import protovalidate
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

_TEXTS = ("MANAGER", "some-name", "document.subject", "some text")
_ROUNDS = 30


def fill(message: Message) -> Message:
    """Fills in what the rules ask for, and no more.

    Raises:
        AssertionError: the rules ask for something that this does not know how to give.
    """
    for _ in range(_ROUNDS):
        found = protovalidate.collect_violations(message)
        if not found:
            return message
        for violation in found:
            place: Any = violation.proto.field
            _mend(message, list(place.elements))
    raise AssertionError(f"cannot fill {message.DESCRIPTOR.full_name}: {[str(one.proto) for one in found]}")


def _mend(message: Any, path: list[Any]) -> None:
    for element in path[:-1]:
        message = getattr(message, element.field_name)
        message = message if element.subscript is None else message[element.subscript.value]
    _set(message, message.DESCRIPTOR.fields_by_name[path[-1].field_name])


def _set(message: Any, field: FieldDescriptor) -> None:
    if field.is_repeated:
        values = getattr(message, field.name)
        _ = values.add() if field.message_type else values.append(_scalar(field, ""))
    elif field.message_type:
        _set_message(getattr(message, field.name))
    else:
        old = getattr(message, field.name) if message.HasField(field.name) else ""
        setattr(message, field.name, _scalar(field, old))


def _set_message(value: Any) -> None:
    value.SetInParent()
    if value.DESCRIPTOR.name == "Date":
        value.year, value.month, value.day = 2026, 1, 5


def _scalar(field: FieldDescriptor, old: Any) -> Any:
    if field.enum_type:
        return 1
    if field.type == FieldDescriptor.TYPE_STRING:
        return _TEXTS[(_TEXTS.index(old) + 1) % len(_TEXTS)] if old in _TEXTS else _TEXTS[0]
    return 1
