"""How long the arrival of an immediate exchange is waited for: data, with its paragraph."""

from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Annotated, Final, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

DATA: Final = Path(__file__).with_name("confirmation.yaml")

_Text = Annotated[str, StringConstraints(min_length=1, max_length=500)]


class Immediate(BaseModel):
    """confirmation.yaml.

    Attributes:
        minutes: from accepting an exchange to the warning.
        authority: POLICY, since the guidance gives no number.
        advice: what to do then, in plain English.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    minutes: int = Field(ge=1, le=120)
    authority: Literal["TEXT", "POLICY"]
    paragraph: _Text
    advice: _Text

    @property
    def span(self) -> timedelta:
        """How long."""
        return timedelta(minutes=self.minutes)


@cache
def immediate() -> Immediate:
    """The limit, read once; an unknown or missing key refuses to start."""
    return Immediate.model_validate(yaml.safe_load(DATA.read_text(encoding="utf-8")))
