"""The word lists of this package, read once. They are constants of the program, too long for a module."""

from functools import cache
from importlib.resources import files
from typing import Final

from gateway.core.freetext.vocabulary import (
    FUNCTION,
    HOMES,
    INSTITUTIONS,
    KIN,
    PLACES,
    ROLES,
    SECTOR,
    SPEECH,
    STREETS,
    TITLES,
)

PARTS: Final = FUNCTION | HOMES | INSTITUTIONS | KIN | PLACES | ROLES | SECTOR | SPEECH | STREETS | TITLES
"""Words that this package knows by the part they play."""

_SUFFIXES: Final = (
    "ing", "ness", "ment", "ments", "tion", "tions", "sion", "able", "ible", "less", "ful", "fully",
    "ism", "ingly", "edly", "ology", "ation", "wards", "ity", "ities", "ically",
)  # fmt: skip
_STEM: Final = 4


@cache
def ordinary_words() -> frozenset[str]:
    """Words of ordinary English."""
    return _read("words.txt")


@cache
def given_names() -> frozenset[str]:
    """Given names and their short forms."""
    pets = frozenset(pet_forms()) - ordinary_words() - PARTS - harmless_names()
    return (_read("given_names.txt") | pets) - {"son"}


@cache
def trades() -> frozenset[str]:
    """Nouns that end the names of shops and firms."""
    return _read("trades.txt")


@cache
def word_surnames() -> frozenset[str]:
    """Family names that are also ordinary words."""
    return _read("surnames.txt")


@cache
def harmless_names() -> frozenset[str]:
    """Words with a capital that name no person and no home: months, nations, towns, makes, systems."""
    return _read("proper.txt")


@cache
def pet_forms() -> dict[str, frozenset[str]]:
    """For each given name or pet form, the names that it may stand for and the forms it may take."""
    forms: dict[str, set[str]] = {}
    for line in _lines("nicknames.txt"):
        name, *pets = line.split()
        forms.setdefault(name, set()).update(pets)
        for pet in pets:
            forms.setdefault(pet, set()).add(name)
    return {name: frozenset(other) for name, other in forms.items()}


def is_ordinary(word: str) -> bool:
    """Whether a folded word is ordinary English: listed, a form of a listed word, or formed like one."""
    words = ordinary_words()
    if word in words or word in PARTS or any(form in words for form in _stems(word)):
        return True
    return _is_formed(word) and word not in given_names()  # `Felicity`


def is_only_formed(word: str) -> bool:
    """Whether a folded word is no listed one and ordinary by its ending alone, as `Aissling` is."""
    words = ordinary_words()
    listed = word in words or word in PARTS or any(form in words for form in _stems(word))
    return not listed and _is_formed(word)


def _stems(word: str) -> tuple[str, ...]:
    if len(word) <= _STEM or word.endswith("ss"):
        return ()
    stems = {"s": (word[:-1],), "d": (word[:-1], word[:-2]), "y": (word[:-2],), "r": (word[:-1], word[:-2])}
    fits = word.endswith(("s", "ed", "ly", "er"))
    return stems.get(word[-1], ()) if fits else ()


def _is_formed(word: str) -> bool:
    return any(len(word) > len(suffix) + _STEM and word.endswith(suffix) for suffix in _SUFFIXES)


def _read(name: str) -> frozenset[str]:
    return frozenset(word for line in _lines(name) for word in line.split())


def _lines(name: str) -> list[str]:
    text = files(__package__).joinpath("data", name).read_text(encoding="utf-8")
    return [line for line in text.splitlines() if line and not line.startswith("#")]
