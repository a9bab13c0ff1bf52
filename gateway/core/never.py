"""never.yaml: what must never go, stated apart from the rules; the proof measures the rulebook by it.

A rule that was weakened by mistake would still prove what is left of it. These statements are read from the
guidance alone; no decision is made by them.
"""

from typing import Self

from pydantic import Field, model_validator

from gateway.core.errors import RulebookError
from gateway.core.loading import read_model
from gateway.core.rulebook_model import Applies, Entry, RequirementId, Text
from gateway.core.vocabulary import Category, FactName
from gateway.core.yaml_source import parse_yaml


class Never(Entry):
    """Categories that never go with some documents to some kinds, unless a fact is YES.

    `permit_only` forbids every category but those.
    """

    id: RequirementId
    paragraph: Text
    applies: Applies
    withhold: tuple[Category, ...] = ()
    permit_only: tuple[Category, ...] | None = None
    unless: tuple[FactName, ...] = ()

    @model_validator(mode="after")
    def _check_effect(self) -> Self:
        if bool(self.withhold) == (self.permit_only is not None):
            raise ValueError("write exactly one of withhold and permit_only")
        return self


class NeverFile(Entry):
    """never.yaml."""

    never: tuple[Never, ...] = Field(min_length=1)


def load_never(name: str, text: str) -> tuple[Never, ...]:
    """Reads the statements. RulebookError with file and line on any fault."""
    return read_model(parse_yaml(name, text, RulebookError), NeverFile, RulebookError).never
