"""Gives the people and homes of a narrative other names, wherever they stand in it."""

from collections.abc import Mapping
from random import Random
from typing import Any, Final

from gateway.core.freetext import vocabulary as v
from gateway.core.freetext.folding import WORD, fold, words_of
from gateway.core.freetext.lexicon import pet_forms
from tests.redaction.names import FAMILY, GIVEN, STREETS, WORD_FAMILY, WORD_GIVEN

_KEPT: Final = frozenset({"st", "ni", "o", "mac", "jo", "anne", "rae", "kin"}) | v.TITLES | v.PLACEHOLDERS
_PARTS: Final = v.STREETS | v.HOMES | v.PLACES | v.SHORT_STREETS.keys() | v.PLACE_ADJECTIVES
_ALONE: Final = frozenset({"flat", "room", "pitch", "the", "site", "top", "caravan", "ysgol"})
_WORD_SHARE: Final = 0.2
"""How many of the new names are ordinary words as well, as in the narratives themselves."""


class Cast:
    """The new names of one narrative: each word of a name or an address, folded, to its successor."""

    def __init__(self, record: Mapping[str, Any], random: Random) -> None:
        self.random, self.words = random, dict[str, str]()
        self._spoken = set(record["text"].split())
        for party in record["parties"]:
            self._name_party(party)
        for span in record["spans"]:
            if span["type"] == "PERSON" and span["party"] == "-":
                self._name(words_of(span["text"]))
            if span["type"] == "ADDRESS":
                self._move(span["text"])

    def _name_party(self, party: Mapping[str, Any]) -> None:
        self._name(words_of(party["name"]))
        for alias in party["aliases"]:
            for word in words_of(alias):
                if word not in self.words and word not in _KEPT and len(word) > 2:
                    self.words[word] = self._pet(words_of(party["name"]), word)
        self._move(party["address"] or "")

    def _name(self, words: tuple[str, ...]) -> None:
        for place, word in enumerate(words):
            if word not in self.words and word not in _KEPT and len(word) > 2:
                last = place == len(words) - 1 and place > 0
                self.words[word] = self._draw(FAMILY if last else GIVEN, WORD_FAMILY if last else WORD_GIVEN)

    def _draw(self, names: list[str], words: list[str]) -> str:
        """A name, now and then one that is a word, if possible a word of this very text."""
        if self.random.random() >= _WORD_SHARE:
            return self._pick(names)
        spoken = [word for word in words if word.lower() in self._spoken]
        return self._pick(spoken if spoken and self.random.random() < _WORD_SHARE else words)

    def _pick(self, names: list[str]) -> str:
        """A name that nobody of the narrative has yet, if there is one left."""
        fresh = [name for name in names if name not in self.words.values()]
        return self.random.choice(fresh or names)

    def _pet(self, name: tuple[str, ...], alias: str) -> str:
        """A short form of the new name where the old alias began as the old name did; else another name."""
        old = next((word for word in name if word[:2] == alias[:2]), "")
        forms = sorted(form for form in pet_forms().get(fold(self.words.get(old, "")), ()) if len(form) > 2)
        return self.random.choice(forms).capitalize() if forms else self.random.choice(GIVEN)

    def _move(self, address: str) -> None:
        for word in WORD.findall(address):
            plain = fold(word)
            if (
                len(plain) > 2
                and plain not in self.words
                and plain not in _PARTS | _ALONE
                and word[0].isupper()
            ):
                self.words[plain] = self.random.choice(STREETS)

    def say(self, text: str) -> str:
        """A name or an address in its new words, capitals as before."""
        return WORD.sub(lambda found: _as(found[0], self.words.get(fold(found[0]), found[0])), text)

    def mention(self, text: str, party: Mapping[str, Any] | None) -> str:
        """A mention: initials and misspellings of the old name become those of the new."""
        known = [] if party is None else [word for word in words_of(party["name"]) if word in self.words]

        def change(found: Any) -> str:
            word: str = found[0]
            if fold(word) in self.words or not known or fold(word) in _KEPT | {"nana", "big"}:
                return self.say(word)
            if len(word) == 1 or (word.isupper() and len(word) <= 3):
                return "".join(self._letter(letter, known) for letter in word)
            near = max(known, key=lambda name: sum(a == b for a, b in zip(name, fold(word), strict=False)))
            return _as(word, misspell(self.words[near], self.random))

        return text if any(sign in text for sign in "_@0123456789") else WORD.sub(change, text)

    def _letter(self, letter: str, known: list[str]) -> str:
        old = next((word for word in known if word[0] == fold(letter)), None)
        return _as(letter, self.words[old][0]) if old else letter


def misspell(word: str, random: Random) -> str:
    """One slip of the pen after the first letter: dropped, doubled, swapped or another vowel."""
    if len(word) < 5:
        return word
    place = random.randrange(1, len(word) - 1)
    head, letter, tail = word[:place], word[place], word[place + 1 :]
    vowel = "e" if letter in "aiou" else letter
    return random.choice(
        [head + tail, head + letter * 2 + tail, head + tail[0] + letter + tail[1:], head + vowel + tail]
    )


def _as(old: str, new: str) -> str:
    if old.isupper() and len(old) > 1:
        return new.upper()
    return new.lower() if old.islower() else new
