import copy
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import grpc
import pytest
from publicprotection.exchange.v1.header_pb2 import URGENCY_IMMEDIATE
from publicprotection.exchange.v1.outcome_pb2 import OUTCOME_KIND_DECIDED

from deploy.certificates import CertificateAuthority
from deploy.local.world import World
from deploy.story.clients import AgencyClient, Endpoint
from deploy.story.documents import split_address
from deploy.story.model import Story
from deploy.story.watching import Watcher
from services.kit.credentials import TlsIdentity
from services.kit.rpc.client import Refusal, read_refusal
from tests.support.world import build, sending, to_one

PRISON = "marlfield-prison"
OVERSIZED_OCTETS = 4 * 1024**2


async def refusal_of(client: AgencyClient, header: Any, document: Any) -> Refusal:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await client.send(header, document)
    return read_refusal(caught.value)


async def send_as(story: Story, endpoint: Endpoint) -> Refusal:
    client = AgencyClient(endpoint)
    try:
        return await refusal_of(client, *build(sending(story, "release-notice")))
    finally:
        await client.close()


async def test_another_organisations_certificate_is_refused(world: World, story: Story) -> None:
    called = world.endpoint(PRISON)
    refusal = await send_as(
        story, replace(world.endpoint("kent-police"), role="prison", address=called.address)
    )

    assert (refusal.code, refusal.reason) == (grpc.StatusCode.PERMISSION_DENIED, "WRONG_ORGANISATION")


async def test_a_certificate_of_another_authority_does_not_connect(world: World, story: Story) -> None:
    called = world.endpoint(PRISON)
    certificate, key = CertificateAuthority.create().issue("client", PRISON)

    tls = TlsIdentity(certificate, key, called.tls.authority)
    refusal = await send_as(story, replace(called, tls=tls))

    assert refusal.code in {grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED}


async def test_an_unknown_desk_is_refused(clients: Mapping[str, AgencyClient], story: Story) -> None:
    header, document = build(sending(story, "release-notice"))
    header.recipients[0].desk = "no-such-desk"

    refusal = await refusal_of(clients[PRISON], header, document)

    assert (refusal.code, refusal.reason) == (grpc.StatusCode.FAILED_PRECONDITION, "UNKNOWN_RECIPIENT")


async def test_a_missing_field_is_named(clients: Mapping[str, AgencyClient], story: Story) -> None:
    header, document = build(sending(story, "release-notice"))
    document.ClearField("release_date")

    refusal = await refusal_of(clients[PRISON], header, document)

    assert refusal.code == grpc.StatusCode.INVALID_ARGUMENT
    assert [found.field for found in refusal.violations] == ["document.release_date"]


async def test_an_oversized_message_is_refused(clients: Mapping[str, AgencyClient], story: Story) -> None:
    header, document = build(sending(story, "release-notice"))
    document.intelligence = "x" * OVERSIZED_OCTETS  # type: ignore[attr-defined]

    refusal = await refusal_of(clients[PRISON], header, document)

    assert refusal.code == grpc.StatusCode.RESOURCE_EXHAUSTED


async def test_a_repeated_request_sends_nothing_twice_and_another_body_is_refused(
    clients: Mapping[str, AgencyClient], watcher: Watcher, story: Story
) -> None:
    header, document = build(sending(story, "release-notice"))
    header = to_one(header)
    first = await clients[PRISON].send(header, document)
    again = await clients[PRISON].send(header, document)
    changed = copy.deepcopy(header)
    changed.urgency = URGENCY_IMMEDIATE

    refusal = await refusal_of(clients[PRISON], changed, document)

    assert (refusal.code, refusal.reason) == (grpc.StatusCode.ALREADY_EXISTS, "REQUEST_ID_REUSED")
    assert again.exchange_id == first.exchange_id
    assert again.repeated_request
    await watcher.settled(PRISON, first.exchange_id, OUTCOME_KIND_DECIDED)
    recipient = header.recipients[0].organisation
    assert len(await watcher.deliveries(recipient, exchange_id=first.exchange_id)) == 1


async def test_a_role_has_no_verb_for_anothers_document(world: World, story: Story) -> None:
    """The police may not send a notice of release: their service has no such method."""
    method = "/publicprotection.prison.v1.PrisonService/SendReleaseNotice"
    client = AgencyClient(replace(world.endpoint("kent-police"), role="prison"))

    refusal = await refusal_of(client, *build(sending(story, "release-notice")))
    await client.close()

    assert refusal.code == grpc.StatusCode.UNIMPLEMENTED, method
    assert split_address(sending(story, "release-notice").sender)[0] == PRISON
