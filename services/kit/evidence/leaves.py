"""Messages as leaves: the form in which every field can be sealed and released on its own.

`flatten` takes a message apart into a flat mapping from path to JSON value; `unflatten` builds a new message
from any subset of them. What was withheld is simply not there: nothing is edited, so nothing hidden can
survive (design section 4: unknown fields survive parsing). The grammar is docs/leaf-form.md.
"""

from collections.abc import Iterator
from secrets import token_bytes
from typing import Any, Final

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from services.kit.evidence.assembly import unflatten
from services.kit.evidence.entropy import Entropy
from services.kit.evidence.errors import BadValueError, LimitExceededError, UnsupportedFieldError
from services.kit.evidence.paths import LABEL_DIGITS, MAX_PATH_LENGTH, shape_of, write_key
from services.kit.evidence.plans import DEFAULT_LIMITS, Holds, Limits, Plan, plan_of
from services.kit.evidence.values import JsonValue, encode_map_key

__all__ = ["DEFAULT_LIMITS", "Entropy", "JsonValue", "Limits", "flatten", "unflatten"]

_FIRST_BYTES: Final = 10
_GAP_BYTES: Final = 9


def flatten(
    message: Message, *, prefix: str, entropy: Entropy = token_bytes, limits: Limits = DEFAULT_LIMITS
) -> dict[str, JsonValue]:
    """Takes a message apart into its leaves.

    Only what is present becomes a leaf; unknown fields never do. A present message without a set field
    becomes `{}` at its own path. Elements of lists get labels that keep their order and hide their number.

    Args:
        message: any message without Any, Struct, wrappers, groups or extensions.
        prefix: the root's name, `header` or `document`.
        entropy: the source of the labels.
        limits: refuses what is larger.

    Returns:
        From path to JSON value, in the order of the fields' numbers.

    Raises:
        UnsupportedFieldError: a field that is set has no leaf form.
        BadValueError: a value has no written form (a Timestamp after the year 9999, a Date with a gap).
        LimitExceededError: too deep, too many leaves, or a path too long.
    """
    walk = _Walk(entropy, limits)
    walk.message(message, prefix, 0)
    return walk.leaves


def labels(count: int, entropy: Entropy) -> Iterator[str]:
    """Labels for a list's elements: 80 bits each, in hex, random and strictly increasing.

    A label is at once the order key, so the distance between two released labels must say as little as it
    can of how many were withheld between them. Evenly spread labels would tell: n elements are about 2**80/n
    apart. So the first lies anywhere below 2**79, which hides what came before and after, and each gap picks
    an octave evenly from 64, then a value in it. The distance between two labels is then about the largest
    gap between them, which a single gap may be too: a wide distance makes n gaps at most n times as likely
    as one, and proves nothing. (Any order key tells that much: the largest of n draws is larger, however
    they are spread.) 4,096 gaps below 2**64 end below 2**80.
    """
    label = int.from_bytes(entropy(_FIRST_BYTES)) >> 1
    for position in range(count):
        if position:
            label += _gap(entropy(_GAP_BYTES))
        yield f"{label:0{LABEL_DIGITS}x}"


def _gap(random: bytes) -> int:
    octave = 1 << (random[0] & 63)
    return octave | (int.from_bytes(random[1:]) & (octave - 1))


class _Walk:
    """One walk over a message, gathering leaves within limits."""

    def __init__(self, entropy: Entropy, limits: Limits) -> None:
        self.leaves: dict[str, JsonValue] = {}
        self._entropy = entropy
        self._limits = limits

    def message(self, message: Message, path: str, depth: int) -> None:
        fields = message.ListFields()
        if not fields:
            self._put(path, {})
        elif depth >= self._limits.depth:
            raise LimitExceededError("too_deep")
        for field, value in fields:
            self._field(field, value, f"{path}.{field.name}", depth + 1)

    def _field(self, field: FieldDescriptor, value: Any, path: str, depth: int) -> None:
        try:
            plan = plan_of(field)
        except UnsupportedFieldError as error:
            raise UnsupportedFieldError(error.reason, shape=shape_of(path)) from None
        if plan.holds is Holds.ONE:
            self._value(plan, value, path, depth)
        elif plan.holds is Holds.LIST:
            for label, element in zip(labels(len(value), self._entropy), value, strict=True):
                self._value(plan, element, f"{path}[{label}]", depth)
        else:
            for key, text in sorted(((key, encode_map_key(key)) for key in value), key=lambda pair: pair[1]):
                self._value(plan, value[key], path + write_key(text), depth)

    def _value(self, plan: Plan, value: Any, path: str, depth: int) -> None:
        if plan.encode is None:
            self.message(value, path, depth)
            return
        try:
            self._put(path, plan.encode(value))
        except (ValueError, OverflowError):
            raise BadValueError("no_written_form", shape=shape_of(path)) from None

    def _put(self, path: str, value: JsonValue) -> None:
        if len(path) > MAX_PATH_LENGTH:
            raise LimitExceededError("path_too_long", shape=shape_of(path))
        if len(self.leaves) >= self._limits.leaves:
            raise LimitExceededError("too_many_leaves")
        self.leaves[path] = value
