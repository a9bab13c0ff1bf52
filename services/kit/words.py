"""Plain words for codes: enumerations, laws, categories, fields, dates and times."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC
from functools import cache
from pathlib import Path
from typing import Final

import yaml
from google.protobuf.descriptor import EnumDescriptor
from google.protobuf.timestamp_pb2 import Timestamp

_ABOUT: Final = {
    "SUBJECT": "the person's",
    "VICTIM": "the victim's",
    "CHILD": "the child's",
    "ADULT_AT_RISK": "the adult's",
    "STAFF": "staff's",
    "OTHER": "other people's",
}
_KIND: Final = {
    "IDENTITY": "identity",
    "CONTACT": "contact details",
    "LOCATION": "whereabouts",
    "OFFENCE": "offences",
    "SENTENCE": "sentence and release",
    "RESTRICTION": "restrictions",
    "RISK": "assessed risk",
    "RISK_FLAG": "risk flag",
    "HEALTH": "health",
    "INTELLIGENCE": "intelligence",
    "RELATIONSHIP": "relationships",
    "CHARACTERISTIC": "protected characteristics",
    "SAFEGUARDING": "safeguarding record",
    "VIEWS": "wishes and views",
    "MANAGEMENT": "case management",
    "NARRATIVE": "narrative",
}
_SHORT: Final = {"PNC id": "PNC", "sch8": "DPA 2018 Sch. 8:", "sch1": "DPA 2018 Sch. 1:"}
_ABBREVIATIONS: Final = Path(__file__).resolve().parents[1] / "rulebook" / "abbreviations.yaml"
_ACRONYMS: Final = frozenset({"CJA", "OMA", "CDA", "CSWA", "DVCVA", "SSWBWA", "MHA"})
_PART: Final = re.compile(r"\bPart(?=\d)")
_SECTION: Final = re.compile(r"\bs(\d+)\b", re.IGNORECASE)
_WORDS: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_MONTHS: Final = (
    "January February March April May June July August September October November December".split()  # noqa: SIM905
)


def plain(name: str) -> str:
    """A code or field name in plain words: `RELEASE_ON_LICENCE` becomes `Release on licence`."""
    known = abbreviations()
    text = " ".join(known.get(word, word) for word in name.replace("_", " ").lower().split())
    for short, right in _SHORT.items():
        text = text.replace(short, right)
    return _SECTION.sub(r"s.\1", text[:1].upper() + text[1:])


@cache
def abbreviations() -> Mapping[str, str]:
    """How words that stand for more are written, by the word in lower case."""
    read: dict[str, str] = yaml.safe_load(_ABBREVIATIONS.read_text(encoding="utf-8"))
    return read


def enum_prefix(enum: EnumDescriptor) -> str:
    """What each value's name begins with: `RELEASE_TYPE_` for `ReleaseType`."""
    return _WORDS.sub("_", enum.name).upper() + "_"


def enum_words(enum: EnumDescriptor, number: int) -> str:
    """A value of an enumeration in plain words."""
    return plain(enum.values_by_number[number].name.removeprefix(enum_prefix(enum)))


def law_words(name: str) -> str:
    """A law as lawyers cite it: `CJA_2003_S325` becomes `CJA 2003 s.325`."""
    if not any(letter.isdigit() for letter in name):
        return plain(name)
    words = [word if word in _ACRONYMS else word.capitalize() for word in name.split("_")]
    return _PART.sub("Part ", _SECTION.sub(r"s.\1", " ".join(words)))


def category_words(category: str) -> str:
    """A category in plain words: `SUBJECT_OFFENCE` becomes `the person's offences`."""
    for about, owner in _ABOUT.items():
        kind = category.removeprefix(about + "_")
        if kind != category and kind in _KIND:
            return f"{owner} {_KIND[kind]}"
    return plain(category).lower()


def categories_words(categories: Iterable[str]) -> str:
    """Several categories, owner by owner: `the victim's identity, whereabouts and assessed risk`."""
    owners: dict[str, list[str]] = {}
    for category in sorted(set(categories)):
        words = category_words(category)
        owner, found, kind = words.partition("'s ")
        owners.setdefault(owner + found.strip() if found else "", []).append(kind if found else words)
    return "; ".join(f"{owner} {_join(kinds)}".strip() for owner, kinds in owners.items())


def date_words(year: int, month: int = 0, day: int = 0) -> str:
    """A date as people write it; as much of it as there is."""
    named = _MONTHS[month - 1] if month else ""
    return " ".join(part for part in (str(day) if day else "", named, str(year)) if part)


def time_words(stamp: Timestamp) -> str:
    """A time of day, UTC."""
    return f"{stamp.ToDatetime(tzinfo=UTC):%H:%M:%S}"


def _join(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
