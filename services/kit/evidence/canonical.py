"""Canonical JSON (RFC 8785): the one form in which JSON is hashed or signed here."""

import json
from typing import Any, Never

import rfc8785

from services.kit.evidence.errors import CanonicalFormError


def canonical(value: Any) -> bytes:
    """Writes a JSON value in its canonical form, UTF-8.

    Args:
        value: JSON of str, int below 2**53, float, bool, None, list, tuple and dict.

    Raises:
        CanonicalFormError: the value has no such form (a NaN, an unpaired surrogate, an integer too large).
    """
    try:
        if _is_plain(value):
            return _PLAIN.encode(value).encode("utf-8")
        return rfc8785.dumps(value)
    except (rfc8785.CanonicalizationError, UnicodeEncodeError, RecursionError):
        raise CanonicalFormError("no_canonical_form") from None


def _is_plain(value: Any) -> bool:
    """Whether Python's own encoder, which is much faster, writes the canonical form of a value.

    It differs in the order of names beyond ASCII (RFC 8785 3.2.3), in numbers that are not small integers
    (3.2.2.3), and in what it takes for JSON. Types are compared exactly: an enumeration's value is another.
    """
    kind: type[Any] = type(value)
    if kind is dict:
        return all(type(name) is str and name.isascii() for name in value) and all(
            map(_is_plain, value.values())
        )
    if kind is list or kind is tuple:
        return all(map(_is_plain, value))
    if kind is int:
        return bool(-_INTEGERS < value < _INTEGERS)
    return kind in _SIMPLE


_INTEGERS = 2**53
_SIMPLE = frozenset({str, bool, type(None)})
_PLAIN = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), sort_keys=True)


def parse_strictly(text: bytes | str) -> Any:
    """Reads JSON, refusing what readers of different languages understand differently.

    Raises:
        CanonicalFormError: not JSON in UTF-8; a repeated member name; NaN or an infinity; an unpaired
            surrogate; nested too deeply.
    """
    try:
        written = text if isinstance(text, str) else text.decode("utf-8")
        value = _DECODER.decode(written)
        if "\\u" in written:  # only an escape can write an unpaired surrogate
            json.dumps(value, ensure_ascii=False).encode("utf-8")
    except (ValueError, RecursionError):
        raise CanonicalFormError("malformed_json") from None
    return value


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    # RFC 8259 4 leaves repeated names to the reader: a checker and a user could see different values.
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("repeated member name")
    return members


def _refuse_constant(_name: str) -> Never:
    raise ValueError("not a JSON number")


# Made once: `json.loads` would make a decoder for each of a seal's disclosures.
_DECODER = json.JSONDecoder(object_pairs_hook=_object, parse_constant=_refuse_constant)
