"""What every agency role promises, proved on a real server over mutual TLS, for all of them alike."""

import importlib
import pkgutil
from collections.abc import AsyncIterator
from typing import Any

import grpc
import grpc.aio
import pytest
from google.protobuf import json_format
from google.protobuf.descriptor import MethodDescriptor
from google.protobuf.message_factory import GetMessageClass
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc
from publicprotection.common.v1.organisation_pb2 import OrganisationKind
from publicprotection.exchange.v1 import directory_service_pb2, directory_service_pb2_grpc

import services
from deploy.certificates import CertificateAuthority
from services.kit.credentials import TlsIdentity
from services.kit.profile import Profile
from services.kit.rpc.client import Refusal, open_channel, read_refusal
from services.kit.rpc.errors import RequestReusedError
from services.kit.rpc.service import find_service
from services.kit.settings import Limits
from tests.support.agency_server import DESK, OTHER, OWN, Served, run_service, write_header
from tests.support.examples import find_examples
from tests.support.filling import fill

ROLES = ("adults", "childrens", "partner", "police", "prison", "probation")
SHARED = {
    "grpc.health.v1.Health",
    "grpc.reflection.v1alpha.ServerReflection",
    "publicprotection.exchange.v1.DirectoryService",
}
LIMIT = 64 * 1024


def load(role: str) -> Profile:
    profile: Profile = importlib.import_module(f"services.{role}.profile").PROFILE
    return profile


@pytest.fixture(scope="module")
def authority() -> CertificateAuthority:
    return CertificateAuthority.create()


@pytest.fixture(params=ROLES)
def profile(request: pytest.FixtureRequest) -> Profile:
    return load(request.param)


@pytest.fixture
async def served(profile: Profile, authority: CertificateAuthority) -> AsyncIterator[Served]:
    limits = Limits(max_message_octets=LIMIT, shutdown_grace_s=0.1)
    async with run_service(profile, authority=authority, limits=limits) as running:
        yield running


def verbs(profile: Profile) -> list[MethodDescriptor]:
    return list(find_service(profile.service).methods)


def request_of(verb: MethodDescriptor) -> Any:
    request: Any = GetMessageClass(verb.input_type)(header=write_header())
    example = find_examples().get(request.document.DESCRIPTOR.name, {})
    json_format.ParseDict(example, request.document)
    request.document.SetInParent()
    return fill(request)


async def call(channel: grpc.aio.Channel, verb: MethodDescriptor, request: Any) -> Any:
    path = f"/{verb.containing_service.full_name}/{verb.name}"
    decode = GetMessageClass(verb.output_type).FromString
    return await channel.unary_unary(path, type(request).SerializeToString, decode)(request, timeout=10)


async def refusal_of(channel: grpc.aio.Channel, verb: MethodDescriptor, request: Any) -> Refusal:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await call(channel, verb, request)
    return read_refusal(caught.value)


async def reflect(channel: Any, **question: Any) -> Any:
    async def ask() -> AsyncIterator[reflection_pb2.ServerReflectionRequest]:
        yield reflection_pb2.ServerReflectionRequest(**question)

    stub: Any = reflection_pb2_grpc.ServerReflectionStub(channel)
    return await anext(aiter(stub.ServerReflectionInfo(ask())))


async def call_health(channel: Any, name: str = "") -> Any:
    stub: Any = health_pb2_grpc.HealthStub(channel)
    return await stub.Check(health_pb2.HealthCheckRequest(service=name))


def test_every_folder_that_declares_a_profile_is_tried_here() -> None:
    folders = {found.name for found in pkgutil.iter_modules(services.__path__) if found.ispkg}
    declared = {
        name
        for name in folders - {"kit"}
        if any(found.name == "profile" for found in pkgutil.iter_modules([f"{services.__path__[0]}/{name}"]))
    }
    assert declared == set(ROLES)


def test_each_kind_of_organisation_runs_one_role() -> None:
    kinds = [kind for role in ROLES for kind in load(role).kinds]
    assert sorted(kinds) == sorted(set(OrganisationKind.values()) - {0})


async def test_reflection_lists_this_role_and_what_all_share(profile: Profile, served: Served) -> None:
    async with served.channel() as channel:
        answer = await reflect(channel, list_services="")
    names = [service.name for service in answer.list_services_response.service]
    assert sorted(names) == sorted({profile.service} | SHARED)


async def test_reflection_hides_the_verbs_of_other_roles(profile: Profile, served: Served) -> None:
    others = {load(role).service for role in ROLES} - {profile.service}
    async with served.channel() as channel:
        own = await reflect(channel, file_containing_symbol=profile.service)
        answers = [await reflect(channel, file_containing_symbol=other) for other in others]
    assert own.file_descriptor_response.file_descriptor_proto
    assert {answer.error_response.error_code for answer in answers} == {grpc.StatusCode.NOT_FOUND.value[0]}


async def test_every_verb_accepts_a_valid_request(profile: Profile, served: Served) -> None:
    async with served.channel() as channel:
        for position, verb in enumerate(verbs(profile), start=1):
            request = request_of(verb)
            response = await call(channel, verb, request)
            assert response.acceptance.exchange_id == f"exchange-{position}"
            assert served.submitter.taken[-1] == (request.header, request.document)
    assert served.submitter.taken


