"""Which organisations there are, from the directory's source, and which process each of them runs."""

from __future__ import annotations

import importlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from publicprotection.common.v1.organisation_pb2 import OrganisationKind
from publicprotection.exchange.v1.directory_service_pb2 import Organisation

from gateway.core.directory import load_directory
from gateway.core.errors import DirectoryDataError
from services.kit.profile import Profile

SOURCE: Final = Path(__file__).resolve().parent.parent / "directory" / "organisations.yaml"
ROLES: Final = ("police", "probation", "prison", "childrens", "adults", "partner")


class RosterError(ValueError):
    """The directory's source cannot be used, or an organisation that is to run is not in it."""


@dataclass(frozen=True)
class Member:
    """One organisation that runs a process here.

    Attributes:
        organisation: Its entry in the directory, as yet without keys.
        role: The role whose process it runs, such as `police`.
    """

    organisation: Organisation
    role: str

    @property
    def id(self) -> str:
        """The organisation's id."""
        return self.organisation.organisation


def read_organisations(source: Path = SOURCE) -> list[Organisation]:
    """Read the organisations with their desks.

    Raises:
        RosterError: The file cannot be read, or says what a directory may not.
    """
    try:
        text = source.read_text(encoding="utf-8")
        return list(load_directory(source.name, text).organisations)
    except (OSError, DirectoryDataError) as error:
        raise RosterError(f"cannot use {source}: {error}") from error


def choose_members(organisations: Iterable[Organisation], wanted: Sequence[str]) -> list[Member]:
    """Choose those that run here, in the order wanted.

    Raises:
        RosterError: One is not in the directory, or no role is open to its kind.
    """
    known = {entry.organisation: entry for entry in organisations}
    missing = [name for name in wanted if name not in known]
    if missing:
        raise RosterError(f"not in the directory: {', '.join(missing)}")
    profiles = [_profile(role) for role in ROLES]
    return [Member(known[name], _role(known[name], profiles)) for name in wanted]


def _role(entry: Organisation, profiles: Iterable[Profile]) -> str:
    for profile in profiles:
        if entry.kind in profile.kinds:
            return profile.role
    raise RosterError(f"no role is open to {entry.organisation}, of kind {OrganisationKind.Name(entry.kind)}")


def _profile(role: str) -> Profile:
    profile: Profile = importlib.import_module(f"services.{role}.profile").PROFILE
    return profile
