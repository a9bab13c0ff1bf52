"""Composing a summary from minutes: what the list names, names as roles, and what is left out. Pure.

Works on the JSON of both documents, so that list and contract alone say what a summary holds.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, Final

from services.kit.evidence.derive import MARK
from services.kit.minutes.cases import LeftOut
from services.kit.minutes.rules import AllowList, ListedField, Rules

_SHORTEST: Final = 3
"""Letters of a name that is looked for by itself."""


def compose(minutes: Mapping[str, Any], written: Mapping[str, str], allowed: AllowList) -> dict[str, Any]:
    """A draft.

    Args:
        minutes: JSON.
        written: what whoever composes it wrote, by field.
        allowed: what it may hold.
    """
    draft: dict[str, Any] = {
        name: text for name, text in written.items() if text and name in _fields(allowed)
    }
    for each in allowed.fields:
        if (value := _taken(minutes, each)) is not None:
            draft[each.field] = value
    named = [person for place in allowed.named for person in minutes.get(place, ())]
    subject: Any = draft.pop("subject", {})
    return {"subject": subject, **_with_texts(draft, _role_for_name(named))}


def leave_out(draft: Mapping[str, Any], left_out: Iterable[LeftOut]) -> dict[str, Any]:
    """A draft without what is left out: a mark stands in its place.

    A whole text becomes a mark, a list or a day goes; a passage becomes a mark wherever it stands in its
    field.
    """
    left = dict(draft)
    for each in left_out:
        if each.field not in left:
            continue
        value = left.pop(each.field)
        if each.passage:
            left[each.field] = _with_texts(value, partial(_mark, each.passage))
        elif not _is_gone(value):
            left[each.field] = _with_texts(value, lambda _: MARK)
    return left


def redact_persons(draft: Mapping[str, Any], allowed: AllowList) -> dict[str, Any]:
    """A draft without any personal data: a mark for each text, and nobody's name."""
    whole = [
        LeftOut(name, "", "", "")
        for name in draft
        if name not in allowed.redacted_keeps and name not in allowed.about and name != "subject"
    ]
    return {**leave_out(draft, whole), "subject": {"name": {"family": MARK}}}


def find_faults(
    draft: Mapping[str, Any], left_out: Sequence[LeftOut], rules: Rules, allowed: AllowList
) -> Iterator[tuple[int, str]]:
    """What is wrong with items: number of the item, and a stable code."""
    for number, each in enumerate(left_out):
        if (code := _fault(draft, each, rules, allowed)) is not None:
            yield number, code


def is_blanket(draft: Mapping[str, Any], left_out: Sequence[LeftOut], allowed: AllowList) -> bool:
    """Whether everything is left out, and not each for a reason of its own."""
    content = {name for name in _fields(allowed) if name in draft and name != "subject"}
    whole = [each for each in left_out if not each.passage]
    reasons = {each.reason.strip().casefold() for each in whole}
    return content <= {each.field for each in whole} and len(reasons) < len(whole)


def _fault(draft: Mapping[str, Any], item: LeftOut, rules: Rules, allowed: AllowList) -> str | None:
    exemption = rules.exemption(item.exemption)
    if item.field not in _fields(allowed) or item.field not in draft:
        return "NOT_IN_SUMMARY"
    if item.passage and isinstance(draft[item.field], list):
        return "NO_TEXT"
    if item.passage and not any(item.passage in text for text in _texts(draft[item.field])):
        return "PASSAGE_NOT_FOUND"
    if exemption is None:
        return "EXEMPTION_UNKNOWN"
    if not item.reason.strip():
        return "REASON_MISSING"
    return "THRESHOLD_NOT_CONSIDERED" if exemption.threshold and not item.threshold else None


def _mark(passage: str, text: str) -> str:
    return text.replace(passage, MARK)


def _fields(allowed: AllowList) -> set[str]:
    return {each.field for each in allowed.fields}


def _taken(minutes: Mapping[str, Any], listed: ListedField) -> Any:
    """What the minutes hold for a field, as far as it is kept; None: nothing."""
    if listed.compare is not None:
        before, after = _at(minutes, listed.compare.before), _at(minutes, listed.compare.after)
        return None if before is None or after is None else before != after
    found = _at(minutes, listed.source) if listed.source else None
    if not listed.keep or found is None:
        return found
    if isinstance(found, list):
        return [{name: each[name] for name in listed.keep if name in each} for each in found]
    return {name: found[name] for name in listed.keep if name in found}


def _at(minutes: Mapping[str, Any], place: str) -> Any:
    found: Any = minutes
    for name in place.split("."):
        found = found.get(name) if isinstance(found, Mapping) else None
    return found


def _role_for_name(named: Iterable[Mapping[str, Any]]) -> Callable[[str], str]:
    """Puts a role where somebody's name, or their last name, stands in a text."""
    roles: dict[str, str] = {}
    for person in named:
        name, role = person.get("name", "").strip(), person.get("role", "").replace("_", " ").lower()
        for each in (name, name.rpartition(" ")[2]):
            if len(each) >= _SHORTEST:
                roles.setdefault(each, role)
    if not roles:
        return str
    longest_first = "|".join(re.escape(each) for each in sorted(roles, key=len, reverse=True))
    pattern = re.compile(rf"\b(?:{longest_first})\b")
    return lambda text: pattern.sub(lambda match: roles[match[0]], text)


def _with_texts(value: Any, change: Callable[[str], str]) -> Any:
    """The same with each text changed; ids, codes and days stay."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, list):
        return [each if _is_coded(each) else _with_texts(each, change) for each in value]
    if isinstance(value, Mapping):
        return {name: each if _is_coded(value) else _with_texts(each, change) for name, each in value.items()}
    return value


def _is_coded(value: Any) -> bool:
    """Whether an element holds codes alone, such as presence by body and role."""
    return isinstance(value, Mapping) and "organisation" in value


def _is_gone(value: Any) -> bool:
    """Whether it goes altogether when it is left out: what is no text."""
    return not isinstance(value, str) and (not isinstance(value, Mapping) or "year" in value)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list | Mapping):
        for each in value.values() if isinstance(value, Mapping) else value:
            yield from _texts(each)
