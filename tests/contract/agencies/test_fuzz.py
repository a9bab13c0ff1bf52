"""Whatever bytes reach a verb, the answer is an acceptance or a typed refusal, and the service goes on."""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import grpc
import grpc.aio
import pytest
from google.protobuf import json_format
from google.protobuf.descriptor import MethodDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass
from publicprotection.common.v1.organisation_pb2 import ORGANISATION_KIND_OTHER

from deploy.certificates import CertificateAuthority
from services.adults.profile import PROFILE as ADULTS
from services.childrens.profile import PROFILE as CHILDRENS
from services.kit.access.actor import Role
from services.kit.credentials import TlsIdentity
from services.kit.rpc.client import open_channel, read_refusal
from services.kit.rpc.health import Health
from services.kit.rpc.server import RpcServer, ServerOptions
from services.kit.rpc.service import find_service
from services.kit.rpc.validation import MAX_VIOLATIONS
from services.kit.rpc.verbs import serve_verbs
from services.kit.settings import Limits, Listen
from services.partner.profile import PROFILE as PARTNER
from services.police.profile import PROFILE as POLICE
from services.prison.profile import PROFILE as PRISON
from services.probation.profile import PROFILE as PROBATION
from tests.support.agency_server import always, issue
from tests.support.examples import find_examples
from tests.support.exchanging import SENDER, World, memory_broker, memory_member, write_header
from tests.support.identity import agency_gate, as_person, tokens_for
from tests.support.mutating import SECRETS, mutate

PROFILES = (ADULTS, CHILDRENS, PARTNER, POLICE, PRISON, PROBATION)
LIMIT = 256 * 1024
AT_ONCE = 16
OWN_SHARE = 0.8  # the rest begin as a request of some other verb
# What a caller may be told apart from an acceptance. INTERNAL is not here: nothing that is sent is our fault.
REASONS = {
    "AUTHOR_NOT_CALLER",
    "FOREIGN_FACT",
    "INVALID_REQUEST",
    "MALFORMED_REQUEST",
    "NOT_SEALABLE",
    "REPEATED_RECIPIENT",
    "REQUEST_ID_REUSED",
    "TOO_LARGE",
    "UNKNOWN_FIELDS",
    "UNKNOWN_PART",
    "UNKNOWN_RECIPIENT",
}
TRACES = ("Traceback", 'File "', ".py", "Error:", "Exception", "google.protobuf", "sqlite")
GROWTH = 96 * 1024 * 1024


@dataclass
class Target:
    """The verbs of every role on one server, good requests for them, and what has been answered."""

    channel: grpc.aio.Channel
    verbs: Sequence[MethodDescriptor]
    good: Sequence[Message]
    answers: Counter[str] = field(default_factory=Counter)

    async def send(self, verb: MethodDescriptor, data: bytes) -> str:
        """The reason of the refusal, or ACCEPTED; AssertionError if the answer is neither."""
        path = f"/{verb.containing_service.full_name}/{verb.name}"
        call: Any = self.channel.unary_unary(path, None, GetMessageClass(verb.output_type).FromString)
        try:
            response = await call(data, timeout=60)
        except grpc.aio.AioRpcError as error:
            # What is too large, gRPC refuses itself, unread.
            over = len(data) > LIMIT and error.code() == grpc.StatusCode.RESOURCE_EXHAUSTED
            return "OVER_THE_LIMIT" if over else require_typed(error)
        assert response.acceptance.exchange_id
        return "ACCEPTED"


def require_typed(error: grpc.aio.AioRpcError) -> str:
    refusal = read_refusal(error)
    told = f"{error.details()} {error.trailing_metadata()} {error.debug_error_string()}"
    assert refusal.reason in REASONS, refusal
    assert refusal.advice
    assert [trace for trace in TRACES if trace in f"{refusal} {error.trailing_metadata()}"] == []
    assert [secret for secret in SECRETS if secret in told] == []
    assert len(told) < LIMIT
    return refusal.reason


def write_good(verb: MethodDescriptor) -> Message:
    request: Any = GetMessageClass(verb.input_type)(header=write_header(f"request-{verb.name.lower()}"))
    json_format.ParseDict(find_examples()[request.document.DESCRIPTOR.name], request.document)
    request.header.necessity = f"{SECRETS[0]} may come to {SECRETS[1]}."
    return request  # type: ignore[no-any-return]  # its class is made at run time


