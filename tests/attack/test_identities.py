"""Somebody who is not who they say, or may not do what they ask: by certificate, by token, by claim."""

from base64 import urlsafe_b64encode
from collections.abc import AsyncIterator
from dataclasses import dataclass
from json import dumps
from pathlib import Path
from time import time
from typing import Any

import grpc
import grpc.aio
import pytest
from joserfc import jwt
from joserfc.jwk import OctKey
from publicprotection.exchange.v1 import directory_service_pb2_grpc
from publicprotection.exchange.v1.directory_service_pb2 import ListOrganisationsRequest
from publicprotection.exchange.v1.inbox_service_pb2 import GetDeliveryRequest, ListDeliveriesRequest
from publicprotection.police.v1 import police_service_pb2_grpc
from publicprotection.police.v1.police_service_pb2 import SendAgencyContributionRequest
from publicprotection.transport.v1.packet_pb2 import Packet, Submission

from deploy.certificates import CertificateAuthority
from services.kit.access.actor import Person, Role, Scope
from services.kit.access.client import CallTokens, FixedToken
from services.kit.access.tokens import audience_of
from services.kit.credentials import TlsIdentity
from services.kit.evidence.opening import OpenedSeal
from services.kit.rpc.client import Refusal, open_channel, read_refusal
from services.kit.rpc.errors import NotFoundError
from services.kit.settings import Limits
from services.police.profile import PROFILE
from tests.attack.catalogue import Finder, attack
from tests.support.agency_server import OTHER, OWN, Served, issue, run_service
from tests.support.exchanging import (
    CONTEXT,
    RECIPIENT,
    SENDER,
    GatewayStandIn,
    Member,
    World,
    memory_broker,
    memory_member,
    write_header,
    write_notice,
)
from tests.support.exchanging import DESK as ADDRESSED
from tests.support.identity import DESK, ISSUER, Issuer, as_person, issuer

PERSON = as_person(OWN, Role.SUPERVISOR, desk=DESK)


@pytest.fixture
async def served() -> AsyncIterator[Served]:
    limits = Limits(shutdown_grace_s=0.1, tick_s=0.001)
    async with run_service(PROFILE, authority=CertificateAuthority.create(), limits=limits) as running:
        yield running


@dataclass
class Caller:
    """A system with its certificate, and what it puts on its calls."""

    served: Served
    tls: TlsIdentity
    system: str
    person: str | None

    @property
    def tokens(self) -> CallTokens:
        """Its tokens as they are now."""
        return CallTokens(FixedToken(self.system), None if self.person is None else FixedToken(self.person))

    async def send(self) -> str:
        """Calls a verb with an empty request; why that was refused."""
        async with open_channel(self.served.address, self.tls, tokens=self.tokens) as channel:
            stub: Any = police_service_pb2_grpc.PoliceServiceStub(channel)
            with pytest.raises(grpc.aio.AioRpcError) as refused:
                await stub.SendAgencyContribution(SendAgencyContributionRequest(), timeout=10)
        assert self.served.submitter.taken == []
        return read_refusal(refused.value).reason

    async def call(self) -> Refusal | None:
        """Lists the directory; why it was refused, if it was."""
        async with open_channel(self.served.address, self.tls, tokens=self.tokens) as channel:
            stub: Any = directory_service_pb2_grpc.DirectoryServiceStub(channel)
            try:
                await stub.ListOrganisations(ListOrganisationsRequest(), timeout=10)
            except grpc.aio.AioRpcError as error:
                return read_refusal(error)
        return None


def caller(served: Served, organisation: str = OWN, **changes: Any) -> Caller:
    """A good caller; `changes` are claims of its system's token."""
    tls, made = issue(served.authority, organisation), issuer()
    own = as_person(organisation, Role.SUPERVISOR, desk=DESK)
    system = made.system_token(tls.certificate, organisation, audience=[OWN], **changes)
    return Caller(served, tls, system, made.person_token(tls.certificate, own, audience=[OWN]))


def person_token(by: Caller, person: Person = PERSON, **changes: Any) -> str:
    return issuer().person_token(by.tls.certificate, person, audience=[OWN], **changes)


def claims_of(by: Caller, **changes: Any) -> dict[str, Any]:
    """What a good system's token says."""
    registry = jwt.decode(by.system, issuer().key, algorithms=["Ed25519"])
    return {**registry.claims, **changes}


def check(reply: Refusal | None, reason: str, served: Served, *, attacked: bool, noted: bool = True) -> None:
    """Refused for that reason when attacked, let in when not; noted if it is known whose call it was."""
    if not attacked:
        assert reply is None
        assert served.refusals.noted == []
        return
    assert reply is not None
    assert reply.reason == reason
    # A refusal repeats nothing of what it was given.
    for said in (reply.advice, *reply.codes.values()):
        assert PERSON.name not in said
        assert OTHER not in said
        assert ISSUER not in said
    assert [each.reason for each in served.refusals.noted] == ([reason] if noted else [])


