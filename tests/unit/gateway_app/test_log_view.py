"""What organisations see of the log, and that asking is itself on record before the answer."""

import json
from datetime import timedelta
from typing import Any

import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from publicprotection.common.v1.person_pb2 import (
    IDENTIFIER_SYSTEM_CRN,
    IDENTIFIER_SYSTEM_PNC_ID,
    Identifier,
)
from publicprotection.exchange.v1.header_pb2 import Header
from publicprotection.oversight.v1.disclosure_log_service_pb2 import (
    LOG_PURPOSE_CRIMINAL_PROCEEDINGS,
    LOG_PURPOSE_VERIFY_LAWFULNESS,
    GetRecordRequest,
    ListRecordsRequest,
    LogRecord,
    SubjectReference,
)
from publicprotection.oversight.v1.subject_service_pb2 import Acting

from gateway.app.log_view import LogView, RecordUnknownError
from gateway.app.ports import StoreUnavailableError
from gateway.app.records import commitment
from services.kit.directory import GATEWAY
from services.kit.evidence.checkpoint import verify_checkpoint
from services.kit.evidence.merkle import leaf_hash, record_hash, verify_inclusion
from tests.support.acting import officer
from tests.support.gateway import NOW, Gateway, Sealed

PNC = Identifier(system=IDENTIFIER_SYSTEM_PNC_ID, value="2009/0190441M")
ACTING = Acting(reason="Complaint of the fourth of May")


class Reader:
    """A data protection officer at an organisation."""

    def __init__(self, gateway: Gateway, kind: str) -> None:
        self.organisation = gateway.parties.of_kind(kind)
        self.view = LogView(gateway.store, gateway.tools)

    async def list(self, **asked: Any) -> list[LogRecord]:
        request = ListRecordsRequest(purpose=LOG_PURPOSE_VERIFY_LAWFULNESS, acting=ACTING, **asked)
        return await self.view.page(officer(self.organisation), request)

    async def get(self, **asked: Any) -> Any:
        request = GetRecordRequest(purpose=LOG_PURPOSE_CRIMINAL_PROCEEDINGS, acting=ACTING, **asked)
        return await self.view.get(officer(self.organisation), request)


@pytest.fixture
async def sealed(gateway: Gateway) -> Sealed:
    """An exchange that is decided, and all of it in the log."""
    taken = gateway.step("contribution", change=identify)
    await gateway.take(taken.arrival)
    await put_in_order(gateway)
    return taken


def identify(_header: Header, document: Any) -> None:
    """States one number of the subject's."""
    del document.subject.identifiers[:]
    document.subject.identifiers.append(PNC)


@pytest.fixture
def unit(gateway: Gateway) -> Reader:
    return Reader(gateway, "MAPPA_COORDINATION_UNIT")


async def put_in_order(gateway: Gateway) -> None:
    while await gateway.sequencer.sequence_batch():
        pass


def kinds(records: list[LogRecord]) -> list[str]:
    return [json.loads(each.entry or each.excerpt)["type"] for each in records]


async def queries(gateway: Gateway) -> list[dict[str, Any]]:
    return [json.loads(row.entry or "") for row in await gateway.records("LOG_QUERY")]


async def test_a_query_says_who_why_when_and_what(gateway: Gateway, sealed: Sealed, unit: Reader) -> None:
    rows = await unit.list(exchange_id=sealed.exchange_id)
    assert kinds(rows)[:2] == ["COLLECTION", "DISCLOSURE"]
    assert all(record_hash(each.entry.encode()) == each.record_hash for each in rows)
    (entry,) = await queries(gateway)
    assert (entry["verb"], entry["purpose"]) == ("CONSULTATION", "VERIFY_LAWFULNESS")
    assert (entry["organisation"], entry["queried"]) == (unit.organisation, "EXCHANGE")
    assert entry["queried_exchange"] == sealed.exchange_id
    assert "Vale" not in json.dumps(entry)
    assert "Complaint" not in json.dumps(entry)


