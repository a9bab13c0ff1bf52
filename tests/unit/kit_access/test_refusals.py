"""Refusals are kept, counted, and not lost where they cannot be written now."""

import asyncio
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import grpc.aio
import pytest
from google.protobuf import json_format
from google.protobuf.message_factory import GetMessageClass
from publicprotection.exchange.v1 import (
    directory_service_pb2,
    directory_service_pb2_grpc,
    outbox_service_pb2,
    outbox_service_pb2_grpc,
)

from deploy.certificates import CertificateAuthority
from services.kit.access.actor import Actor, Role, Scope, System, current_actor
from services.kit.access.client import metadata_of
from services.kit.access.gatekeeper import Refusal
from services.kit.access.refusals import RefusalNotes, Tally
from services.kit.clock import FixedClock
from services.kit.identifiers import new_id
from services.kit.rpc.client import open_channel, read_refusal
from services.kit.rpc.errors import NotFoundError
from services.kit.rpc.service import find_service, serve
from services.kit.store import Vault, open_store
from services.kit.store.access_log import note_refusals
from services.kit.store.paging import Beside
from services.kit.store.refusals import Refusals
from services.partner.profile import PROFILE
from tests.support.agency_server import DESK, OTHER, OWN, Served, issue, run_service, write_header
from tests.support.databases import FileDatabase
from tests.support.examples import find_examples
from tests.support.identity import as_person, issuer, tokens_for

ONE = Refusal("kent-police", "/a.S/Ask", "ROLE_NOT_ALLOWED")
START = datetime(2026, 11, 23, 9, tzinfo=UTC)


class AwayError(Exception):
    """The store is away."""


class Notes:
    """What was written, and whether writing fails."""

    def __init__(self) -> None:
        self.clock = FixedClock(START)
        self.written: list[Tally] = []
        self.away = False
        self.notes = RefusalNotes(self.write, self.clock, (AwayError,))

    async def write(self, tallies: list[Tally]) -> None:
        if self.away:
            raise AwayError
        self.written += tallies

    async def after(self, seconds: float) -> list[int]:
        """The counts that are written by then."""
        self.clock.advance(timedelta(seconds=seconds))
        await self.notes.flush()
        return [tally.count for tally in self.written]


@pytest.fixture
def kept() -> Notes:
    return Notes()


async def test_the_first_is_written_at_once_and_more_of_its_kind_once_a_minute(kept: Notes) -> None:
    kept.notes.note(ONE)
    assert await kept.after(1) == [1]
    for _ in range(500):
        kept.notes.note(ONE)
    assert await kept.after(30) == [1]
    assert await kept.after(31) == [1, 500]
    assert kept.written[1].since == START + timedelta(seconds=1)


async def test_another_kind_does_not_wait_for_the_first(kept: Notes) -> None:
    kept.notes.note(ONE)
    await kept.after(1)
    person = as_person("kent-police")
    actor = Actor(System("kent-police", "s"), Role.PRACTITIONER, person)
    for other in (
        Refusal("kent-prison", ONE.method, ONE.reason),
        Refusal(ONE.organisation, "/a.S/Tell", ONE.reason),
        Refusal(ONE.organisation, ONE.method, "TOKEN_UNBOUND"),
        Refusal(ONE.organisation, ONE.method, ONE.reason, actor),
    ):
        kept.notes.note(other)
    assert await kept.after(1) == [1] * 5


async def test_what_cannot_be_written_now_is_written_later_with_what_came_since(kept: Notes) -> None:
    kept.away = True
    kept.notes.note(ONE)
    assert await kept.after(1) == []
    kept.notes.note(ONE)
    assert await kept.after(1) == []
    kept.away = False
    assert await kept.after(1) == [2]


async def test_a_process_that_ends_writes_what_waits(kept: Notes) -> None:
    kept.notes.note(ONE)
    await kept.after(1)
    kept.notes.note(ONE)
    await kept.notes.flush(everything=True)
    assert [tally.count for tally in kept.written] == [1, 1]


async def test_an_agency_keeps_them_and_nobody_reads_who_it_was_on_the_disk(tmp_path: Path) -> None:
    database = FileDatabase(tmp_path / "agency.db")
    store = await open_store(database.url, Vault(bytes(32)), database.access)
    try:
        notes = note_refusals(store, FixedClock(START), new_id)
        person = as_person("kent-police", name="Ines Vale")
        notes.note(
            Refusal(ONE.organisation, ONE.method, ONE.reason, Actor(System("p", "s"), Role.AUDITOR, person))
        )
        notes.note(ONE)
        await notes.flush()
        async with store.read() as connection:
            found = await Refusals(store.vault).page(connection, Beside(), 10)
    finally:
        await store.close()
    assert [(each.count, each.reason, each.person) for each in found] == [
        (1, "ROLE_NOT_ALLOWED", "Ines Vale"),
        (1, "ROLE_NOT_ALLOWED", ""),
    ]
    octets = read_folder(tmp_path)
    assert b"ROLE_NOT_ALLOWED" in octets
    assert b"Ines Vale" not in octets


