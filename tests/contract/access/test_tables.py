"""Every method of the contract and every role: who gets in, how far, and who does not.

The methods come from the descriptors of the services; what is expected stands in two files of its own,
written by role, so that a row that changes by mistake fails here. Each caller shows a certificate and tokens,
as in production; what lets it in is the gatekeeper of production with the tables of production.
"""

import importlib
import pkgutil
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from google.protobuf.descriptor import ServiceDescriptor
from grpc_health.v1 import health_pb2
from grpc_reflection.v1alpha import reflection_pb2
from publicprotection.exchange import v1 as exchange_v1
from publicprotection.oversight import v1 as oversight_v1
from publicprotection.transport import v1 as transport_v1

from deploy.certificates import CertificateAuthority
from gateway.rpc.access import TABLE
from services.kit.access.actor import Role
from services.kit.access.client import metadata_of
from services.kit.access.gatekeeper import Gatekeeper
from services.kit.access.table import AGENCY_TABLE, AccessTable, read_table
from services.kit.directory import GATEWAY
from services.kit.rpc.errors import (
    AccessRefusedError,
    PersonMissingError,
    RoleNotAllowedError,
    WrongOrganisationError,
)
from services.kit.rpc.service import find_service
from services.partner.profile import PROFILE
from tests.support.agency_server import issue
from tests.support.identity import NotedRefusals, as_person, authenticator, issuer

HERE = Path(__file__).parent
OWN, OTHER = "own-body", "other-body"
AUTHORITY = CertificateAuthority.create()
TLS = {name: issue(AUTHORITY, name) for name in (OWN, OTHER, GATEWAY)}
PEOPLE = [role for role in Role if role is not Role.AGENCY_SYSTEM]
KINDS = {
    "gateway": "GATEWAY",
    "unit": "MAPPA_COORDINATION_UNIT",
    "agency": "POLICE",
    "other": "SOCIAL_LANDLORD",
}
"""One of each class of organisation that the gateway tells apart."""

SHARED: tuple[Any, ...] = (
    health_pb2.DESCRIPTOR.services_by_name["Health"],
    reflection_pb2.DESCRIPTOR.services_by_name["ServerReflection"],
)
Expected = Mapping[str, Mapping[str, str]]
"""From role and method (`Service/Method`) to scope."""

Outcome = tuple[str, str] | type[AccessRefusedError]
"""In which role and how far, or why not."""


class Context:
    """What the gatekeeper looks at of a call."""

    def __init__(self, organisation: str, metadata: list[tuple[str, str]]) -> None:
        self._organisation = organisation
        self._metadata = metadata

    def auth_context(self) -> dict[str, list[bytes]]:
        """As gRPC gives it."""
        uri = f"urn:publicprotection:organisation:{self._organisation}"
        return {"peer_uri": [uri.encode()], "x509_pem_cert": [TLS[self._organisation].certificate]}

    def invocation_metadata(self) -> list[tuple[str, str]]:
        """As gRPC gives it."""
        return self._metadata


def declared(*packages: Any) -> list[ServiceDescriptor]:
    """The services that the stubs of packages declare."""
    found: list[ServiceDescriptor] = []
    for package in packages:
        for module in pkgutil.iter_modules(package.__path__):
            if module.name.endswith("_pb2"):
                file: Any = importlib.import_module(f"{package.__name__}.{module.name}").DESCRIPTOR
                found += file.services_by_name.values()
    return found


def methods_of(services: list[ServiceDescriptor]) -> set[str]:
    return {f"/{service.full_name}/{method.name}" for service in services for method in service.methods}


VERBS = sorted(methods_of([find_service(PROFILE.service)]))
TABLES = {"gateway": read_table(TABLE), "agency": read_table(AGENCY_TABLE, VERBS)}
SERVED = {
    "gateway": methods_of([*declared(oversight_v1, transport_v1), *SHARED]),
    "agency": methods_of([*declared(exchange_v1), *SHARED]) | set(VERBS),
}


def shorten(method: str) -> str:
    return "verbs" if method in VERBS else method.rsplit(".", 1)[-1]


def flatten(scopes: Mapping[str, list[str]]) -> dict[str, str]:
    return {method: scope for scope, methods in scopes.items() for method in methods}


