"""Reads the lists behind the catalogue: what the guidance asks for, and its letters for forms."""

import re
from collections import Counter
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Final, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, model_validator

from tools.paths import ROOT

RULEBOOK: Final = ROOT / "gateway" / "rulebook"
REQUIREMENTS: Final = RULEBOOK / "requirements.yaml"
LABELS: Final = RULEBOOK / "labels.yaml"
NAMED: Final = "named"
"""The key under which ids without a number of their own are counted."""

_QUALIFIED: Final = re.compile(r"(?P<file>mappa|later|child|adult):(?P<id>[A-Z][A-Z0-9_-]*)")
_NUMBERED: Final = re.compile(r"(?P<prefix>[A-Z]+(?:-[A-Z]+)*)-?\d+")
_MESSAGE: Final = re.compile(r"mappa:MSG-\d+|later:M\d+|(child|adult):M-\d+")

Line = Annotated[str, Field(min_length=3, max_length=110)]
Reason = Annotated[str, Field(min_length=10, max_length=200)]


class RequirementsError(Exception):
    """The list contradicts itself; the message says where."""


class Tag(StrEnum):
    """Who settles a requirement."""

    RULE = "RULE"
    FLOW = "FLOW"
    RECORD = "RECORD"
    JUDGE = "JUDGE"
    OUTSIDE = "OUTSIDE"


class State(StrEnum):
    """What has become of a message."""

    CARRIED = "carried"
    LATER = "later"
    OUTSIDE = "outside"


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Requirement(_Strict):
    """One id. `carried`, `later` and `outside` belong to messages; `documents` to time limits.

    `no_clock` says of a time limit why no exchange, fact or stated day starts it; clocks.yaml has the rest.
    """

    tags: Annotated[tuple[Tag, ...], Field(min_length=1)]
    text: Line
    carried: tuple[str, ...] = ()
    later: Reason | None = None
    outside: Reason | None = None
    documents: tuple[str, ...] = ()
    no_clock: Reason | None = None

    @property
    def states(self) -> tuple[State, ...]:
        """The states that are stated: exactly one for a message."""
        return tuple(state for state in State if getattr(self, state.value))

    @property
    def reason(self) -> str:
        """Why it is not carried; empty if it is."""
        return self.later or self.outside or ""


class Requirements(_Strict):
    """The whole list, checked against its own counts."""

    counts: Mapping[str, Mapping[str, int]]
    later_ceiling: int
    requirements: Mapping[str, Requirement]

    @model_validator(mode="after")
    def _check(self) -> Self:
        for name, requirement in self.requirements.items():
            _check_requirement(name, requirement)
        return self

    def count(self) -> dict[str, dict[str, int]]:
        """How many ids there are by file and prefix, as `counts` says it."""
        found = Counter(self._group(name) for name in self.requirements)
        return {
            file: {prefix: found[file, prefix] for prefix in prefixes}
            for file, prefixes in self.counts.items()
        }

    def messages(self) -> dict[str, Requirement]:
        """The ids of messages, in order."""
        return {name: each for name, each in self.requirements.items() if is_message(name)}

    def list_later(self) -> list[str]:
        """The messages that wait."""
        return [name for name, each in self.messages().items() if each.later]

    def _group(self, qualified: str) -> tuple[str, str]:
        file, _, name = qualified.partition(":")
        numbered = _NUMBERED.fullmatch(name)
        prefix = numbered["prefix"] if numbered else NAMED
        return file, prefix if prefix in self.counts.get(file, {}) else NAMED


class Label(_Strict):
    """What a letter means in one edition, and the documents that carry it."""

    means: str
    documents: tuple[str, ...]


class Edition(_Strict):
    """The letters of one edition of the guidance."""

    edition: str
    paragraph: str
    labels: Mapping[str, Label]


class Labels(_Strict):
    """Every edition."""

    editions: tuple[Edition, ...]


def is_message(qualified: str) -> bool:
    """Whether an id is that of a message between agencies."""
    return _MESSAGE.fullmatch(qualified) is not None


def read_requirements(path: Path = REQUIREMENTS) -> Requirements:
    """Reads the list.

    Raises:
        RequirementsError: an id appears twice.
        pydantic.ValidationError: an entry has no such form.
    """
    return Requirements.model_validate(_parse(path))


def read_labels(path: Path = LABELS) -> Labels:
    """Reads the letters; the same errors as `read_requirements`."""
    return Labels.model_validate(_parse(path))


def _check_requirement(name: str, requirement: Requirement) -> None:
    if _QUALIFIED.fullmatch(name) is None:
        raise ValueError(f"{name}: write file:ID, the file one of mappa, later, child, adult")
    if len(requirement.states) != int(is_message(name)):
        raise ValueError(f"{name}: a message has one of carried, later and outside; nothing else has any")


class _Loader(yaml.SafeLoader):
    """Refuses a key that is written twice, which YAML would let pass silently."""


def _map(loader: _Loader, node: yaml.MappingNode) -> dict[Any, Any]:
    keys = [loader.construct_object(key) for key, _ in node.value]
    twice = sorted(str(key) for key, count in Counter(keys).items() if count > 1)
    if twice:
        raise RequirementsError(f"line {node.start_mark.line + 1}: written twice: {', '.join(twice)}")
    return loader.construct_mapping(node, deep=True)


_Loader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _map)


def _parse(path: Path) -> Any:
    return yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)  # noqa: S506 - a SafeLoader, made strict
