"""Whom to telephone at another organisation: its desks and their numbers, by the directory."""

from dataclasses import dataclass

from flask import current_app

from services.console.directory import Directory
from services.console.words import DIRECTORY


@dataclass(frozen=True, slots=True)
class Telephone:
    """A number.

    Attributes:
        desk: what the desk is called.
        number: as the directory has it.
    """

    desk: str
    number: str

    @property
    def address(self) -> str:
        """The number as a link dials it."""
        return "tel:" + "".join(sign for sign in self.number if sign.isdigit() or sign == "+")


def telephones_of(organisation: str, desk: str = "") -> list[Telephone]:
    """Numbers of an organisation's desks, or of one of them; none if the directory has none.

    Restricted desks are not among them: the directory shows them to nobody here.
    """
    known: Directory = current_app.extensions[DIRECTORY]
    listed = known.entries().get(organisation)
    if listed is None:
        return []
    wanted = (each for each in listed.desks if each.telephone and desk in ("", each.desk))
    return [Telephone(each.name or each.desk, each.telephone) for each in wanted]


def desks_of(organisation: str) -> list[tuple[str, str]]:
    """An organisation's desks to choose from: id and name."""
    known: Directory = current_app.extensions[DIRECTORY]
    listed = known.entries().get(organisation)
    return [] if listed is None else [(each.desk, each.name or each.desk) for each in listed.desks]
