"""The table of access: whom it lets in, and what it refuses to be."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from publicprotection.common.v1.organisation_pb2 import ORGANISATION_KIND_PRISON

from services.kit.access.actor import Role, Scope, System
from services.kit.access.authenticator import Caller
from services.kit.access.table import AccessError, AccessTable, name_kind, read_table
from services.kit.rpc.errors import (
    CallError,
    PersonMissingError,
    RoleNotAllowedError,
    UnknownMethodError,
    WrongOrganisationError,
)
from tests.support.identity import as_person

OWN = "own-body"
SYSTEM = System(OWN, "own-system")
UNTIL = datetime(2026, 11, 23, tzinfo=UTC)
ALONE = Caller(SYSTEM, None, UNTIL)
TABLE = """
[groups]
CUSTODY = ["PRISON", "PROBATION"]

["/a.S/Ask"]
SUPERVISOR = { kinds = "CUSTODY", scope = "ORGANISATION" }
PRACTITIONER = { kinds = "CUSTODY", scope = "DESK" }
AUDITOR = { kinds = ["GATEWAY"], scope = "METADATA" }

["/a.S/Ping"]
AGENCY_SYSTEM = { scope = "NONE" }

[verbs]
PRACTITIONER = { scope = "DESK" }
"""


@pytest.fixture
def table(tmp_path: Path) -> AccessTable:
    return read(tmp_path, TABLE)


def read(folder: Path, text: str) -> AccessTable:
    path = folder / "access.toml"
    path.write_text(text, encoding="utf-8")
    return read_table(path, ["/p.P/SendX", "/p.P/SendY"])


def member(*roles: Role) -> Caller:
    return Caller(SYSTEM, replace(as_person(OWN), roles=frozenset(roles)), UNTIL)


def test_the_first_row_that_fits_says_in_which_role_and_how_far(table: AccessTable) -> None:
    actor = table.authorise("/a.S/Ask", "PRISON", member(Role.PRACTITIONER, Role.SUPERVISOR))
    assert (actor.role, actor.scope) == (Role.SUPERVISOR, Scope.ORGANISATION)
    actor = table.authorise("/a.S/Ask", "PRISON", member(Role.PRACTITIONER))
    assert (actor.role, actor.scope, actor.person) == (Role.PRACTITIONER, Scope.DESK, as_person(OWN))


def test_a_method_for_systems_names_no_person(table: AccessTable) -> None:
    actor = table.authorise("/a.S/Ping", "PRISON", member(Role.SUPERVISOR))
    assert (actor.role, actor.person) == (Role.AGENCY_SYSTEM, None)


@pytest.mark.parametrize(
    ("method", "kind", "caller", "expected"),
    [
        ("/a.S/Other", "PRISON", ALONE, UnknownMethodError),
        ("/a.S/Ask", "POLICE", member(Role.SUPERVISOR), WrongOrganisationError),
        ("/a.S/Ask", "PRISON", ALONE, PersonMissingError),
        ("/a.S/Ask", "PRISON", member(Role.AUDITOR), RoleNotAllowedError),
        ("/a.S/Ask", "GATEWAY", member(Role.SUPERVISOR), RoleNotAllowedError),
        ("/a.S/Ask", "PRISON", member(), RoleNotAllowedError),
        ("/a.S/Ping", "GATEWAY", ALONE, WrongOrganisationError),
        ("/p.P/SendX", "PRISON", member(Role.SUPERVISOR), RoleNotAllowedError),
    ],
)
def test_nobody_else_gets_in(
    table: AccessTable, method: str, kind: str, caller: Caller, expected: type[CallError]
) -> None:
    with pytest.raises(expected) as found:
        table.authorise(method, kind, caller)
    assert type(found.value) is expected


def test_verbs_are_each_verb(table: AccessTable) -> None:
    assert {"/p.P/SendX", "/p.P/SendY"} <= set(table.rows)


def test_the_table_and_what_is_served_are_the_same_both_ways(table: AccessTable) -> None:
    served = ["/a.S/Ask", "/a.S/Ping", "/p.P/SendX", "/p.P/SendY"]
    table.require_match(served)
    for odd in (served[1:], [*served, "/a.S/New"]):
        with pytest.raises(AccessError, match="without a row"):
            table.require_match(odd)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("not toml", "TOML"),
        ('["/a.S/Ask"]', "a row for each role"),
        ('"/a.S/Ask" = ["POLICE"]', "a row for each role"),
        ('["/a.S/Ask"]\nEMPEROR = { scope = "NONE" }', "no such role"),
        ('["/a.S/Ask"]\nAUDITOR = { scope = "WORLD" }', "scope"),
        ('["/a.S/Ask"]\nAUDITOR = { }', "scope"),
        ('["/a.S/Ask"]\nAUDITOR = { scope = "NONE", kind = ["POLICE"] }', "kind"),
        ('["/a.S/Ask"]\nAUDITOR = { scope = "NONE", kinds = [] }', "a list of kinds"),
        ('["/a.S/Ask"]\nAUDITOR = { scope = "NONE", kinds = ["WIZARDS"] }', "there is not"),
        ('["/a.S/Ask"]\nAUDITOR = { scope = "NONE", kinds = ["POLICE", "POLICE"] }', "twice"),
        ('["/a.S/Ask"]\nAUDITOR = { scope = "NONE", kinds = "FRIENDS" }', "no group"),
        ("groups = 3\n", "groups"),
        ('[groups]\nA = ["WIZARDS"]', "there is not"),
    ],
)
def test_what_is_no_table_is_refused_in_words(tmp_path: Path, text: str, named: str) -> None:
    with pytest.raises(AccessError, match=named):
        read(tmp_path, text)


def test_a_kind_is_named_without_its_prefix() -> None:
    assert name_kind(ORGANISATION_KIND_PRISON) == "PRISON"