@asynccontextmanager
async def serve(member: Any, authority: CertificateAuthority) -> AsyncIterator[str]:
    """Every role's verbs with the outbox itself behind them: checked, sealed, encrypted and committed."""
    services = [serve_verbs(find_service(profile.service), member.outbox) for profile in PROFILES]
    options = ServerOptions(
        Listen(),
        issue(authority, SENDER),
        Limits(max_message_octets=LIMIT, shutdown_grace_s=0.1),
        agency_gate(SENDER, ORGANISATION_KIND_OTHER, services).gatekeeper,
    )
    health = Health([service.name for service in services], {"store": always}, {})
    server = RpcServer(options, services, health)
    port = await server.start()
    try:
        yield f"127.0.0.1:{port}"
    finally:
        await server.stop()


@pytest.fixture
async def target(tmp_path: Path) -> AsyncIterator[Target]:
    authority, world = CertificateAuthority.create(), World()
    verbs = [verb for profile in PROFILES for verb in find_service(profile.service).methods]
    async with (
        memory_member(world, memory_broker(), SENDER, tmp_path) as member,
        serve(member, authority) as address,
        known_channel(address, issue(authority, SENDER)) as channel,
    ):
        yield Target(channel, verbs, [write_good(verb) for verb in verbs])


def known_channel(address: str, tls: TlsIdentity) -> grpc.aio.Channel:
    tokens = tokens_for(tls, SENDER, as_person(SENDER, Role.SUPERVISOR, job="CUSTODY_MANAGER"))
    return open_channel(address, tls, tokens=tokens)


async def bombard(target: Target, seed: int, count: int) -> None:
    """Sends `count` bad requests, several at once, each to be repeated by its own seed."""
    numbers = iter(range(seed, seed + count))

    async def work() -> None:
        for number in numbers:
            dice = random.Random(number)  # noqa: S311 - repeatable, and no secret
            place = dice.randrange(len(target.verbs))
            verb, own = target.verbs[place], [target.good[place]]
            data = mutate(dice, own if dice.random() < OWN_SHARE else target.good)
            try:
                target.answers[await target.send(verb, data)] += 1
            except AssertionError as error:
                raise AssertionError(f"seed {number}, {verb.name}: {error}") from error

    await asyncio.gather(*(work() for _ in range(AT_ONCE)))


def resident_octets() -> int:
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * 4096


async def require_service(target: Target) -> None:
    for verb, good in zip(target.verbs, target.good, strict=True):
        assert await target.send(verb, good.SerializeToString()) in {"ACCEPTED", "REQUEST_ID_REUSED"}


async def test_what_is_no_request_is_refused_as_such(target: Target) -> None:
    assert await target.send(target.verbs[0], b"\xff\xff") == "MALFORMED_REQUEST"


async def test_a_stream_of_what_is_no_request_is_refused_as_such(target: Target) -> None:
    async def ask() -> AsyncIterator[bytes]:
        yield b"\xff\xff"

    reflect: Any = target.channel.stream_stream(
        "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo", None, bytes
    )
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await anext(aiter(reflect(ask())))
    assert require_typed(caught.value) == "MALFORMED_REQUEST"


async def test_many_faults_are_told_as_far_as_they_fit_and_counted(target: Target) -> None:
    request: Any = target.good[0]
    bad = type(request)()
    bad.CopyFrom(request)
    for _ in range(90):
        bad.header.provenance.add(prefix="x" * 1_000)
    call: Any = target.channel.unary_unary(
        f"/{target.verbs[0].containing_service.full_name}/{target.verbs[0].name}", None, bytes
    )
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await call(bad.SerializeToString())
    refusal = read_refusal(caught.value)
    assert refusal.reason == "INVALID_REQUEST"
    assert len(refusal.violations) > 10
    assert len(refusal.violations) + int(refusal.codes["more_violations"]) == MAX_VIOLATIONS


async def test_bad_requests_get_typed_refusals_only(target: Target) -> None:
    await require_service(target)

    await bombard(target, 0, 1_000)

    assert set(target.answers) >= {"ACCEPTED", "INVALID_REQUEST", "MALFORMED_REQUEST"}, target.answers
    await require_service(target)


@pytest.mark.large
@pytest.mark.timeout(1_500)
@pytest.mark.parametrize("part", range(4))
async def test_very_many_bad_requests_leave_nothing_behind(target: Target, part: int) -> None:
    first = 1_000_000 * (part + 1)
    await bombard(target, first, 1_000)  # fills the caches that are meant to stay
    before = resident_octets()

    await bombard(target, first + 1_000, 24_000)

    assert resident_octets() - before < GROWTH
    await require_service(target)
