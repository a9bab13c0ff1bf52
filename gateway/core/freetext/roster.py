"""The names of a case, and every form in which a word of a text may stand for one of them."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Final

from gateway.core.freetext.folding import words_of
from gateway.core.freetext.lexicon import given_names, pet_forms
from gateway.core.freetext.model import PartyNames
from gateway.core.freetext.spelling import is_near, sound_of
from gateway.core.freetext.vocabulary import PARTICLES, PLACEHOLDERS, TITLES

_PET_ENDINGS: Final = (
    "",
    "y",
    "ie",
    "ey",
    "i",
    "s",
    "o",
    "a",
    "er",
    "ers",
    "ster",
    "z",
    "za",
    "zer",
    "ski",
    "boy",
    "os",
)
_STEM: Final = 3
_NEAR: Final = 4


@dataclass(frozen=True, slots=True)
class Listed:
    """Whom a word may mean.

    Attributes:
        parties: indices of parties, protected ones first.
        sure: the word is a name or an alias of theirs, not something derived from one.
        tabled: it is a short or pet form that the table gives for one of their names.
        trim: letters at its end that are not part of the name (`Summers poorly`).
    """

    parties: frozenset[int]
    sure: bool
    trim: int = 0
    tabled: bool = False


@dataclass(slots=True)
class Roster:
    """All forms of the parties of one case; indices below `protected` are to be masked."""

    protected: int
    words: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    derived: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    initials: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    joined: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    letters: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    singles: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    phrases: dict[str, list[tuple[tuple[str, ...], int]]] = field(default_factory=lambda: defaultdict(list))
    given: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    heads: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    sounds: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    towns: set[tuple[str, ...]] = field(default_factory=set)
    particles: set[str] = field(default_factory=set)

    def look_up(self, word: str, *, guess: bool) -> Listed | None:
        """Whom a folded word may mean; None if nobody.

        Args:
            word: folded.
            guess: also try misspellings and pet endings, which ordinary words are too likely to fit.
        """
        if word in self.words:
            return Listed(frozenset(self.words[word]), sure=True)
        if len(word) >= _NEAR and word[-1] == "s" and word[:-1] in self.words:
            parties = self.words[word[:-1]] | self.derived.get(
                word, set()
            )  # `Wills` may be Will's or William
            return Listed(frozenset(parties), sure=True, trim=1)
        if word in self.derived:
            return Listed(frozenset(self.derived[word]), sure=False, tabled=True)
        if len(word) >= _NEAR and word[-1] == "s" and word[:-1] in self.derived:
            return Listed(frozenset(self.derived[word[:-1]]), sure=False, trim=1, tabled=True)
        return self._guess(word, near=guess) if len(word) >= _STEM else None

    def is_protected(self, parties: Iterable[int]) -> bool:
        """Whether any of these parties is to be masked."""
        return any(party < self.protected for party in parties)

    def _guess(self, word: str, *, near: bool) -> Listed | None:
        found: set[int] = set()
        alike = self.sounds.get(sound_of(word), ()) if near and len(word) > _NEAR else ()
        for name in chain(self.heads.get(word[0], ()), alike):
            if (near and len(word) >= _NEAR and is_near(word, name)) or _is_pet(word, name, near=near):
                found |= self.words[name]
        strange = word in given_names() and not self.is_protected(found)
        return Listed(frozenset(found), sure=False) if found and not strange else None


def build_roster(protected: Sequence[PartyNames], kept: Sequence[PartyNames]) -> Roster:
    """The roster of a case."""
    roster = Roster(len(protected))
    for index, party in enumerate(chain(protected, kept)):
        _add(roster, index, party)
    for name in roster.words:
        roster.heads[name[0]].append(name)
        if len(name) > _NEAR:
            roster.sounds[sound_of(name)].append(name)
    return roster


def _add(roster: Roster, index: int, party: PartyNames) -> None:
    given, family = split_name(party)
    whole = words_of(party.name)
    roster.particles.update(word for word in whole[1:] if word in PARTICLES and len(word) > 1)
    _add_placeholders(roster, index, whole)
    _add_words(roster, index, given, family)
    for alias in party.aliases:
        _add_alias(roster, index, alias)
    for word in given:
        roster.given[word].add(index)
        for pet in _pets(word, wide=index < roster.protected):
            roster.derived[pet].add(index)
    for initials in _initials(given, family):
        roster.initials[initials].add(index)
    for part in (given, family):
        if len(part) > 1:
            roster.joined["".join(word[0] for word in part)].add(index)
    for word in (*given, *family):
        roster.letters[word[0]].add(index)


def _pets(word: str, *, wide: bool) -> Iterable[str]:
    """Forms of a name in the table; for the protected those of its full name too: `Reg` for `Reggie`."""
    near = pet_forms().get(word, frozenset())
    if not wide:
        return near
    return near.union(*(pet_forms().get(each, ()) for each in near if len(each) > len(word))) - {word}


def _add_placeholders(roster: Roster, index: int, whole: tuple[str, ...]) -> None:
    """`Unborn Baby Moss` is also written `Baby Moss`."""
    starts = PLACEHOLDERS - TITLES
    if whole and whole[0] in starts:
        for cut, word in enumerate(whole[:-1]):
            if word in starts:
                roster.phrases[word].append((whole[cut:], index))


def _add_words(roster: Roster, index: int, given: tuple[str, ...], family: tuple[str, ...]) -> None:
    for word in (*given, *family):
        _add_word(roster, index, word)
    if given and family[-1] in PLACEHOLDERS:
        roster.words[family[-1]].add(index)  # `Pamela Child`


def _add_alias(roster: Roster, index: int, alias: str) -> None:
    words = words_of(alias)
    if len(words) == 1 and len(words[0]) == 1:
        roster.singles[words[0]].add(index)  # known as `T`
    if alias.isupper() and alias.isalpha() and len(alias) <= _STEM:
        roster.initials[words[0]].add(index)  # `AK`
    if len(words) > 1:
        roster.phrases[words[0]].append((words, index))
        roster.initials["".join(word[0] for word in words)].add(index)
    if len(words) == 1 and len(words[0]) > 2:  # noqa: PLR2004 - an alias that is also a particle: `Nic`
        roster.words[words[0]].add(index)
    for word in words:
        kin = len(words) > 1 and (
            word in TITLES or word in {"big", "little", "young", "old", "the", "lil", "mad", "fat"}
        )
        if not kin:
            roster.given[word].add(index)
            _add_word(roster, index, word)
            roster.letters[word[0]].add(index)


def _add_word(roster: Roster, index: int, word: str) -> None:
    if len(word) > 1 and word not in PARTICLES and word not in PLACEHOLDERS:
        roster.words[word].add(index)


def split_name(party: PartyNames) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The folded words of a party's given names and of its family name, titles and placeholders left out."""
    words = party.name.split()
    while words and set(words_of(words[0])) <= (TITLES | PLACEHOLDERS):
        words.pop(0)
    if party.family:
        family = words_of(party.family)
        given = tuple(word for word in words_of(" ".join(words)) if word not in family)
        return given, family
    cut = next((i for i, word in enumerate(words) if i and _is_particle(word)), len(words) - 1)
    if cut <= 0:
        return (
            ((), words_of(party.name))
            if len(words) <= 1
            else (words_of(words[0]), words_of(" ".join(words[1:])))
        )
    return words_of(" ".join(words[:cut])), words_of(" ".join(words[cut:]))


