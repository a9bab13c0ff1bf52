"""Those who may sign in, from a TOML file that only its owner can read."""

import tomllib
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final, Self

from pydantic import BaseModel, Field, model_validator

from services.identity.passwords import FORM, is_password
from services.identity.settings import ORGANISATION, STRICT, ClientEntry, validate
from services.kit.access.actor import Clearance, Role
from services.kit.credentials import CredentialError, read_secret
from services.kit.settings import SettingsError

_CODE: Final = r"^[A-Z][A-Z0-9_]{1,62}$"


class PersonEntry(BaseModel):
    """A member of staff.

    Attributes:
        subject: id in tokens; never used for anybody else.
        user: what is typed to sign in.
        password: its hash, as `python -m services.identity password` prints it.
        name, job, roles, organisation, desk, area, clearances: as `services.kit.access.actor.Person`.
    """

    model_config = STRICT

    subject: str = Field(pattern=r"^[A-Za-z0-9._-]{1,100}$")
    user: str = Field(min_length=1, max_length=200)
    password: str = Field(pattern=FORM, repr=False)
    name: str = Field(min_length=1, max_length=200)
    job: str = Field(pattern=_CODE)
    roles: tuple[Role, ...] = Field(min_length=1)
    organisation: str = Field(pattern=ORGANISATION)
    desk: str = Field(pattern=ORGANISATION)
    area: str = ""
    clearances: tuple[Clearance, ...] = ()

    @model_validator(mode="after")
    def _check_roles(self) -> Self:
        if Role.AGENCY_SYSTEM in self.roles:
            raise ValueError("AGENCY_SYSTEM is no role of a person")
        if (Role.MAPPA_COORDINATOR in self.roles) is not bool(self.area):
            raise ValueError("a MAPPA_COORDINATOR has an area, and nobody else has one")
        return self


class _PeopleFile(BaseModel):
    model_config = STRICT

    people: tuple[PersonEntry, ...] = ()


class People:
    """Those who may sign in.

    Args:
        entries: no subject and no user name twice.
    """

    def __init__(self, entries: Iterable[PersonEntry]) -> None:
        self._by_user: Final = {entry.user.casefold(): entry for entry in entries}
        self._by_subject: Final = {entry.subject: entry for entry in self._by_user.values()}

    def check(self, user: str, password: str) -> PersonEntry | None:
        """Who this is; None if there is no such user, or the password is another: it does not show which."""
        found = self._by_user.get(user.casefold())
        return found if is_password(found.password if found else None, password) else None

    def get(self, subject: str) -> PersonEntry | None:
        """Somebody by subject."""
        return self._by_subject.get(subject)


def read_people(path: Path, clients: Iterable[ClientEntry]) -> People:
    """Reads the file.

    Raises:
        SettingsError: it is missing or readable by others, or does not go together with the clients.
    """
    try:
        content: dict[str, Any] = tomllib.loads(read_secret(path).decode())
    except CredentialError as error:
        raise SettingsError(str(error)) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError):
        raise SettingsError(f"{path}: is not TOML") from None
    entries = validate(_PeopleFile, content, path).people
    for fault in _find_faults(entries, list(clients)):
        raise SettingsError(f"{path}: {fault}")
    return People(entries)


def _find_faults(entries: tuple[PersonEntry, ...], clients: list[ClientEntry]) -> Iterable[str]:
    users = Counter(entry.user.casefold() for entry in entries)
    subjects = Counter(entry.subject for entry in entries)
    if any(count > 1 for count in (*users.values(), *subjects.values())):
        yield "names a user or a subject twice"
    if subjects.keys() & {client.client_id for client in clients}:
        yield "a subject is the id of a client: a token would not show which of the two it is for"
    for name in sorted(
        {entry.organisation for entry in entries} - {client.organisation for client in clients}
    ):
        yield f"there is no client of {name}: nobody there could sign in"
