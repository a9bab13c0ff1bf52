"""Turns what rules are made of into words that somebody who answers for them can read."""

import re
from collections.abc import Iterable
from typing import Final

from gateway.core.model import Tell
from gateway.core.rulebook_model import Applies, Telling

_ACRONYMS: Final = frozenset(
    {"DWP", "MARAC", "MAPPA", "CQC", "IDVA", "CJA", "DPA", "UK", "GDPR", "NHS", "OMA", "CDA", "LAW", "CPF"}
)
_TOLD: Final = {
    Tell.NOTHING: "nothing",
    Tell.CATEGORY: "the category",
    Tell.REASON: "the reason",
}
_ENUM = re.compile(r"(?:\w+\.)*([A-Z][A-Za-z0-9]+)\.([A-Z][A-Z0-9_]+)")
_REPLACED: Final = (
    (re.compile(r"(?<!!)\bhas\(([\w.]+)\) && \1(?= (?:==|in|<|>))"), r"\1"),
    (re.compile(r"(?<!!)\bhas\(([\w.]+)\) && \1(?=$|\)| &&| \|\|)"), r"\1 is true"),
    (re.compile(r"!has\(([\w.]+)\)"), r"\1 is not stated"),
    (re.compile(r"has\(([\w.]+)\)"), r"\1 is stated"),
    (re.compile(r"!([\w.]+)\.exists\((\w+), "), r"there is no \2 in \1 such that ("),
    (re.compile(r"([\w.]+)\.exists\((\w+), "), r"there is a \2 in \1 such that ("),
    (re.compile(r"([\w.]+)\.all\((\w+), "), r"for each \2 in \1 ("),
    (re.compile(r"([\w.]+)\.size\(\) == 0"), r"\1 is empty"),
    (re.compile(r"([\w.]+)\.size\(\) > 0"), r"\1 is not empty"),
    (re.compile(r"([\w.]+) == ''"), r"\1 is empty"),
    (re.compile(r"([\w.]+) != ''"), r"\1 is not empty"),
    (re.compile(r" == true\b"), " is true"),
    (re.compile(r" == false\b"), " is false"),
    (re.compile(r"!([a-z][\w.]*)(?![\w.]*\()"), r"\1 is not true"),
    (re.compile(r"!\("), "not ("),
    (re.compile(r" == "), " is "),
    (re.compile(r" != "), " is not "),
    (re.compile(r" in \["), " is one of ["),
    (re.compile(r" && "), " and "),
    (re.compile(r" \|\| "), " or "),
    (re.compile(r"\bdocument\."), "the document's "),
    (re.compile(r"\bheader\."), "the header's "),
    (re.compile(r"\brecipient\."), "the recipient's "),
)


def word(name: str) -> str:
    """`CHILDRENS_SERVICES` as `childrens services`; what is known by its letters keeps them."""
    return " ".join(part if part in _ACRONYMS else part.lower() for part in name.split("_"))


def words(names: Iterable[str]) -> str:
    """Several, with commas."""
    return ", ".join(word(name) for name in names)


def spelt_out(condition: str) -> str:
    """A condition nearly in English; the exact one stands beside it."""
    text = " ".join(condition.split()).replace('"', "'")
    text = _ENUM.sub(lambda found: _value(found[1], found[2]), text)
    for pattern, replacement in _REPLACED:
        text = pattern.sub(replacement, text)
    return text.replace("_", " ")


def scope(applies: Applies) -> str:
    """To which flows something applies, as a sentence without its stop."""
    parts = [
        f"to {', '.join(applies.documents)}" if applies.documents else "to every document",
        f"except {', '.join(applies.except_documents)}" if applies.except_documents else "",
        f"sent by {words(applies.senders)}" if applies.senders else "",
        f"to {words(applies.recipients)}" if applies.recipients else "",
        f"to anybody but {words(applies.except_recipients)}" if applies.except_recipients else "",
        f"in order to {words(applies.purposes)}" if applies.purposes else "",
        f"where it does not also go to {words(sorted(applies.lacking))}" if applies.lacking else "",
    ]
    return ", ".join(part for part in parts if part).replace(", except", " except", 1)


def told(tell: Telling) -> str:
    """What each side learns."""
    text = f"the sender learns {_TOLD[tell.sender]}, the recipient {_TOLD[tell.recipient]}"
    return f"{text} ({tell.citation})" if tell.citation else text


def _value(enum: str, name: str) -> str:
    prefix = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", enum).upper() + "_"
    return word(name.removeprefix(prefix))


def sentence(text: str) -> str:
    """A code or words as a sentence begins."""
    plain = word(text) if text.isupper() else text
    return plain[:1].upper() + plain[1:]