def read_expected(name: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = yaml.safe_load((HERE / name).read_text(encoding="utf-8"))
    assert set(found) == set(Role)
    return found


def expected_at_gateway(where: str) -> Expected:
    return {role: flatten(places.get(where, {})) for role, places in read_expected("gateway.yaml").items()}


def expected_at_agency() -> Expected:
    return {role: flatten(scopes) for role, scopes in read_expected("agency.yaml").items()}


@cache
def metadata(organisation: str, role: Role | None, service: str) -> list[tuple[str, str]]:
    certificate = TLS[organisation].certificate
    system = issuer().system_token(certificate, organisation, [service])
    if role is None:
        return metadata_of(system)
    person = as_person(organisation, role, area="kent-and-medway")
    return metadata_of(system, issuer().person_token(certificate, person, [service]))


def gatekeeper(own: str, table: AccessTable, kinds: Mapping[str, str]) -> Gatekeeper:
    return Gatekeeper(authenticator(own, OWN, OTHER, GATEWAY), table, kinds.get, NotedRefusals())


async def outcomes(
    gate: Gatekeeper, table: AccessTable, caller: str, service: str
) -> Iterator[tuple[str, Role | None, Outcome]]:
    """For each method and role: who acts and how far, or why nobody does."""
    found: list[tuple[str, Role | None, Outcome]] = []
    for method in sorted(table.rows):
        for role in (None, *PEOPLE):
            context: Any = Context(caller, metadata(caller, role, service))
            try:
                actor = (await gate.admit(method, context)).actor
                found.append((method, role, (actor.role.value, actor.scope.value)))
                assert (actor.person is None) is (actor.role is Role.AGENCY_SYSTEM)
            except AccessRefusedError as refusal:
                found.append((method, role, type(refusal)))
    return iter(found)


def says(expected: Expected, method: str, role: Role | None) -> Outcome:
    """What is expected: the person's own role first, then the system's by itself, then a refusal."""
    name = shorten(method)
    for each in (role, Role.AGENCY_SYSTEM):
        if each is not None and name in expected[each]:
            return each.value, expected[each][name]
    if not any(name in methods for methods in expected.values()):
        return WrongOrganisationError
    return PersonMissingError if role is None else RoleNotAllowedError


@pytest.mark.parametrize("which", sorted(TABLES))
def test_each_method_of_the_contract_is_in_its_table(which: str) -> None:
    TABLES[which].require_match(SERVED[which])


@pytest.mark.parametrize("which", sorted(TABLES))
def test_people_act_as_people_where_systems_may_act_too(which: str) -> None:
    for method, rows in TABLES[which].rows.items():
        roles = [row.role for row in rows]
        assert Role.AGENCY_SYSTEM not in roles[:-1], method


@pytest.mark.parametrize("where", sorted(KINDS))
async def test_each_role_at_the_gateway(where: str) -> None:
    caller = GATEWAY if where == "gateway" else OWN
    gate, expected = (
        gatekeeper(GATEWAY, TABLES["gateway"], {caller: KINDS[where]}),
        expected_at_gateway(where),
    )
    seen = list(await outcomes(gate, TABLES["gateway"], caller, GATEWAY))
    assert len(seen) == len(TABLES["gateway"].rows) * len(Role)
    for method, role, outcome in seen:
        assert outcome == says(expected, method, role), (method, role)


async def test_each_role_at_an_agency() -> None:
    gate, expected = gatekeeper(OWN, TABLES["agency"], {OWN: "PRISON"}), expected_at_agency()
    for method, role, outcome in await outcomes(gate, TABLES["agency"], OWN, OWN):
        assert outcome == says(expected, method, role), (method, role)


async def test_nobody_of_another_organisation_at_an_agency() -> None:
    gate = gatekeeper(OWN, TABLES["agency"], {OWN: "PRISON"})
    for method, role, outcome in await outcomes(gate, TABLES["agency"], OTHER, OWN):
        assert outcome is WrongOrganisationError, (method, role)


def test_every_kind_of_organisation_is_like_one_that_was_tried() -> None:
    """Who may call the gateway differs between four classes; no kind has a way of its own."""
    rows = [row for each in TABLES["gateway"].rows.values() for row in each]
    kinds = set().union(*(row.kinds for row in rows))
    known = {tuple(kind in row.kinds for row in rows) for kind in KINDS.values()}
    assert len(known) == len(KINDS)
    assert {tuple(kind in row.kinds for row in rows) for kind in kinds} == known


@pytest.mark.parametrize("name", ["gateway.yaml", "agency.yaml"])
def test_nothing_is_expected_of_what_is_not_there(name: str) -> None:
    table = TABLES[name.removesuffix(".yaml")]
    known = {shorten(method) for method in table.rows}
    text = yaml.safe_load((HERE / name).read_text(encoding="utf-8"))
    assert set(_leaves(text)) == known


def _leaves(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for each in value:
            yield from _leaves(each)
    elif isinstance(value, dict):
        for each in value.values():
            yield from _leaves(each)
