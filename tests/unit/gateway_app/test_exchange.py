"""One exchange from its seal to its receipt."""

import json

import pytest
from publicprotection.exchange.v1 import outcome_pb2
from publicprotection.exchange.v1.decision_pb2 import (
    DECISION_OUTCOME_REFUSED,
)
from publicprotection.exchange.v1.inbox_service_pb2 import (
    ACKNOWLEDGEMENT_KIND_RECEIVED,
    ACKNOWLEDGEMENT_KIND_UNDERSTOOD,
)

from services.kit.directory import GATEWAY
from services.kit.evidence.merkle import record_hash
from services.kit.evidence.release import check_against_original
from services.kit.evidence.statement import verify_statement
from tests.support.gateway import NOW, Gateway, leaf_paths

pytestmark = pytest.mark.both_databases


async def test_each_recipient_gets_what_its_agreement_permits_and_no_more(gateway: Gateway) -> None:
    sealed = gateway.step("release-notice")
    assert await gateway.take(sealed.arrival) == [None]
    parts = {}
    for kind in ("POLICE", "PROBATION", "CHILDRENS_SERVICES"):
        _, releases = await gateway.received(gateway.parties.of_kind(kind))
        assert len(releases) == 1
        parts[kind] = leaf_paths(releases)
    whole = {path for path in sealed.leaves if path.startswith("document")}
    assert all(part and part <= whole for part in parts.values())
    assert parts["CHILDRENS_SERVICES"] < whole
    assert not any("offences" in path for path in parts["CHILDRENS_SERVICES"])


async def test_sender_can_compare_every_release_with_its_original(gateway: Gateway) -> None:
    sealed = gateway.step("release-notice")
    await gateway.take(sealed.arrival)
    [outcome], _ = await gateway.received(sealed.organisation)
    keys = gateway.parties.directory.keys.verifying_at(NOW)
    said = [verify_statement(each, keys=keys, gateway=GATEWAY) for each in outcome.statements]
    assert len(said) == len(outcome.decisions) == 3
    for statement, decision in zip(said, outcome.decisions, strict=True):
        assert check_against_original(sealed.leaves, statement.seal_hash, statement) == []
        assert decision.delivery_id == statement.delivery_id
        assert {*statement.disclosed, *(item.path for item in statement.derived)} == set(decision.released)


async def test_release_quotes_its_record_and_the_record_names_nobody(gateway: Gateway) -> None:
    sealed = gateway.step("release-notice")
    await gateway.take(sealed.arrival)
    records = {row.record_hash: row for row in await gateway.records("DISCLOSURE")}
    assert len(records) == 3
    for kind in ("POLICE", "PROBATION", "CHILDRENS_SERVICES"):
        _, [(delivery, release)] = await gateway.received(gateway.parties.of_kind(kind))
        row = records[release.statement.record_hash]
        entry = json.loads(row.entry or "")
        assert record_hash((row.entry or "").encode()) == row.record_hash
        assert entry["delivery"] == delivery.delivery_id
        assert entry["seal_hash"] == release.statement.seal_hash
        assert len(entry["nonce"]) == 32
        assert entry["purpose"]
        assert entry["rules"]


async def test_recipient_is_told_categories_and_never_a_number(gateway: Gateway) -> None:
    await gateway.take(gateway.step("contribution").arrival)
    _, [(_, release)] = await gateway.received(gateway.parties.of_kind("MAPPA_COORDINATION_UNIT"))
    told = [item.category for item in release.statement.withheld_told]
    assert "VICTIM_LOCATION" in told
    assert len(told) == len(set(told))


async def test_refusal_says_what_to_do_instead(gateway: Gateway) -> None:
    sealed = gateway.step("section-42")
    await gateway.take(sealed.arrival)
    [outcome], _ = await gateway.received(sealed.organisation)
    [decision] = outcome.decisions
    assert decision.outcome == DECISION_OUTCOME_REFUSED
    assert decision.instead.explanation
    assert decision.reason.rule == "NSAB-1.2"
    assert [row.type for row in await gateway.records()] == ["COLLECTION", "REFUSAL"]
    async with gateway.store.reading() as unit:
        submission = await unit.submissions.find(sealed.exchange_id)
    assert submission is not None
    assert submission.ciphertext is None  # nothing of it will ever be released