async def test_every_verb_says_what_an_empty_request_lacks(profile: Profile, served: Served) -> None:
    async with served.channel() as channel:
        for verb in verbs(profile):
            refusal = await refusal_of(channel, verb, GetMessageClass(verb.input_type)())
            assert (refusal.code, refusal.reason) == (grpc.StatusCode.INVALID_ARGUMENT, "INVALID_REQUEST")
            assert {violation.field for violation in refusal.violations} == {"header", "document"}
    assert served.submitter.taken == []


async def test_every_verb_names_missing_fields_by_path(profile: Profile, served: Served) -> None:
    async with served.channel() as channel:
        for verb in verbs(profile):
            request = request_of(verb)
            request.header.ClearField("purpose")
            request.header.recipients.add(organisation="A Wrong Name", desk=DESK)
            refusal = await refusal_of(channel, verb, request)
            found = {violation.field: violation.advice for violation in refusal.violations}
            assert set(found) == {"header.purpose", "header.recipients[1].organisation"}
            assert "fill it in" in found["header.purpose"]
            assert "Wrong Name" not in str(refusal)


async def test_another_organisation_may_call_nothing(profile: Profile, served: Served) -> None:
    async with served.channel(OTHER) as channel:
        for verb in verbs(profile):
            refusal = await refusal_of(channel, verb, request_of(verb))
            assert (refusal.code, refusal.reason) == (grpc.StatusCode.PERMISSION_DENIED, "WRONG_ORGANISATION")
        with pytest.raises(grpc.aio.AioRpcError) as listing:
            await reflect(channel, list_services="")
        with pytest.raises(grpc.aio.AioRpcError) as health:
            await call_health(channel)
    assert listing.value.code() == health.value.code() == grpc.StatusCode.PERMISSION_DENIED
    assert served.submitter.taken == []


async def test_without_a_certificate_nobody_gets_in(profile: Profile, served: Served) -> None:
    credentials = grpc.ssl_channel_credentials(served.authority.certificate_pem)
    async with grpc.aio.secure_channel(served.address, credentials) as channel:
        verb = verbs(profile)[0]
        refusal = await refusal_of(channel, verb, request_of(verb))
    assert refusal.code == grpc.StatusCode.UNAVAILABLE
    assert served.submitter.taken == []


async def test_a_certificate_of_another_authority_does_not_get_in(profile: Profile, served: Served) -> None:
    certificate, key = CertificateAuthority.create().issue("intruder", OWN)
    identity = TlsIdentity(certificate, key, served.authority.certificate_pem)
    async with open_channel(served.address, identity) as channel:
        verb = verbs(profile)[0]
        refusal = await refusal_of(channel, verb, request_of(verb))
    assert refusal.code == grpc.StatusCode.UNAVAILABLE
    assert served.submitter.taken == []


async def test_a_message_over_the_limit_is_refused(profile: Profile, served: Served) -> None:
    verb = verbs(profile)[0]
    request = request_of(verb)
    request.header.necessity = "x" * LIMIT
    async with served.channel() as channel:
        refusal = await refusal_of(channel, verb, request)
    assert refusal.code == grpc.StatusCode.RESOURCE_EXHAUSTED
    assert served.submitter.taken == []


async def test_a_refusal_of_the_submitter_keeps_its_reason(profile: Profile, served: Served) -> None:
    served.submitter.failure = RequestReusedError()
    async with served.channel() as channel:
        verb = verbs(profile)[0]
        refusal = await refusal_of(channel, verb, request_of(verb))
    assert (refusal.code, refusal.reason) == (grpc.StatusCode.ALREADY_EXISTS, "REQUEST_ID_REUSED")


async def test_a_fault_tells_the_caller_a_correlation_id_and_nothing_else(
    profile: Profile, served: Served
) -> None:
    served.submitter.failure = ValueError("Sam Reed, 01632 960001")
    async with served.channel() as channel:
        verb = verbs(profile)[0]
        refusal = await refusal_of(channel, verb, request_of(verb))
    assert (refusal.code, refusal.reason) == (grpc.StatusCode.INTERNAL, "INTERNAL")
    assert set(refusal.codes) == {"correlation_id"}
    assert "Reed" not in str(refusal)


async def test_the_directory_can_be_read(profile: Profile, served: Served) -> None:
    async with served.channel() as channel:
        stub: Any = directory_service_pb2_grpc.DirectoryServiceStub(channel)
        listed = await stub.ListOrganisations(directory_service_pb2.ListOrganisationsRequest())
        one = await stub.GetOrganisation(directory_service_pb2.GetOrganisationRequest(organisation=OTHER))
        with pytest.raises(grpc.aio.AioRpcError) as missing:
            await stub.GetOrganisation(directory_service_pb2.GetOrganisationRequest(organisation="nobody"))
    assert ([entry.organisation for entry in listed.organisations], listed.serial) == ([OTHER, OWN], 7)
    assert one.organisation.kind == min(profile.kinds)
    assert missing.value.code() == grpc.StatusCode.NOT_FOUND


async def test_health_speaks_of_the_whole_the_service_and_its_parts(profile: Profile, served: Served) -> None:
    async with served.channel() as channel:
        for name in ("", profile.service, "store", "broker"):
            answer = await call_health(channel, name)
            assert answer.status == health_pb2.HealthCheckResponse.SERVING
