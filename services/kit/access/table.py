"""Who may call what: a table of methods, each with the roles that may call it, and how far each reaches.

A method that is not in the table may be called by nobody. The table covers exactly the methods that are
served, both ways, or the server does not start.

```toml
[groups]
AGENCIES = ["KIND_ONE", "KIND_TWO"]

["/package.Service/Method"]
SUPERVISOR = { kinds = "AGENCIES", scope = "ORGANISATION" }
AUDITOR = { kinds = ["GATEWAY"], scope = "METADATA" }
```

Without `kinds` every kind of organisation in the directory may. `verbs` stands for each of a role's verbs.
"""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from publicprotection.common.v1.organisation_pb2 import OrganisationKind
from pydantic import BaseModel, ConfigDict, ValidationError

from services.kit.access.actor import Actor, Person, Role, Scope
from services.kit.access.authenticator import Caller
from services.kit.rpc.errors import (
    PersonMissingError,
    RoleNotAllowedError,
    UnknownMethodError,
    WrongOrganisationError,
)

VERBS: Final = "verbs"
AGENCY_TABLE: Final = Path(__file__).with_name("agency.toml")
GATEWAY_KIND: Final = "GATEWAY"
"""The gateway's own people and systems, which the directory lists as no organisation."""

_GROUPS: Final = "groups"
_PREFIX: Final = "ORGANISATION_KIND_"
_KINDS: Final = frozenset(
    {name.removeprefix(_PREFIX) for name in OrganisationKind.keys()} - {"UNSPECIFIED"}  # noqa: SIM118 - no dict
)
_ALL_KINDS: Final = _KINDS | {GATEWAY_KIND}


class AccessError(Exception):
    """The table cannot be used, or does not match the methods served; says what to do."""


@dataclass(frozen=True, slots=True)
class Row:
    """A role that may call a method.

    Attributes:
        role: see there.
        kinds: of organisations; names of `OrganisationKind` without prefix, and GATEWAY.
        scope: how far the role reaches.
    """

    role: Role
    kinds: frozenset[str]
    scope: Scope


class _Cell(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    kinds: str | tuple[str, ...] | None = None
    scope: Scope


@dataclass(frozen=True, slots=True)
class AccessTable:
    """For each method (`/package.Service/Method`) who may call it; the first row that fits counts."""

    rows: Mapping[str, tuple[Row, ...]]

    def authorise(self, method: str, kind: str, caller: Caller) -> Actor:
        """Who acts in the call, in which role.

        Args:
            method: the method.
            kind: of the caller's organisation.
            caller: who calls.

        Raises:
            UnknownMethodError: the table does not have the method.
            WrongOrganisationError: it is for other kinds of organisation.
            PersonMissingError: it is for people, and the call names none.
            RoleNotAllowedError: it is for other roles.
        """
        rows = self.rows.get(method)
        if rows is None:
            raise UnknownMethodError
        fitting = [row for row in rows if kind in row.kinds]
        if not fitting:
            raise WrongOrganisationError
        for row in fitting:
            if row.role is Role.AGENCY_SYSTEM:
                return Actor(caller.system, row.role, None, row.scope)
            if row.role in _roles_of(caller.person):
                return Actor(caller.system, row.role, caller.person, row.scope)
        raise PersonMissingError if caller.person is None else RoleNotAllowedError

    def require_match(self, methods: Iterable[str]) -> None:
        """AccessError unless the table has exactly these methods."""
        odd = set(self.rows) ^ set(methods)
        if odd:
            raise AccessError(f"methods without a row, or rows without a method: {', '.join(sorted(odd))}")


def read_table(path: Path, verbs: Iterable[str] = ()) -> AccessTable:
    """Reads a table.

    Args:
        path: the file.
        verbs: the methods that its entry `verbs` stands for.

    Raises:
        AccessError: it is no such table, or names a role, a kind or a scope that there is not.
    """
    content = _read(path)
    groups = _read_groups(content.pop(_GROUPS, {}), path)
    methods = {name: _read_rows(cells, groups, f"{path}: {name}") for name, cells in content.items()}
    spread = methods.pop(VERBS, ())
    return AccessTable({**methods, **(dict.fromkeys(verbs, spread) if spread else {})})


def name_kind(kind: int) -> str:
    """A kind of organisation as tables name it."""
    return OrganisationKind.Name(OrganisationKind.ValueType(kind)).removeprefix(_PREFIX)


def _roles_of(person: Person | None) -> frozenset[Role]:
    return frozenset() if person is None else person.roles


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError):
        raise AccessError(f"{path}: cannot be read as TOML. Put the file of this version in place") from None


def _read_groups(groups: object, path: Path) -> Mapping[str, frozenset[str]]:
    if not isinstance(groups, dict):
        raise AccessError(f"{path}: groups must be lists of kinds by name")
    return {name: _check_kinds(kinds, f"{path}: groups.{name}") for name, kinds in groups.items()}


def _read_rows(cells: object, groups: Mapping[str, frozenset[str]], where: str) -> tuple[Row, ...]:
    if not isinstance(cells, dict) or not cells:
        raise AccessError(f"{where}: needs a row for each role: nobody is let in by leaving it out")
    return tuple(_read_row(role, cell, groups, f"{where}: {role}") for role, cell in cells.items())


def _read_row(role: str, cell: object, groups: Mapping[str, frozenset[str]], where: str) -> Row:
    try:
        named, read = Role(role), _Cell.model_validate(cell)
    except ValidationError as error:
        fields = ", ".join(str(fault["loc"][0]) for fault in error.errors() if fault["loc"]) or "row"
        raise AccessError(f"{where}: {fields}: write {{ kinds = [...], scope = ... }}") from None
    except ValueError:
        raise AccessError(f"{where}: there is no such role: correct it") from None
    return Row(named, _read_kinds(read.kinds, groups, where), read.scope)


def _read_kinds(
    kinds: str | tuple[str, ...] | None, groups: Mapping[str, frozenset[str]], where: str
) -> frozenset[str]:
    if kinds is None:
        return _KINDS
    if isinstance(kinds, str):
        if kinds not in groups:
            raise AccessError(f"{where}: there is no group of that name: list it under [groups]")
        return groups[kinds]
    return _check_kinds(list(kinds), where)


def _check_kinds(kinds: object, where: str) -> frozenset[str]:
    if not isinstance(kinds, list) or not kinds:
        raise AccessError(f"{where}: needs a list of kinds: nobody is let in by leaving it out")
    unknown = [kind for kind in kinds if kind not in _ALL_KINDS]
    if unknown or len(set(kinds)) != len(kinds):
        raise AccessError(
            f"{where}: names a kind of organisation that there is not, or one twice: correct it"
        )
    return frozenset(kinds)