@attack("calls without a certificate of the authority", Finder.CALLED, soon="at once: there is no connection")
async def test_calls_with_a_certificate_of_its_own_making(served: Served, attacked: bool) -> None:
    good = caller(served)
    if attacked:
        made = issue(CertificateAuthority.create(), OWN)
        good.tls = TlsIdentity(made.certificate, made.key, served.authority.certificate_pem)
    reply = await good.call()
    assert (reply is not None and reply.code is grpc.StatusCode.UNAVAILABLE) is attacked


@attack("calls with no certificate at all", Finder.CALLED, soon="at once: there is no connection")
async def test_calls_without_a_certificate(served: Served, attacked: bool) -> None:
    credentials = grpc.ssl_channel_credentials(root_certificates=served.authority.certificate_pem)
    if not attacked:
        assert await caller(served).call() is None
        return
    async with grpc.aio.secure_channel(served.address, credentials) as channel:
        stub: Any = directory_service_pb2_grpc.DirectoryServiceStub(channel)
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await stub.ListOrganisations(ListOrganisationsRequest(), timeout=10)
    assert refused.value.code() is grpc.StatusCode.UNAVAILABLE


@attack(
    "calls another organisation's service with its own certificate and its own good tokens",
    Finder.CALLED,
    soon="at once",
)
async def test_calls_anothers_service(served: Served, attacked: bool) -> None:
    reply = await caller(served, OTHER if attacked else OWN).call()
    check(reply, "WRONG_ORGANISATION", served, attacked=attacked, noted=False)


@attack(
    "calls the police service's verb as a prison, with a prison's certificate", Finder.CALLED, soon="at once"
)
async def test_sends_as_another_agency(served: Served, attacked: bool) -> None:
    good = caller(served, "marlfield-prison" if attacked else OWN)
    # Whoever is let in is told what the empty request lacks.
    assert await good.send() == ("WRONG_ORGANISATION" if attacked else "INVALID_REQUEST")


@attack("shows another organisation's token beside its own certificate", Finder.CALLED, soon="at once")
async def test_borrows_anothers_token(served: Served, attacked: bool) -> None:
    good = caller(served)
    if attacked:
        other = issue(served.authority, OTHER)
        good.system = issuer().system_token(other.certificate, OTHER, audience=[OWN])
    check(await good.call(), "TOKEN_UNBOUND", served, attacked=attacked)


@attack(
    "uses a token that it found, with another certificate of the same organisation",
    Finder.CALLED,
    soon="at once",
)
async def test_uses_a_stolen_token(served: Served, attacked: bool) -> None:
    good = caller(served)
    if attacked:
        good.system = caller(served).system  # bound to the certificate of the other system
    check(await good.call(), "TOKEN_UNBOUND", served, attacked=attacked)


@attack("uses a token that is bound to no certificate", Finder.CALLED, soon="at once")
async def test_uses_an_unbound_token(served: Served, attacked: bool) -> None:
    good = caller(served, cnf=None) if attacked else caller(served)
    check(await good.call(), "TOKEN_UNBOUND", served, attacked=attacked)


@attack("uses a token that has expired", Finder.CALLED, soon="at once")
async def test_uses_an_expired_token(served: Served, attacked: bool) -> None:
    now = int(time())
    good = caller(served, iat=now - 600, exp=now - 60 if attacked else now + 60)
    check(await good.call(), "TOKEN_EXPIRED", served, attacked=attacked)


@attack("uses a token that was made for another service", Finder.CALLED, soon="at once")
async def test_uses_a_token_for_another_service(served: Served, attacked: bool) -> None:
    good = caller(served, aud=[audience_of(OTHER if attacked else OWN)])
    check(await good.call(), "WRONG_AUDIENCE", served, attacked=attacked)


@attack("makes a token that nobody signed (`alg` none)", Finder.CALLED, soon="at once")
async def test_signs_with_nothing(served: Served, attacked: bool) -> None:
    good = caller(served)
    if attacked:
        header = {"alg": "none", "kid": issuer().key.kid, "typ": "at+jwt"}
        good.system = f"{_encode(header)}.{_encode(claims_of(good))}."
    check(await good.call(), "TOKEN_INVALID", served, attacked=attacked)


@attack(
    "signs a token with the provider's public key as if it were a shared secret (key confusion)",
    Finder.CALLED,
    soon="at once",
)
async def test_confuses_keys(served: Served, attacked: bool) -> None:
    good = caller(served)
    if attacked:
        public = dumps(issuer().key.as_dict(private=False)).encode()
        header = {"alg": "HS256", "kid": issuer().key.kid, "typ": "at+jwt"}
        good.system = jwt.encode(header, claims_of(good), OctKey.import_key(public), algorithms=["HS256"])
    check(await good.call(), "TOKEN_INVALID", served, attacked=attacked)


