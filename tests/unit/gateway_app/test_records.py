"""Records in full: what they state, what they commit to, and what opens again with the key store alone."""

import json
from datetime import timedelta
from typing import Any

import pytest
from publicprotection.exchange.v1.gateway_documents_pb2 import HOLD_VERDICT_GRANT

from gateway.app.digests import blind_subject, listing_of
from gateway.app.log_rows import LogFilter
from gateway.app.records import RecordType, commitment, read_text, record, salt_name
from gateway.app.scopes import exchange_scope, subject_scope
from gateway.app.subject_acts import open_work
from gateway.core.log.checking import EntryError
from services.kit.evidence.canonical import canonical
from tests.support.gateway import NOW, Gateway, Sealed


async def entries(gateway: Gateway, kind: str) -> list[dict[str, Any]]:
    return [json.loads(row.entry or "") for row in await gateway.records(kind)]


@pytest.fixture
async def sealed(gateway: Gateway) -> Sealed:
    taken = gateway.step("contribution")
    await gateway.take(taken.arrival)
    return taken


async def subject_of(gateway: Gateway, exchange_id: str) -> str:
    async with gateway.store.reading() as unit:
        registered = await unit.register.find(exchange_id)
    assert registered is not None
    return registered.subject_id


async def test_what_the_sender_stated_is_collected(gateway: Gateway, sealed: Sealed) -> None:
    (entry,) = await entries(gateway, "COLLECTION")
    assert (entry["verb"], entry["sender"], entry["sender_kind"]) == (
        "COLLECTION",
        sealed.organisation,
        "PROBATION",
    )
    assert [each.partition("/")[0] for each in entry["recipients"]] == ["kent-mappa-unit"]
    assert entry["purpose"] == "MANAGE_RISK"
    assert entry["lawful_bases"]
    assert entry["marking"]
    assert entry["sealed_at"]
    assert ["mappa_managed", "YES", sealed.organisation] in entry["facts_known"]


async def test_a_disclosure_says_all_that_section_62_asks(gateway: Gateway, sealed: Sealed) -> None:
    (entry,) = await entries(gateway, "DISCLOSURE")
    assert entry["at"] == NOW.isoformat(timespec="milliseconds")
    assert entry["recipient_kind"] == "MAPPA_COORDINATION_UNIT"
    assert all(len(rule) == 2 for rule in entry["rules"])
    assert {"WITHHOLD", "HOLD"} & {effect for _, effect in entry["rules"]}
    assert [hold for hold, _ in entry["escalates"]] == entry["holds"]
    assert entry["not_after"] > entry["at"]
    assert entry["necessity_commitment"] == (await entries(gateway, "COLLECTION"))[0]["necessity_commitment"]
    assert sealed.leaves["header.author.name"] not in json.dumps(entry)


async def test_no_made_up_id_stands_in_an_entry_and_each_commitment_opens(
    gateway: Gateway, sealed: Sealed
) -> None:
    subject = await subject_of(gateway, sealed.exchange_id)
    async with gateway.store.reading() as unit:
        named = {row.subject_id for row in await unit.subjects.mentioned(sealed.exchange_id)}
    assert subject in named
    rows = await gateway.records()
    assert not [each for each in named for row in rows if each in (row.entry or "")]
    found = [*await entries(gateway, "COLLECTION"), *await entries(gateway, "DISCLOSURE")]
    for entry in found:
        salt = await gateway.key_store.salt(subject_scope(subject), entry["nonce"])
        assert salt is not None
        assert commitment(salt, canonical(subject)) == entry["subject"]
    # Without the salts nobody links records by their subject.
    assert len({entry["subject"] for entry in found}) == len(found) == 2


async def test_every_record_of_an_exchange_is_listed_under_its_subject(
    gateway: Gateway, sealed: Sealed
) -> None:
    police = gateway.parties.of_kind("POLICE")
    [asked], _ = await gateway.received(police)
    held = asked.decisions[0].held[0].hold_id
    gateway.parties.clock.moment += timedelta(days=20)
    await gateway.take(gateway.answer(police, held, HOLD_VERDICT_GRANT).arrival)
    unit_name = gateway.parties.of_kind("MAPPA_COORDINATION_UNIT")
    _, deliveries = await gateway.received(unit_name)
    await gateway.take(gateway.receipt(unit_name, deliveries[0][0]))
    await gateway.received(unit_name)
    key = blind_subject(gateway.key_store, await subject_of(gateway, sealed.exchange_id))
    async with gateway.store.reading() as unit:
        listed = await unit.log.select(LogFilter(listed=((key,),)), 100)
        own = await unit.log.select(LogFilter(exchange_id=sealed.exchange_id), 100)
    assert [row.position for row in own] == [row.position for row in listed]
    assert {"COLLECTION", "DISCLOSURE", "HOLD_GRANTED", "RECEIPT"} <= {row.type for row in listed}
    (answer,) = await entries(gateway, "HOLD_GRANTED")
    assert answer["in_time"] is False
    assert answer["due"] < answer["at"]


async def test_who_may_see_it_is_listed(gateway: Gateway, sealed: Sealed) -> None:
    await gateway.received(sealed.organisation)
    async with gateway.store.reading() as unit:
        for organisation, kinds in (
            (sealed.organisation, {"COLLECTION", "DISCLOSURE"}),
            ("kent-mappa-unit", {"DISCLOSURE"}),
            ("dwp-kent", set[str]()),
        ):
            rows = await unit.log.select(LogFilter(listed=((listing_of(organisation),),)), 100)
            assert {row.type for row in rows} - {"SUBJECT_LINKED"} == kinds


async def test_grounds_that_the_contract_marks_are_kept_with_the_record(gateway: Gateway) -> None:
    sealed = gateway.step("restrictions")
    await gateway.take(sealed.arrival)
    (entry,) = await entries(gateway, "COLLECTION")
    async with gateway.store.reading() as unit:
        row = await unit.texts.find(sealed.exchange_id, "grounds")
    scope = exchange_scope(sealed.exchange_id)
    key = await gateway.key_store.data_key(scope)
    salt = await gateway.key_store.salt(scope, salt_name(sealed.exchange_id, "grounds"))
    assert row is not None
    assert key is not None
    assert salt is not None
    text = read_text(row, key)
    assert commitment(salt, text) == entry["grounds_commitment"]
    grounds = json.loads(text)
    assert grounds.keys() == {"document.mappa_category", "document.mappa_level"} & sealed.leaves.keys()
    assert all(grounds[path] == sealed.leaves[path] for path in grounds)
    decided = await entries(gateway, "DISCLOSURE")
    assert {each["grounds_commitment"] for each in decided} == {entry["grounds_commitment"]}


async def test_what_is_no_entry_is_not_written(gateway: Gateway) -> None:
    with pytest.raises(EntryError, match="reason"):
        async with open_work(gateway.store, gateway.tools) as work:
            await record(
                work, RecordType.PREVIEW_REJECTED, sender="kent-police", reason="Dean Marlow said so"
            )
    with pytest.raises(EntryError, match="sender is missing"):
        async with open_work(gateway.store, gateway.tools) as work:
            await record(work, RecordType.PREVIEW_REJECTED, reason="X")
    assert await gateway.records() == []
