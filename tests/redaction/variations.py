"""Narratives varied by rule: other people, and each mention written another way that people write names.

Each variation takes a mention of a person and gives it a new form; the marks move with the text.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from random import Random
from typing import Any, Final

from gateway.core.freetext import vocabulary as v
from gateway.core.freetext.folding import WORD, fold
from gateway.core.freetext.lexicon import pet_forms
from tests.redaction.casting import Cast, misspell

_SHARE: Final = 0.35
"""How many mentions of a narrative are varied."""
_TITLE: Final = re.compile(r"\b(?:Mr|Mrs|Ms|Miss|Dr|DS|DC|PC|SO|SW|Fr|Auntie|Grandad|Officer|OIC DC) $")

Form = Callable[[str, Mapping[str, Any], Random], str]


def _names(party: Mapping[str, Any]) -> tuple[str, str] | None:
    """Given and family name; None where there is but one, or a placeholder."""
    words = [word for word in party["name"].split() if fold(word) not in v.TITLES]
    return None if len(words) < 2 or words[0] == "Baby" else (words[0], words[-1])


def _given(_: str, party: Mapping[str, Any], __: Random) -> str:
    names = _names(party)
    return names[0] if names else _


def _small_given(text: str, party: Mapping[str, Any], random: Random) -> str:
    return _given(text, party, random).lower()


def _family(text: str, party: Mapping[str, Any], _: Random) -> str:
    names = _names(party)
    return names[1] if names else text


def _initials(text: str, party: Mapping[str, Any], random: Random) -> str:
    letters = [
        word[0] for word in WORD.findall(party["name"]) if word[0].isupper() and fold(word) not in v.TITLES
    ]
    short = letters[0] + letters[-1]
    return random.choice([short, f"{short[0]}.{short[1]}", "".join(letters)]) if _names(party) else text


def _initial_family(text: str, party: Mapping[str, Any], random: Random) -> str:
    names = _names(party)
    return f"{names[0][0]}{random.choice([' ', '. ', '.'])}{names[1]}" if names else text


def _given_initial(text: str, party: Mapping[str, Any], _: Random) -> str:
    names = _names(party)
    return f"{names[0]} {names[1][0]}" if names else text


def _turned(text: str, party: Mapping[str, Any], random: Random) -> str:
    names = _names(party)
    if names is None:
        return text
    given, family = names
    return random.choice([f"{family.upper()}, {given}", f"{family.upper()} {given}", f"{family}, {given}"])


def _nickname(text: str, party: Mapping[str, Any], random: Random) -> str:
    names = _names(party)
    forms = sorted(form for form in pet_forms().get(fold(names[0]), ()) if len(form) > 2) if names else []
    return random.choice(forms).capitalize() if forms else text


def _broken(text: str, party: Mapping[str, Any], _: Random) -> str:
    names = _names(party)
    whole = " ".join(names) if names and " " not in text else text
    return whole.replace(" ", "\n", 1)


def _misspelt(text: str, _: Mapping[str, Any], random: Random) -> str:
    longest = max(WORD.findall(text), key=len)
    return text.replace(longest, misspell(longest, random), 1)


FORMS: Final[Mapping[str, Form]] = {
    "other people": lambda text, _, __: text,
    "small letters": lambda text, _, __: text.lower(),
    "capitals": lambda text, _, __: text.upper(),
    "misspelt": _misspelt,
    "given name": _given,
    "given name small": _small_given,
    "family name": _family,
    "initials": _initials,
    "initial and family": _initial_family,
    "given and initial": _given_initial,
    "turned round": _turned,
    "nickname": _nickname,
    "line break": _broken,
    "possessive": lambda text, _, random: random.choice([text, text.lower()]),
}
_FULL: Final = frozenset(
    {"given name", "initials", "initial and family", "given and initial", "turned round"}
)
"""Not after a title, where nobody writes so."""


def vary(record: Mapping[str, Any], form: str, seed: int) -> dict[str, Any]:
    """A narrative with other people, its mentions in a new form.

    Args:
        record: a narrative in the form of README.md.
        form: a key of `FORMS`.
        seed: decides who the people are and which mentions are varied; the same seed, the same narrative.
    """
    random = Random(f"{record['id']}-{form}-{seed}")  # noqa: S311 - reproducible, nothing secret
    cast = Cast(record, random)
    parties = [_recast(party, cast) for party in record["parties"]]
    known, old = (
        {party["id"]: party for party in parties},
        {party["id"]: party for party in record["parties"]},
    )
    text, last, spans = "", 0, []
    for span in record["spans"]:
        text += record["text"][last : span["start"]]
        last = span["end"]
        said, tail = _say(span, cast, old.get(span["party"])), ""
        if span["type"] == "PERSON" and span["party"] in known and random.random() < _SHARE:
            said, tail = _reform(said, form, known[span["party"]], random, text)
        spans.append({**span, "start": len(text), "end": len(text) + len(said), "text": said})
        text += said + (tail if record["text"][last : last + 1] not in ("'", "\u2019", "s") else "")
    return {**record, "text": text + record["text"][last:], "parties": parties, "spans": spans}


def _recast(party: Mapping[str, Any], cast: Cast) -> dict[str, Any]:
    aliases = [
        cast.mention(alias, party) if alias.isupper() else cast.say(alias) for alias in party["aliases"]
    ]
    address = cast.say(party["address"]) if party["address"] else None
    return {**party, "name": cast.say(party["name"]), "aliases": aliases, "address": address}


def _say(span: Mapping[str, Any], cast: Cast, party: Mapping[str, Any] | None) -> str:
    text: str = span["text"]
    if span["type"] == "PERSON":
        return cast.mention(text, party)
    return cast.say(text) if span["type"] in ("ADDRESS", "IDENTIFYING_PLACE") else text


def _reform(said: str, form: str, party: Mapping[str, Any], random: Random, before: str) -> tuple[str, str]:
    """The mention in its new form, and what follows it outside the mark."""
    if any(sign in said for sign in "_@0123456789") or (form in _FULL and _TITLE.search(before)):
        return said, ""
    return FORMS[form](said, party, random), "s" if form == "possessive" else ""


def vary_all(records: Iterable[Mapping[str, Any]], form: str, seed: int) -> list[dict[str, Any]]:
    """Each narrative varied once."""
    return [vary(record, form, seed) for record in records]
