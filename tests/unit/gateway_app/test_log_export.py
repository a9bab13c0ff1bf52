"""What the gateway exports verifies with the project's own verifier, whole and in part."""

import asyncio
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from publicprotection.oversight.v1.disclosure_log_service_pb2 import (
    LOG_PURPOSE_VERIFY_LAWFULNESS,
    ExportRecordsRequest,
    Period,
    SubjectReference,
    WholeLog,
)
from publicprotection.oversight.v1.subject_service_pb2 import Acting

from gateway.app.log_export import LogExport
from gateway.app.log_rows import CheckpointRow, CosignatureRow
from gateway.app.log_vouching import NoHeadError
from gateway.app.ports import StoreUnavailableError
from services.kit.evidence.bundle import Report, verify_bundle
from services.kit.evidence.checkpoint import cosign
from services.kit.evidence.errors import BundleRefusedError
from services.kit.evidence.note import read_note
from services.kit.evidence.quorum import Standing
from services.kit.log_trust import trust_in
from tests.support.acting import officer
from tests.support.gateway import NOW, Gateway, Sealed

ACTING = Acting(reason="Inquest")
EVERYTHING = WholeLog()


@pytest.fixture
async def taken(gateway: Gateway) -> list[Sealed]:
    """Exchanges a minute apart."""
    found = []
    for _ in range(3):
        sealed = gateway.step("contribution")
        await gateway.take(sealed.arrival)
        found.append(sealed)
        gateway.parties.clock.moment += timedelta(minutes=1)
    await put_in_order(gateway)
    return found


async def put_in_order(gateway: Gateway) -> None:
    while await gateway.sequencer.sequence_batch():
        pass


async def export(gateway: Gateway, **scope: Any) -> bytes:
    request = ExportRecordsRequest(purpose=LOG_PURPOSE_VERIFY_LAWFULNESS, acting=ACTING, **scope)
    unit = gateway.parties.of_kind("MAPPA_COORDINATION_UNIT")
    pieces = [piece async for piece in LogExport(gateway.store, gateway.tools).write(officer(unit), request)]
    return b"".join(pieces)


def verify(gateway: Gateway, octets: bytes) -> Report:
    trust = trust_in(gateway.parties.directory)
    return verify_bundle(octets.splitlines(), lambda _: trust, now=gateway.parties.clock.now())


async def witness(gateway: Gateway) -> None:
    """Has every witness cosign the head."""
    async with gateway.store.writing() as unit:
        head = await unit.tree.head()
        assert head is not None
        await unit.witnesses.add_checkpoint(CheckpointRow(head.size, head.root, head.note, head.at))
        for name in trust_in(gateway.parties.directory).witnesses:
            line = cosign(read_note(head.note), gateway.parties.signing[name], gateway.parties.clock.now())
            await unit.witnesses.add_cosignature(
                CosignatureRow(head.size, name, str(line), gateway.parties.clock.now())
            )


async def test_everything_is_exported_and_nothing_is_missing(gateway: Gateway, taken: list[Sealed]) -> None:
    report = verify(gateway, await export(gateway, everything=EVERYTHING))
    records = await gateway.records()
    # The query itself is recorded first, and comes after what is exported.
    assert report.size == report.records == len(records) - 1
    assert report.standing is Standing.PENDING
    assert records[-1].type == "LOG_QUERY"
    assert len(taken) == 3


async def test_one_exchange(gateway: Gateway, taken: list[Sealed]) -> None:
    octets = await export(gateway, exchange_id=taken[1].exchange_id)
    report = verify(gateway, octets)
    own = [row for row in await gateway.records() if row.exchange_id == taken[1].exchange_id]
    assert report.records == len(own) > 1
    assert taken[0].exchange_id.encode() not in octets


@pytest.mark.both_databases
async def test_one_subject(gateway: Gateway, taken: list[Sealed]) -> None:
    async with gateway.store.reading() as unit:
        registered = await unit.register.find(taken[0].exchange_id)
    assert registered is not None
    octets = await export(gateway, subject=SubjectReference(subject=registered.subject_id))
    assert verify(gateway, octets).records >= 2
    assert registered.subject_id.encode() not in octets
    nobody = await export(gateway, subject=SubjectReference(subject="nobody"))
    assert verify(gateway, nobody).records == 0


@pytest.mark.parametrize(("first", "minutes"), [(-9, 30), (0, 1), (1, 1), (2, 30), (-9, 5), (30, 5)])
async def test_a_period_is_whole(gateway: Gateway, taken: list[Sealed], first: int, minutes: int) -> None:
    within, shown = await export_period(gateway, first, minutes)
    assert within <= shown
    assert len(shown) <= len(within) + 2
    assert taken


@pytest.mark.parametrize(
    ("first", "minutes"), [(0, 1), (2, 1), (3, 1), (5, 2), (9, 1), (9, 2), (10, 1), (4, 5), (12, 3), (13, 9)]
)
async def test_a_period_is_whole_though_times_step_back(gateway: Gateway, first: int, minutes: int) -> None:
    for minute in (0, 10, 9, 2, 4, 12, 3, 11):
        gateway.parties.clock.moment = NOW + timedelta(minutes=minute)
        await gateway.take(gateway.step("contribution").arrival)
    await put_in_order(gateway)
    gateway.parties.clock.moment = NOW + timedelta(hours=1)
    within, shown = await export_period(gateway, first, minutes)
    assert within <= shown


