"""Leaves back into a message: built new from what is there, whatever is missing."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from operator import setitem
from typing import Any, TypeVar, cast

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from services.kit.evidence.errors import (
    BadValueError,
    ConflictingLeavesError,
    LimitExceededError,
    UnknownPathError,
    UnsupportedFieldError,
)
from services.kit.evidence.paths import Segment, parse_path
from services.kit.evidence.plans import DEFAULT_LIMITS, Holds, Limits, Plan, plan_of
from services.kit.evidence.values import JsonValue, decode_message_leaf

M = TypeVar("M", bound=Message)


@dataclass(slots=True)
class _Node:
    """A step of the tree that the paths span: a leaf's value, or steps below it by field and element."""

    value: JsonValue | None = None
    fields: dict[str, dict[Segment, "_Node"]] = field(default_factory=dict)


def unflatten(
    leaves: Mapping[str, JsonValue], message_type: type[M], *, prefix: str, limits: Limits = DEFAULT_LIMITS
) -> M:
    """Builds a new message from leaves: all of a message's or any subset.

    Elements of a list stand in the order of their labels; those without a leaf are not there.

    Args:
        leaves: from path to JSON value; every path under the prefix.
        message_type: the generated class of the message (`GetMessageClass` makes one from a descriptor).
        prefix: the root's name, as given to `flatten`.
        limits: refuses what is larger.

    Raises:
        MalformedPathError: a path is not in the grammar.
        UnknownPathError: a path leads to no field, or has a label or key where none belongs, or lacks one.
        BadValueError: a value is not of its field's type, or not in its one form.
        UnsupportedFieldError: a path leads through a field without a leaf form.
        ConflictingLeavesError: two leaves exclude each other.
        LimitExceededError: too many leaves, or too deep.
    """
    message = message_type()
    _fill(message, _tree(leaves, prefix, limits), prefix)
    return message


def _tree(leaves: Mapping[str, JsonValue], prefix: str, limits: Limits) -> _Node:
    if len(leaves) > limits.leaves:
        raise LimitExceededError("too_many_leaves")
    root = _Node()
    for text, value in leaves.items():
        path = parse_path(text)
        if path.prefix != prefix:
            raise UnknownPathError("wrong_prefix")
        if len(path.segments) > limits.depth:
            raise LimitExceededError("too_deep")
        _descend(root, path.segments).value = value
    return root


def _descend(node: _Node, segments: tuple[Segment, ...]) -> _Node:
    for segment in segments:
        node = node.fields.setdefault(segment.name, {}).setdefault(segment, _Node())
    return node


def _fill(message: Message, node: _Node, shape: str) -> None:
    if node.value is not None:
        _check_empty(node, shape)
    for name, elements in node.fields.items():
        below = f"{shape}.{name}"
        known = cast("FieldDescriptor | None", message.DESCRIPTOR.fields_by_name.get(name))
        if known is None:
            raise UnknownPathError("unknown_path")  # the name is the sender's: not repeated
        _check_oneof(message, known, below)
        plan = _plan(known, below)
        _FILL[plan.holds](message, plan, elements, below)


def _check_empty(node: _Node, shape: str) -> None:
    if node.fields:
        raise ConflictingLeavesError("leaf_above_leaves", shape=shape)
    if not isinstance(node.value, dict) or node.value:
        raise BadValueError("bad_value", shape=shape)


def _check_oneof(message: Message, field: FieldDescriptor, shape: str) -> None:
    oneof = field.containing_oneof
    if oneof is not None and message.WhichOneof(oneof.name) is not None:
        raise ConflictingLeavesError("two_members_of_a_oneof", shape=shape)


def _plan(field: FieldDescriptor, shape: str) -> Plan:
    try:
        return plan_of(field)
    except UnsupportedFieldError as error:
        raise UnsupportedFieldError(error.reason, shape=shape) from None


def _fill_one(message: Any, plan: Plan, elements: dict[Segment, _Node], shape: str) -> None:
    node = elements.pop(Segment(plan.name), None)
    if node is None or elements:
        raise UnknownPathError("unexpected_selector", shape=shape)

    def sub() -> Message:
        below: Message = getattr(message, plan.name)
        below.SetInParent()
        return below

    _place(plan, node, shape, sub, lambda value: setattr(message, plan.name, value))


def _fill_list(message: Any, plan: Plan, elements: dict[Segment, _Node], shape: str) -> None:
    if any(segment.label is None for segment in elements):
        raise UnknownPathError("label_missing", shape=shape)
    container = getattr(message, plan.name)
    # Bound late: a list of scalars has no `add`.
    for _, node in sorted(elements.items(), key=lambda item: item[0].label or ""):
        _place(plan, node, shape, lambda: container.add(), container.append)  # noqa: PLW0108


def _fill_map(message: Any, plan: Plan, elements: dict[Segment, _Node], shape: str) -> None:
    if any(segment.key is None for segment in elements):
        raise UnknownPathError("key_missing", shape=shape)
    container = getattr(message, plan.name)
    for segment, node in elements.items():
        key = _key(plan, segment, shape)
        _place_entry(plan, node, shape, container, key)


def _place_entry(plan: Plan, node: _Node, shape: str, container: Any, key: Any) -> None:
    # Reading an absent entry of a map of messages makes it.
    _place(plan, node, shape, lambda: container[key], partial(setitem, container, key))


def _key(plan: Plan, segment: Segment, shape: str) -> Any:
    try:
        return plan.key_from(segment.key or "")
    except (ValueError, TypeError, KeyError):
        raise BadValueError("bad_map_key", shape=shape) from None


def _place(
    plan: Plan, node: _Node, shape: str, message: Callable[[], Message], scalar: Callable[[Any], None]
) -> None:
    if plan.encode is None:
        _fill(message(), node, shape)
        return
    if node.fields or node.value is None:
        raise UnknownPathError("below_a_leaf", shape=shape)
    try:
        if plan.decode is None:
            decode_message_leaf(node.value, message())
        else:
            scalar(plan.decode(node.value))
    except (ValueError, TypeError, KeyError, OverflowError):
        raise BadValueError("bad_value", shape=shape) from None


_FILL = {Holds.ONE: _fill_one, Holds.LIST: _fill_list, Holds.MAP: _fill_map}
