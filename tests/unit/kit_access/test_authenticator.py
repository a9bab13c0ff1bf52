"""Two identities that must agree: with the certificate, and with each other."""

from typing import Any

import pytest

from deploy.certificates import CertificateAuthority
from services.kit.access.actor import Clearance, Role
from services.kit.access.authenticator import Authenticator
from services.kit.access.binding import is_bound, thumbprint
from services.kit.access.client import metadata_of
from services.kit.access.peer import Peer
from services.kit.access.settings import IdentitySettings
from services.kit.access.tokens import _take_apart, open_verifier
from services.kit.clock import SystemClock
from services.kit.rpc.errors import (
    AccessRefusedError,
    SystemTokenMissingError,
    TokenInvalidError,
    TokenUnboundError,
    WrongOrganisationError,
)
from tests.support.agency_server import issue
from tests.support.identity import as_person, authenticator, issuer

OWN, OTHER = "own-body", "other-body"
AUTHORITY = CertificateAuthority.create()
CERTIFICATE = issue(AUTHORITY, OWN).certificate
ELSEWHERE = issue(AUTHORITY, OTHER).certificate
PEER = Peer(OWN, CERTIFICATE)
PERSON = as_person(OWN, Role.SUPERVISOR, area="kent-and-medway", clearances=[Clearance.TERRORISM])


@pytest.fixture
def known() -> Authenticator:
    return authenticator(OWN)


def system(**changes: Any) -> str:
    return issuer().system_token(CERTIFICATE, OWN, **changes)


def person(**changes: Any) -> str:
    return issuer().person_token(CERTIFICATE, PERSON, **changes)


async def refuse(known: Authenticator, metadata: Any, expected: type[AccessRefusedError]) -> None:
    with pytest.raises(expected) as found:
        await known.authenticate(PEER, metadata)
    assert type(found.value) is expected


async def test_a_system_by_itself(known: Authenticator) -> None:
    caller = await known.authenticate(PEER, metadata_of(system()))
    assert (caller.system.organisation, caller.system.client, caller.person) == (OWN, f"{OWN}-system", None)


async def test_a_system_for_a_person(known: Authenticator) -> None:
    caller = await known.authenticate(PEER, metadata_of(system(), person()))
    assert caller.person == PERSON


async def test_a_person_needs_a_system(known: Authenticator) -> None:
    await refuse(known, [("ppg-person", person())], SystemTokenMissingError)


@pytest.mark.parametrize("scheme", ["", "Basic ", "Bearer", "DPoP "])
async def test_the_word_bearer_is_needed(known: Authenticator, scheme: str) -> None:
    await refuse(known, [("authorization", f"{scheme}{system()}")], TokenInvalidError)


async def test_a_token_that_stands_twice_is_refused(known: Authenticator) -> None:
    once = metadata_of(system(), person())
    await refuse(known, [*once, once[0]], TokenInvalidError)
    await refuse(known, [*once, once[1]], TokenInvalidError)


@pytest.mark.parametrize(
    "cnf", [None, {}, "x", {"x5t#S256": thumbprint(ELSEWHERE)}, {"x5t#S256": 7}, {"jkt": "x"}]
)
async def test_each_token_is_bound_to_the_certificate(known: Authenticator, cnf: Any) -> None:
    await refuse(known, metadata_of(system(cnf=cnf)), TokenUnboundError)
    await refuse(known, metadata_of(system(), person(cnf=cnf)), TokenUnboundError)


async def test_tokens_of_another_organisation_are_refused(known: Authenticator) -> None:
    both = authenticator(OWN, OWN, OTHER)
    theirs = issuer().system_token(CERTIFICATE, OTHER, [OWN])
    member = issuer().person_token(CERTIFICATE, as_person(OTHER), [OWN])
    for judge in (known, both):  # whether or not the issuer may speak for the other
        await refuse(judge, metadata_of(theirs), WrongOrganisationError)
        await refuse(judge, metadata_of(system(), member), WrongOrganisationError)


