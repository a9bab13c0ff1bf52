"""Checks of requests: the rules written in the protos.

Only what a sender submits is validated; what a recipient receives may lack any leaf.
"""

from collections.abc import Iterable
from typing import Any, Final

import protovalidate
from google.protobuf.message import Message

from services.kit.rpc.characters import find_empty_reasons, find_nul
from services.kit.rpc.errors import InvalidRequestError, Violation

MAX_VIOLATIONS: Final = 100
"""More are not looked at: nobody mends a hundred at once, and the answer must fit in gRPC's trailers."""

_MAX_PATH: Final = 200
_NUL: Final = "holds the character NUL: remove it"
_NO_WORDS: Final = "says nothing: give a reason in words"
_ADVICE: Final = {
    "required": "is missing: fill it in",
    "enum.defined_only": "is not a value that the enumeration has: choose one of its names",
    "enum.not_in": "is not stated: choose one of the enumeration's names",
    "string.pattern": "is not written in the right form",
    "string.prefix": "does not begin as it must",
}


def validate(request: Message) -> None:
    """Checks a request against the rules of its proto.

    Raises:
        InvalidRequestError: lists each field with its path and what to do, never with its value.
    """
    found = protovalidate.collect_violations(request)[:MAX_VIOLATIONS]
    violations = [_describe(violation.proto) for violation in found]
    violations += [Violation(_shorten(path), _NUL) for path in find_nul(request)[:MAX_VIOLATIONS]]
    violations += [Violation(path, _NO_WORDS) for path in find_empty_reasons(request)]
    if violations:
        raise InvalidRequestError(violations[:MAX_VIOLATIONS])


# protovalidate answers in messages of its own library, which has no types to import.
def _describe(violation: Any) -> Violation:
    advice = _ADVICE.get(violation.rule_id) or f"{violation.message or violation.rule_id}: correct it"
    return Violation(_write_path(violation.field.elements if violation.field else ()), advice)


def _write_path(elements: Iterable[Any]) -> str:
    path = ".".join(element.field_name + _write_subscript(element.subscript) for element in elements)
    return _shorten(path)


def _shorten(path: str) -> str:
    return path if len(path) <= _MAX_PATH else path[:_MAX_PATH] + "..."


def _write_subscript(subscript: Any) -> str:
    if subscript is None:
        return ""
    # The key of a map may be personal data; the index of a list is not.
    return f"[{subscript.value}]" if subscript.field == "index" else "[*]"