def _is_particle(word: str) -> bool:
    return (
        (words_of(word) or ("",))[0] in PARTICLES
        and "-" not in word
        and "'" not in word
        and "\u2019" not in word
    )


def _initials(given: tuple[str, ...], family: tuple[str, ...]) -> Iterator[str]:
    """`Kerry-Ann Moss-Hale`: KM, KH, KMH, KAM, KAH, KAMH; each given name with the family name too."""
    plain = tuple(word for word in family if word not in PARTICLES) or family
    if not given or not plain:
        return
    firsts = {
        given[0][0],
        "".join(word[0] for word in given),
        given[0][0] + given[-1][0] if len(given) > 1 else "",
    }
    lasts = {
        plain[0][0],
        plain[-1][0],
        "".join(word[0] for word in plain),
        "".join(word[0] for word in family),
    }
    yield from (first + last for first in firsts - {""} for last in lasts)


def _is_pet(word: str, name: str, *, near: bool) -> bool:
    """Whether a word is a name cut short, with or without a pet ending: `Lex`, `Stobbo`, `Robbie`."""
    if word[:_STEM] != name[:_STEM] or len(word) > len(name) + 2:
        return False
    shared = next(
        (i for i, (a, b) in enumerate(zip(word, name, strict=False)) if a != b), min(len(word), len(name))
    )
    rest = word[shared:]
    if rest and rest[0] == word[shared - 1] and rest not in _PET_ENDINGS:
        rest = rest[1:]
    return shared < len(name) and (rest in _PET_ENDINGS if near else not rest)