async def export_period(gateway: Gateway, first: int, minutes: int) -> tuple[set[int], set[int]]:
    """Exports some minutes and verifies the file; the indexes of their records, and of those in the file."""
    since, until = Timestamp(), Timestamp()
    since.FromDatetime(NOW + timedelta(minutes=first))
    until.FromDatetime(NOW + timedelta(minutes=first + minutes))
    octets = await export(gateway, period=Period(since=since, until=until))
    report = verify(gateway, octets)
    within = {
        row.leaf_index
        for row in await gateway.records()
        if row.leaf_index is not None
        and since.ToDatetime(UTC) <= row.at < until.ToDatetime(UTC)
        and row.leaf_index < report.size
    }
    return within, {json.loads(line)["index"] for line in octets.splitlines() if b'"type":"record"' in line}


@pytest.mark.both_databases
async def test_cosignatures_go_with_it(gateway: Gateway, taken: list[Sealed]) -> None:
    await witness(gateway)
    before = verify(gateway, await export(gateway, everything=EVERYTHING))
    assert before.standing is Standing.MET
    # What is recorded afterwards stands under a newer checkpoint, and the cosigned one vouches for the rest.
    await gateway.take(gateway.step("section-42").arrival)
    await put_in_order(gateway)
    report = verify(gateway, await export(gateway, exchange_id=taken[0].exchange_id))
    assert report.size > before.size
    assert report.uncovered == 0
    assert report.standing is Standing.MET


async def test_an_altered_entry_is_noticed(gateway: Gateway, taken: list[Sealed]) -> None:
    octets = await export(gateway, exchange_id=taken[0].exchange_id)
    with pytest.raises(BundleRefusedError):
        verify(gateway, octets.replace(b"MANAGE_RISK", b"MANAGE_RISC"))


async def test_more_than_a_tile_is_exported_in_pieces(gateway: Gateway) -> None:
    for _ in range(6):
        await gateway.take(*(gateway.step("section-42").arrival for _ in range(25)))
    await put_in_order(gateway)
    unit = gateway.parties.of_kind("MAPPA_COORDINATION_UNIT")
    request = ExportRecordsRequest(
        purpose=LOG_PURPOSE_VERIFY_LAWFULNESS, acting=ACTING, everything=EVERYTHING
    )
    pieces = [piece async for piece in LogExport(gateway.store, gateway.tools).write(officer(unit), request)]
    report = verify(gateway, b"".join(pieces))
    assert report.records > 256
    assert len(pieces) > 3
    assert max(map(len, pieces)) < 3 << 20
    assert all(piece.endswith(b"\n") for piece in pieces)


async def test_nothing_is_exported_while_the_query_cannot_be_recorded(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse() -> None:
        raise StoreUnavailableError("full")

    monkeypatch.setattr(gateway.store, "writing", refuse)
    with pytest.raises(StoreUnavailableError):
        await export(gateway, everything=EVERYTHING)


async def test_who_exported_what_is_on_record(gateway: Gateway, taken: list[Sealed]) -> None:
    since, until = Timestamp(), Timestamp()
    since.FromDatetime(datetime(2026, 1, 1, tzinfo=UTC))
    until.FromDatetime(datetime(2026, 2, 1, tzinfo=UTC))
    await export(gateway, everything=EVERYTHING)
    await export(gateway, exchange_id=taken[0].exchange_id)
    await export(gateway, period=Period(since=since, until=until))
    entries = [json.loads(row.entry or "") for row in await gateway.records("LOG_QUERY")]
    assert [each["queried"] for each in entries] == ["ALL", "EXCHANGE", "PERIOD"]
    assert entries[1]["queried_exchange"] == taken[0].exchange_id
    assert entries[2]["queried_from"] == "2026-01-01T00:00:00+00:00"


async def test_who_reads_slowly_keeps_no_connection(gateway: Gateway, taken: list[Sealed]) -> None:
    assert taken
    request = ExportRecordsRequest(
        purpose=LOG_PURPOSE_VERIFY_LAWFULNESS, acting=ACTING, everything=EVERYTHING
    )
    unit = gateway.parties.of_kind("MAPPA_COORDINATION_UNIT")
    exports = [LogExport(gateway.store, gateway.tools).write(officer(unit), request) for _ in range(8)]
    for each in exports:
        assert await anext(each)
    async with asyncio.timeout(5):
        await gateway.store.ping()


async def test_nothing_is_shown_under_a_head_that_the_key_store_does_not_remember(
    gateway: Gateway, taken: list[Sealed]
) -> None:
    assert taken
    async with gateway.store.writing() as unit:
        head = await unit.tree.head()
        assert head is not None
        await unit.tree.move_head(replace(head, size=head.size + 1))
    with pytest.raises(NoHeadError):
        await export(gateway, everything=EVERYTHING)