async def test_who_asked_and_why_opens_with_the_record(gateway: Gateway, unit: Reader) -> None:
    await unit.list()
    await put_in_order(gateway)
    (row,) = await unit.list(types=["LOG_QUERY"])
    found = await unit.get(record_hash=row.record_hash, with_texts=True)
    texts = {each.member: json.loads(each.text) for each in found.texts}
    assert texts["author_commitment"] == {"name": "Ines Vale", "role": "DATA_PROTECTION_OFFICER"}
    assert texts["reason_commitment"] == {"reason": "Complaint of the fourth of May"}


async def test_what_a_caller_writes_does_not_reach_the_log(gateway: Gateway, unit: Reader) -> None:
    name = "Orla Pennyroyal"
    assert await unit.list(exchange_id=name, organisation=name, types=[name]) == []
    assert await unit.list(subject=SubjectReference(subject=name)) == []
    entries = await queries(gateway)
    assert "Pennyroyal" not in json.dumps(entries)
    assert entries[0]["queried_exchange"] == entries[0]["queried_organisation"] == "UNKNOWN"


async def test_nothing_is_answered_while_the_query_cannot_be_recorded(
    gateway: Gateway, sealed: Sealed, unit: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse() -> None:
        raise StoreUnavailableError("full")

    monkeypatch.setattr(gateway.store, "writing", refuse)
    with pytest.raises(StoreUnavailableError):
        await unit.list(exchange_id=sealed.exchange_id)
    with pytest.raises(StoreUnavailableError):
        await unit.get(index=0)


@pytest.mark.both_databases
async def test_records_are_found_by_subject_however_it_is_named(
    gateway: Gateway, sealed: Sealed, unit: Reader
) -> None:
    await gateway.take(gateway.step("section-42").arrival)
    await put_in_order(gateway)
    async with gateway.store.reading() as work:
        registered = await work.register.find(sealed.exchange_id)
    assert registered is not None
    by_id = await unit.list(subject=SubjectReference(subject=registered.subject_id))
    by_number = await unit.list(subject=SubjectReference(identifiers=[PNC]))
    assert "DISCLOSURE" in kinds(by_id)
    assert [each.index for each in by_id] == [each.index for each in by_number]
    assert sealed.exchange_id in {json.loads(each.entry).get("exchange") for each in by_id}
    await put_in_order(gateway)
    # The queries are about the subject too: who looked somebody up is found with the rest.
    again = await unit.list(subject=SubjectReference(subject=registered.subject_id))
    assert kinds(again).count("LOG_QUERY") == 2
    assert registered.subject_id not in "".join(each.entry for each in again)


@pytest.mark.usefixtures("sealed")
async def test_nobody_known_is_nobody_found(gateway: Gateway, unit: Reader) -> None:
    unknown = Identifier(system=IDENTIFIER_SYSTEM_CRN, value="X999999")
    assert await unit.list(subject=SubjectReference(identifiers=[unknown])) == []
    (entry,) = await queries(gateway)
    assert entry["queried"] == "SUBJECT"
    assert "subjects" not in entry


@pytest.mark.both_databases
async def test_records_are_found_by_period_type_and_organisation(sealed: Sealed, unit: Reader) -> None:
    since, until = Timestamp(), Timestamp()
    since.FromDatetime(NOW - timedelta(minutes=1))
    until.FromDatetime(NOW)
    assert await unit.list(since=since, until=until) == []
    until.FromDatetime(NOW + timedelta(minutes=1))
    assert "DISCLOSURE" in kinds(await unit.list(since=since, until=until))
    assert set(kinds(await unit.list(types=["COLLECTION"]))) == {"COLLECTION"}
    assert set(kinds(await unit.list(organisation=sealed.organisation))) >= {"COLLECTION", "DISCLOSURE"}
    assert await unit.list(organisation="nobody") == []


async def test_who_read_the_log_is_a_query(gateway: Gateway, sealed: Sealed, unit: Reader) -> None:
    await unit.list(exchange_id=sealed.exchange_id)
    await put_in_order(gateway)
    (found,) = await unit.list(types=["LOG_QUERY"])
    assert json.loads(found.entry)["queried_exchange"] == sealed.exchange_id


@pytest.mark.both_databases
async def test_pages_meet(gateway: Gateway, unit: Reader) -> None:
    await gateway.take(*(gateway.step("section-42").arrival for _ in range(3)))
    await put_in_order(gateway)
    first = await unit.list(page_size=3)
    rest = await unit.list(after_index=first[-1].index)
    also = await unit.list(after_position=first[-1].position)
    indexes = [row.index for row in (*first, *rest)]
    assert indexes == list(range(len(indexes)))
    assert [row.index for row in rest] == [row.index for row in also]


async def test_a_record_without_an_index_is_not_shown_yet(gateway: Gateway, unit: Reader) -> None:
    await gateway.take(gateway.step("contribution").arrival)
    assert await unit.list() == []


async def test_a_record_is_proven_and_its_texts_are_those_that_it_commits_to(
    gateway: Gateway, sealed: Sealed, unit: Reader
) -> None:
    rows = await unit.list(exchange_id=sealed.exchange_id)
    released = rows[kinds(rows).index("DISCLOSURE")]
    found = await unit.get(record_hash=released.record_hash, with_texts=True)
    assert found == await unit.get(index=released.index, with_texts=True)
    keys = gateway.parties.directory.keys.verifying_keys(GATEWAY, NOW)
    checkpoint = verify_checkpoint(found.proof.checkpoint, keys).checkpoint
    leaf = leaf_hash(found.record.entry.encode())
    verify_inclusion(leaf, found.proof.index, checkpoint.size, list(found.proof.hashes), checkpoint.root)
    assert not found.HasField("witnessed")
    entry = json.loads(found.record.entry)
    assert {each.member for each in found.texts} >= {
        "author_commitment",
        "necessity_commitment",
        "paths_commitment",
    }
    for each in found.texts:
        assert commitment(each.salt, each.text.encode()) == entry[each.member]
    assert [each["texts_opened"] for each in (await queries(gateway))[1:]] == [True, True]


async def test_without_being_asked_for_texts_stay_closed(sealed: Sealed, unit: Reader) -> None:
    rows = await unit.list(exchange_id=sealed.exchange_id)
    assert not (await unit.get(index=rows[0].index)).texts


async def test_what_there_is_not_is_unknown_and_asking_is_on_record(gateway: Gateway, unit: Reader) -> None:
    with pytest.raises(RecordUnknownError):
        await unit.get(index=4711)
    with pytest.raises(RecordUnknownError):
        await unit.get(record_hash="00" * 32)
    assert [each["queried"] for each in await queries(gateway)] == ["RECORD", "RECORD"]


async def test_a_sender_sees_its_own_acts_as_excerpts(gateway: Gateway, sealed: Sealed) -> None:
    own = Reader(gateway, "PROBATION")
    assert own.organisation == sealed.organisation
    seen = await own.list()
    assert {"COLLECTION", "DISCLOSURE"} <= set(kinds(seen))
    assert not any(each.entry for each in seen)
    for each in seen:
        members = json.loads(each.excerpt)
        assert members.keys().isdisjoint({"rules", "reason", "holds", "categories_withheld", "flags"})
    found = await own.get(index=seen[0].index, with_texts=True)
    assert found.proof.hashes or found.proof.checkpoint
    assert not found.record.entry
    assert not found.texts


async def test_a_recipient_sees_what_went_to_it_and_nothing_that_did_not(
    gateway: Gateway, sealed: Sealed, unit: Reader
) -> None:
    whole = [json.loads(each.entry) for each in await unit.list(exchange_id=sealed.exchange_id)]
    went = {each["recipient"].partition("/")[0] for each in whole if each["type"] == "DISCLOSURE"}
    for name in sorted({each.organisation for each in gateway.parties.directory.organisations.values()}):
        reader = Reader(gateway, "POLICE")
        reader.organisation = name
        if name in (sealed.organisation, unit.organisation):
            continue
        seen = kinds(await reader.list(exchange_id=sealed.exchange_id))
        assert seen == (["DISCLOSURE"] if name in went else [])


@pytest.mark.usefixtures("sealed")
async def test_another_organisation_may_not_get_it_by_index_either(gateway: Gateway, unit: Reader) -> None:
    collection = (await unit.list(types=["COLLECTION"]))[0]
    for kind in ("PRISON", "DWP"):
        with pytest.raises(RecordUnknownError):
            await Reader(gateway, kind).get(index=collection.index)