def read_folder(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.iterdir())


@pytest.fixture
async def served() -> AsyncIterator[Served]:
    async with run_service(PROFILE, authority=CertificateAuthority.create()) as running:
        yield running


async def call(served: Served, metadata: list[tuple[str, str]], organisation: str = OWN) -> str:
    """The reason with which a call is refused; empty if it is not."""
    async with open_channel(served.address, issue(served.authority, organisation)) as channel:
        stub: Any = directory_service_pb2_grpc.DirectoryServiceStub(channel)
        request = directory_service_pb2.ListOrganisationsRequest()
        try:
            await stub.ListOrganisations(request, metadata=metadata, timeout=10)
        except grpc.aio.AioRpcError as error:
            return read_refusal(error).reason
    return ""


async def test_a_call_without_tokens_is_refused_and_noted(served: Served) -> None:
    assert await call(served, []) == "SYSTEM_TOKEN_MISSING"
    (noted,) = served.refusals.noted
    assert (noted.organisation, noted.reason, noted.actor) == (OWN, "SYSTEM_TOKEN_MISSING", None)


async def test_tokens_that_another_certificate_got_are_refused_and_noted(served: Served) -> None:
    stolen = await tokens_for(issue(served.authority, OWN), OWN).metadata()
    assert (
        await call(served, stolen) == "TOKEN_UNBOUND"
    )  # each channel of a test has a certificate of its own
    assert [noted.reason for noted in served.refusals.noted] == ["TOKEN_UNBOUND"]


async def test_who_has_no_business_here_is_refused_before_any_token_and_not_noted(served: Served) -> None:
    assert await call(served, [("authorization", "Bearer x")], OTHER) == "WRONG_ORGANISATION"
    assert served.refusals.noted == []


async def test_a_refusal_by_the_handler_is_noted_with_who_it_was(served: Served) -> None:
    verb = find_service(PROFILE.service).methods[0]
    request: Any = GetMessageClass(verb.input_type)(header=write_header())
    json_format.ParseDict(find_examples()[request.document.DESCRIPTOR.name], request.document)
    request.header.author.name = "Somebody Else"
    async with served.channel() as channel:
        send = channel.unary_unary(
            f"/{PROFILE.service}/{verb.name}", type(request).SerializeToString, lambda octets: octets
        )
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await send(request, timeout=10)
    assert read_refusal(refused.value).reason == "AUTHOR_NOT_CALLER"
    (noted,) = served.refusals.noted
    assert noted.actor is not None
    assert noted.actor.person is not None
    assert (noted.reason, noted.actor.person.name) == ("AUTHOR_NOT_CALLER", "Sam Reed")


class Outbox(outbox_service_pb2_grpc.OutboxServiceServicer):
    """Streams one outcome, says who acts, and waits."""

    def __init__(self) -> None:
        self.actors: list[Actor] = []

    async def ListExchanges(self, _request: Any, _context: Any) -> Any:  # noqa: N802 - gRPC's name
        raise NotFoundError

    async def GetExchange(self, _request: Any, _context: Any) -> Any:  # noqa: N802 - gRPC's name
        raise NotFoundError

    async def WatchOutcomes(self, _request: Any, _context: Any) -> AsyncIterator[Any]:  # noqa: N802 - gRPC's name
        self.actors.append(current_actor())
        yield outbox_service_pb2.WatchOutcomesResponse(position=1)
        self.actors.append(current_actor())
        await asyncio.Event().wait()


async def test_a_stream_is_somebodys_and_ends_with_the_token() -> None:
    outbox = Outbox()
    service = serve(
        outbox_service_pb2_grpc.add_OutboxServiceServicer_to_server,
        outbox,
        outbox_service_pb2.DESCRIPTOR.services_by_name["OutboxService"],
    )
    authority = CertificateAuthority.create()
    async with run_service(PROFILE, authority=authority, more=[service]) as running:
        tls, person = issue(authority, OWN), as_person(OWN, Role.SUPERVISOR, desk=DESK)
        system = issuer().system_token(tls.certificate, OWN, exp=int(time.time()) + 2)
        metadata = metadata_of(system, issuer().person_token(tls.certificate, person))
        async with open_channel(running.address, tls) as channel:
            stub: Any = outbox_service_pb2_grpc.OutboxServiceStub(channel)
            watching = stub.WatchOutcomes(
                outbox_service_pb2.WatchOutcomesRequest(), metadata=metadata, timeout=20
            )
            assert (await watching.read()).position == 1
            with pytest.raises(grpc.aio.AioRpcError) as ended:
                await watching.read()
    assert read_refusal(ended.value).reason == "TOKEN_EXPIRED"
    expected = Actor(System(OWN, f"{OWN}-system"), Role.SUPERVISOR, person, Scope.ORGANISATION)
    assert outbox.actors == [expected, expected]