@attack(
    "signs a token with a key of its own, and sends the key along in the header",
    Finder.CALLED,
    soon="at once",
)
async def test_brings_a_key_along(served: Served, attacked: bool) -> None:
    good = caller(served)
    if attacked:
        key = Issuer().key
        header = {
            "alg": "Ed25519",
            "kid": issuer().key.kid,
            "typ": "at+jwt",
            "jwk": key.as_dict(private=False),
            "jku": "https://identity.example.net/jwks",
        }
        good.system = jwt.encode(header, claims_of(good), key, algorithms=["Ed25519"])
    check(await good.call(), "TOKEN_INVALID", served, attacked=attacked)


@attack("runs a provider of its own and signs itself good tokens", Finder.CALLED, soon="at once")
async def test_runs_a_provider(served: Served, attacked: bool) -> None:
    good = caller(served)
    if attacked:
        own = Issuer(name="https://identity.example.net")
        good.system = own.system_token(good.tls.certificate, OWN, audience=[OWN])
    check(await good.call(), "UNKNOWN_ISSUER", served, attacked=attacked)


@attack("acts for a person of another organisation", Finder.CALLED, soon="at once")
async def test_acts_for_anothers_person(served: Served, attacked: bool) -> None:
    good = caller(served)
    if attacked:
        good.person = person_token(good, as_person(OTHER, Role.SUPERVISOR, desk=DESK))
    check(await good.call(), "WRONG_ORGANISATION", served, attacked=attacked)


@attack("acts for nobody where a person must answer for it", Finder.CALLED, soon="at once")
async def test_acts_for_nobody(served: Served, attacked: bool) -> None:
    good = caller(served)
    if attacked:
        good.person = None
    # Whoever is let in is told what the empty request lacks.
    assert await good.send() == ("PERSON_MISSING" if attacked else "INVALID_REQUEST")


@attack("shows a system's token as a person's, to be let in as both", Finder.CALLED, soon="at once")
async def test_shows_one_token_twice(served: Served, attacked: bool) -> None:
    good = caller(served)
    if attacked:
        good.person = good.system
    check(await good.call(), "TOKEN_INVALID", served, attacked=attacked)


@attack(
    "claims a higher role than its provider gives, by names of its own in the token",
    Finder.CALLED,
    soon="at once",
)
async def test_claims_roles(served: Served, attacked: bool) -> None:
    good = caller(served)
    claimed = ["AGENCY_SYSTEM", "ADMIN", "supervisor", "SUPERVISOR "] if attacked else ["SUPERVISOR"]
    good.person = person_token(good, roles=claimed)
    assert await good.send() == ("ROLE_NOT_ALLOWED" if attacked else "INVALID_REQUEST")


@attack("changes a claim of a good token and keeps its signature", Finder.CALLED, soon="at once")
async def test_changes_a_claim(served: Served, attacked: bool) -> None:
    good = caller(served)
    if attacked:
        header, _, signature = good.system.split(".")
        good.system = f"{header}.{_encode(claims_of(good, exp=int(time()) + 7000))}.{signature}"
    check(await good.call(), "TOKEN_INVALID", served, attacked=attacked)


@attack("reads what lies in the inbox of another desk of its own organisation", Finder.CALLED, soon="at once")
async def test_reads_another_desks_inbox(tmp_path: Path, attacked: bool) -> None:
    world, broker = World(), memory_broker()
    gateway = GatewayStandIn(world)
    async with (
        memory_member(world, broker, SENDER, tmp_path) as sender,
        memory_member(world, broker, RECIPIENT, tmp_path) as recipient,
    ):
        delivery = gateway.release(await sealed_by(sender, gateway))
        await recipient.intake.receive(gateway.received(RECIPIENT, delivery=delivery))
        recipient.acts_as(Role.PRACTITIONER, Scope.DESK, desk="front-door" if attacked else ADDRESSED)
        asked = ListDeliveriesRequest(desk=ADDRESSED)
        listed = await recipient.inbox_service.ListDeliveries(asked, CONTEXT)
        assert bool(listed.deliveries) is not attacked
        reading = recipient.inbox_service.GetDelivery(
            GetDeliveryRequest(delivery_id=delivery.delivery_id), CONTEXT
        )
        if not attacked:
            assert (await reading).delivery.summary.delivery_id == delivery.delivery_id
            return
        with pytest.raises(NotFoundError):  # as if there were none
            await reading


async def sealed_by(sender: Member, gateway: GatewayStandIn) -> OpenedSeal:
    """What an organisation sent, as the gateway opens it."""
    accepted = await sender.outbox.submit(write_header(), write_notice(), desk=ADDRESSED)
    async with sender.records.store.read() as connection:
        original = await sender.records.sent.original(connection, accepted.exchange_id)
    assert original is not None
    return gateway.open_seal(Packet(submission=Submission(seal=original.seal)))


def _encode(part: dict[str, Any]) -> str:
    return urlsafe_b64encode(dumps(part).encode()).rstrip(b"=").decode()