async def test_one_kind_of_token_is_not_the_other(known: Authenticator) -> None:
    await refuse(known, metadata_of(person(), person()), TokenInvalidError)
    await refuse(known, metadata_of(person()), TokenInvalidError)
    await refuse(known, metadata_of(system(), system()), TokenInvalidError)


@pytest.mark.parametrize("claim", ["sub", "name", "job", "roles", "organisation", "desk"])
async def test_a_person_without_a_claim_is_nobody(known: Authenticator, claim: str) -> None:
    await refuse(known, metadata_of(system(), person(**{claim: None})), TokenInvalidError)


@pytest.mark.parametrize(
    "changes",
    [
        {"name": "Sam\nReed"},
        {"name": "Sam \u202edeeR"},
        {"name": " Sam"},
        {"name": ""},
        {"name": "x" * 201},
        {"name": ["Sam"]},
        {"job": "Officer"},
        {"job": "officer; DROP"},
        {"desk": "../other"},
        {"desk": "Front Door"},
        {"roles": "SUPERVISOR"},
        {"roles": [7]},
        {"roles": ["x"] * 101},
        {"clearances": "TERRORISM"},
        {"sub": "own-body-system"},
    ],
)
async def test_a_person_whose_claims_do_not_read_as_they_stand_is_refused(
    known: Authenticator, changes: dict[str, Any]
) -> None:
    await refuse(known, metadata_of(system(), person(**changes)), TokenInvalidError)


async def test_roles_that_are_not_ours_give_nothing(known: Authenticator) -> None:
    roles = ["PRACTITIONER", "GLOBAL_ADMIN", "AGENCY_SYSTEM", "supervisor"]
    caller = await known.authenticate(PEER, metadata_of(system(), person(roles=roles, clearances=["ALL"])))
    assert caller.person is not None
    assert caller.person.roles == {Role.PRACTITIONER}
    assert not caller.person.clearances


async def test_another_provider_may_call_things_by_other_names() -> None:
    """As a provider that knows nothing of this project would write it."""
    settings = issuer().settings(
        [OWN],
        token_types=("JWT",),
        claims={
            "client": "azp",
            "organisation": "tid",
            "name": "display_name",
            "job": "jobTitle",
            "roles": "groups",
        },
        role_names={"PPG Supervisors": Role.SUPERVISOR},
        job_names={"Offender manager": "COMMUNITY_OFFENDER_MANAGER"},
        organisation_names={"7f3c": OWN},
    )
    known = Authenticator(open_verifier(IdentitySettings(issuers=(settings,)), OWN, SystemClock()))
    renamed: dict[str, Any] = {"azp": "app", "client_id": None, "tid": "7f3c", "organisation": None}
    theirs: dict[str, Any] = {
        "display_name": "Sam Reed", "name": None, "jobTitle": "Offender manager", "job": None,
        "groups": ["PPG Supervisors", "Everyone"], "roles": None,
    }  # fmt: skip
    signer = issuer()
    own = signer.system_token(CERTIFICATE, OWN, **renamed)
    member = signer.person_token(CERTIFICATE, PERSON, **renamed, **theirs)
    metadata = metadata_of(*(_retype(text) for text in (own, member)))
    caller = await known.authenticate(PEER, metadata)
    assert caller.person is not None
    assert caller.person.job == PERSON.job
    assert caller.person.roles == {Role.SUPERVISOR}


def _retype(text: str) -> str:
    return issuer().sign(dict(_take_apart(text)[1]), typ="JWT")


def test_a_thumbprint_is_of_the_certificate_itself() -> None:
    chain = CERTIFICATE + AUTHORITY.certificate_pem
    assert thumbprint(chain) == thumbprint(CERTIFICATE) != thumbprint(ELSEWHERE)
    assert is_bound({"cnf": {"x5t#S256": thumbprint(CERTIFICATE)}}, CERTIFICATE)