async def test_receipt_and_acknowledgement_reach_the_sender(gateway: Gateway) -> None:
    sealed = gateway.step("contribution")
    await gateway.take(sealed.arrival)
    unit_name = gateway.parties.of_kind("MAPPA_COORDINATION_UNIT")
    _, [(delivery, _)] = await gateway.received(unit_name)
    await gateway.received(sealed.organisation)
    receipt = gateway.receipt(unit_name, delivery)
    seen = gateway.acknowledgement(unit_name, delivery, ACKNOWLEDGEMENT_KIND_RECEIVED)
    read = gateway.acknowledgement(unit_name, delivery, ACKNOWLEDGEMENT_KIND_UNDERSTOOD)
    assert await gateway.take(receipt, receipt, seen, read, read) == [None] * 5
    outcomes, _ = await gateway.received(sealed.organisation)
    assert [outcome.kind for outcome in outcomes] == [
        outcome_pb2.OUTCOME_KIND_RECEIPTED,
        outcome_pb2.OUTCOME_KIND_ACKNOWLEDGED,
        outcome_pb2.OUTCOME_KIND_ACKNOWLEDGED,
    ]
    assert {outcome.delivery_id for outcome in outcomes} == {delivery.delivery_id}
    kinds = [row.type for row in await gateway.records()]
    assert kinds[:3] == ["COLLECTION", "DISCLOSURE", "SUBJECT_LINKED"]
    assert kinds[3:] == ["RECEIPT", "ACKNOWLEDGEMENT", "ACKNOWLEDGEMENT"]


async def test_refused_delivery_is_told_to_the_sender(gateway: Gateway) -> None:
    sealed = gateway.step("contribution")
    await gateway.take(sealed.arrival)
    unit_name = gateway.parties.of_kind("MAPPA_COORDINATION_UNIT")
    _, [(delivery, _)] = await gateway.received(unit_name)
    await gateway.received(sealed.organisation)
    # A recipient that cannot read the statement does not know its desk.
    refusal = gateway.receipt(unit_name, delivery, refused="SIGNATURE_REFUSED", desk="")
    assert await gateway.take(refusal) == [None]
    [outcome], _ = await gateway.received(sealed.organisation)
    assert outcome.kind == outcome_pb2.OUTCOME_KIND_DELIVERY_REFUSED
    assert outcome.rejection.reason == "SIGNATURE_REFUSED"


async def test_receipt_of_another_is_set_aside(gateway: Gateway) -> None:
    await gateway.take(gateway.step("contribution").arrival)
    unit_name, other = gateway.parties.of_kind("MAPPA_COORDINATION_UNIT"), gateway.parties.of_kind("DWP")
    _, [(delivery, _)] = await gateway.received(unit_name)
    forged = gateway.receipt(other, delivery)
    wrong = gateway.receipt(unit_name, delivery, statement_hash="0" * 64)
    unknown = gateway.receipt(unit_name, delivery, delivery_id="nothing")
    results = await gateway.take(forged, wrong, unknown)
    assert [result.reason for result in results if result] == [
        "DELIVERY_UNKNOWN",
        "RECEIPT_OF_ANOTHER_STATEMENT",
        "DELIVERY_UNKNOWN",
    ]
    async with gateway.store.reading() as unit:
        row = await unit.deliveries.find(delivery.delivery_id)
    assert row is not None
    assert row.receipted_at is None


async def test_ciphertext_goes_once_everything_is_receipted(gateway: Gateway) -> None:
    sealed = gateway.step("restrictions")
    await gateway.take(sealed.arrival)
    for kind in ("POLICE", "DWP"):
        async with gateway.store.reading() as unit:
            submission = await unit.submissions.find(sealed.exchange_id)
        assert submission is not None
        assert submission.ciphertext is not None
        organisation = gateway.parties.of_kind(kind)
        _, [(delivery, release)] = await gateway.received(organisation)
        assert release.statement.recipient.organisation == organisation
        await gateway.take(gateway.receipt(organisation, delivery))
    await gateway.received(sealed.organisation)
    async with gateway.store.reading() as unit:
        submission = await unit.submissions.find(sealed.exchange_id)
    assert submission is not None
    assert submission.ciphertext is None
    async with gateway.store.reading() as unit:
        assert len(await unit.register.decisions([sealed.exchange_id])) == 2
