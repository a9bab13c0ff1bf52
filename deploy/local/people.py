"""Who can sign in on a private system; passwords are made at each start, for whoever started it."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Any, Final

import yaml
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from deploy.certificates import write_private

SOURCE: Final = Path(__file__).resolve().parent.parent / "story" / "people.yaml"
LOG_INS: Final = "log-ins.json"

_SUBJECT_LETTERS: Final = 16
_LETTERS: Final = "abcdefghjkmnpqrstuvwxyz23456789"  # none that looks like another


class PeopleError(ValueError):
    """The list of people cannot be read, or nobody in it is meant."""


class Colleague(BaseModel):
    """Somebody who can sign in, as `services.identity.people.PersonEntry` has it, without the password.

    Attributes:
        name: First name and family name; user name and subject are made of it.
        area: Which a co-ordinator looks after.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    organisation: str
    desk: str
    job: str
    roles: Annotated[tuple[str, ...], Field(min_length=1)]
    area: str = ""
    clearances: tuple[str, ...] = ()

    @property
    def user(self) -> str:
        """What is typed to sign in."""
        return f"{'.'.join(self.name.lower().split())}@{self.organisation}.example.org"

    @property
    def subject(self) -> str:
        """Id in tokens; it tells no name, since an id token goes into an address when somebody signs out."""
        return f"p-{sha256(self.user.encode()).hexdigest()[:_SUBJECT_LETTERS]}"


@dataclass(frozen=True)
class LogIn:
    """A person and the password of this system."""

    person: Colleague
    password: str = field(repr=False)


def read_people(source: Path = SOURCE) -> list[Colleague]:
    """Read who there is; PeopleError if the file is not in its form."""
    try:
        content: Any = yaml.safe_load(source.read_text(encoding="utf-8"))
        return TypeAdapter(list[Colleague]).validate_python(content)
    except (OSError, yaml.YAMLError, ValidationError) as error:
        raise PeopleError(f"cannot use {source}: {error}") from error


def make_log_ins(people: list[Colleague]) -> list[LogIn]:
    """Give everybody a new password."""
    return [LogIn(person, _make_password()) for person in people]


def write_log_ins(folder: Path, log_ins: list[LogIn]) -> None:
    """Keep them for other programs of the same user, such as `deploy.demo.inbox`."""
    content = [{"person": item.person.model_dump(), "password": item.password} for item in log_ins]
    write_private(folder / LOG_INS, json.dumps(content).encode())


def read_log_ins(folder: Path) -> list[LogIn]:
    """Read what `write_log_ins` wrote; OSError if it is not there."""
    content = json.loads((folder / LOG_INS).read_text(encoding="utf-8"))
    return [LogIn(Colleague.model_validate(item["person"]), item["password"]) for item in content]


def find_log_in(log_ins: list[LogIn], organisation: str, name: str | None = None) -> LogIn:
    """The log-in of a person, or of whoever acts for an organisation; PeopleError if there is none."""
    for item in log_ins:
        if item.person.organisation == organisation and name in {None, item.person.name}:
            return item
    raise PeopleError(f"nobody of {organisation} can sign in" + (f" as {name}" if name else ""))


def _make_password() -> str:
    groups = ("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(4))
    return "-".join(groups)
