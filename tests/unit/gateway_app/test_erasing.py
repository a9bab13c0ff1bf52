"""Erasure: keys and salts are in no raw file any more, no record opens, and the log still proves itself."""

from typing import Any

import pytest
from publicprotection.oversight.v1.disclosure_log_service_pb2 import LOG_PURPOSE_SELF_MONITORING, WholeLog
from publicprotection.oversight.v1.retention_service_pb2 import (
    OBSTACLE_KIND_LEGAL_HOLD,
    OBSTACLE_KIND_UNDELIVERED,
    OBSTACLE_KIND_WAITS_FOR_ANSWER,
    PlanErasureRequest,
)
from publicprotection.oversight.v1.subject_service_pb2 import Acting

from gateway.app.destroying import destroy_doomed
from gateway.app.erasing import EraseDesk
from gateway.app.erasure_plans import ErasurePlans
from gateway.app.key_ports import KeyStoreUnavailableError
from gateway.app.legal_holds import LegalHoldDesk, UnknownItemError
from gateway.app.scopes import exchange_scope, subject_scope
from gateway.app.subject_acts import SettledError, UnknownSubjectError
from tests.support.gateway import Gateway
from tests.support.postgres_cluster import PostgresCluster
from tests.support.retiring import (
    act,
    arrive,
    put_in_order,
    scopes_kept,
    secrets_of,
    subject_of,
    texts_open,
    traces,
)
from tests.unit.gateway_app.test_log_export import export, verify

EVERYTHING = WholeLog()


def another(_header: Any, document: Any) -> None:
    """Makes a document somebody else's."""
    document.subject.identifiers[0].value = "2011/0240417B"
    del document.subject.identifiers[1:]
    document.subject.name.family, document.subject.name.given = "Thistlewick", "Osric"


def desk(gateway: Gateway) -> EraseDesk:
    return EraseDesk(gateway.store, gateway.tools)


def holds(gateway: Gateway) -> LegalHoldDesk:
    return LegalHoldDesk(gateway.store, gateway.tools)


async def verifies(gateway: Gateway) -> int:
    await put_in_order(gateway)
    return verify(gateway, await export(gateway, everything=EVERYTHING)).records


@pytest.mark.both_databases
async def test_erased_secrets_are_in_no_raw_file_and_the_log_verifies(
    gateway: Gateway, postgres_cluster: PostgresCluster
) -> None:
    # Both databases' files in both cases; the server's write-ahead log is among them.
    everywhere = [gateway.folder, postgres_cluster.folder]
    sealed, other = (
        await arrive(gateway, "contribution"),
        await arrive(gateway, "contribution", change=another),
    )
    subject = await subject_of(gateway, sealed)
    gone = secrets_of(gateway, exchange_scope(sealed.exchange_id), subject_scope(subject))
    stays = secrets_of(gateway, exchange_scope(other.exchange_id))
    assert len(gone) > 4
    before_erasure = traces(everywhere, gone)
    assert before_erasure
    assert before_erasure <= {"keys.db", "keys.db-wal"}
    assert await texts_open(gateway, sealed.exchange_id)
    before = {row.record_hash for row in await gateway.records()}

    done = await desk(gateway).erase_subject(act(gateway), subject, recall=True)

    assert done.obstacles == ()
    assert done.erased is not None
    assert done.erased.exchanges == [sealed.exchange_id]
    assert done.erased.keys_destroyed + done.erased.salts_destroyed >= len(gone)
    assert traces(everywhere, gone) == set()
    assert traces(everywhere, stays)
    assert await texts_open(gateway, sealed.exchange_id) == 0
    assert await texts_open(gateway, other.exchange_id)
    records = await gateway.records()
    assert before < {row.record_hash for row in records}
    assert all(row.entry for row in records)
    assert records[-1].type == "SUBJECT_ERASED"
    assert records[-1].record_hash == done.erased.record_hash
    assert await verifies(gateway) == len(records)


async def test_nobody_is_found_by_what_was_erased(gateway: Gateway) -> None:
    sealed = await arrive(gateway, "contribution")
    subject = await subject_of(gateway, sealed)
    async with gateway.store.reading() as unit:
        people = {row.entry.subject_id for row in await unit.subjects.reached([subject])}
    await desk(gateway).erase_subject(act(gateway), subject, recall=True)
    async with gateway.store.reading() as unit:
        assert await unit.subjects.reached(people) == []
        assert await unit.subjects.mentioned(sealed.exchange_id) == []
        assert await unit.texts.of_exchange(sealed.exchange_id) == []
    assert not {scope for scope in scopes_kept(gateway) if scope.partition(":")[2] in people}
    with pytest.raises(UnknownSubjectError):
        await desk(gateway).erase_subject(act(gateway), subject, recall=True)
    again = await arrive(gateway, "contribution")
    assert await subject_of(gateway, again) not in people


async def test_an_exchange_about_others_too_stays_theirs(gateway: Gateway) -> None:
    sealed = await arrive(gateway, "release-notice")
    subject = await subject_of(gateway, sealed)
    async with gateway.store.reading() as unit:
        named = {row.subject_id for row in await unit.subjects.mentioned(sealed.exchange_id)}
        own = {row.entry.subject_id for row in await unit.subjects.reached([subject])}
    assert named - own
    done = await desk(gateway).erase_subject(act(gateway), subject, recall=True)
    assert done.erased is not None
    assert list(done.erased.exchanges) == []
    assert list(done.erased.exchanges_kept) == [sealed.exchange_id]
    assert await texts_open(gateway, sealed.exchange_id)
    async with gateway.store.reading() as unit:
        left = {row.subject_id for row in await unit.subjects.mentioned(sealed.exchange_id)}
    assert left == named - own


async def test_an_exchange_is_erased_alone(gateway: Gateway) -> None:
    sealed, other = await arrive(gateway, "contribution"), await arrive(gateway, "contribution")
    gone = secrets_of(gateway, exchange_scope(sealed.exchange_id))
    done = await desk(gateway).erase_exchange(act(gateway), sealed.exchange_id, recall=True)
    assert done.erased is not None
    assert (done.erased.keys_destroyed, done.erased.salts_destroyed) == (1, len(gone) - 1)
    assert traces([gateway.folder], gone) == set()
    assert await texts_open(gateway, sealed.exchange_id) == 0
    assert await texts_open(gateway, other.exchange_id)
    assert (await gateway.records())[-1].type == "EXCHANGE_ERASED"
    assert await verifies(gateway)
    with pytest.raises(UnknownItemError):
        await desk(gateway).erase_exchange(act(gateway), "nothing", recall=True)


@pytest.mark.parametrize("on", ["subject", "exchange"])
async def test_a_legal_hold_stops_erasure_in_words(gateway: Gateway, on: str) -> None:
    sealed = await arrive(gateway, "contribution")
    subject = await subject_of(gateway, sealed)
    place = (subject, "") if on == "subject" else ("", sealed.exchange_id)
    held = await holds(gateway).place(act(gateway), *place)
    before = secrets_of(gateway, exchange_scope(sealed.exchange_id))
    for done in (
        await desk(gateway).erase_subject(act(gateway), subject, recall=True),
        await desk(gateway).erase_exchange(act(gateway), sealed.exchange_id, recall=True),
    ):
        assert done.erased is None
        assert {each.kind for each in done.obstacles} == {OBSTACLE_KIND_LEGAL_HOLD}
        assert {each.legal_hold_id for each in done.obstacles} == {held}
        assert "lifted" in done.obstacles[0].explanation
    assert set(before) <= set(secrets_of(gateway, exchange_scope(sealed.exchange_id)))
    assert await texts_open(gateway, sealed.exchange_id)
    await holds(gateway).lift(act(gateway), held)
    with pytest.raises(SettledError):
        await holds(gateway).lift(act(gateway), held)
    assert (await desk(gateway).erase_subject(act(gateway), subject, recall=True)).erased is not None
    kinds = [row.type for row in await gateway.records()]
    assert kinds[-3:] == ["LEGAL_HOLD_PLACED", "LEGAL_HOLD_LIFTED", "SUBJECT_ERASED"]


async def test_nothing_is_held_that_is_not_there(gateway: Gateway) -> None:
    with pytest.raises(UnknownSubjectError):
        await holds(gateway).place(act(gateway), "nobody", "")
    with pytest.raises(UnknownItemError):
        await holds(gateway).place(act(gateway), "", "nothing")
    with pytest.raises(UnknownItemError):
        await holds(gateway).lift(act(gateway), "nothing")
    assert await gateway.records() == []


async def test_what_is_under_way_is_not_erased_unless_recalled(gateway: Gateway) -> None:
    sealed = gateway.step("contribution")
    await gateway.take(sealed.arrival)
    refused = await desk(gateway).erase_exchange(act(gateway), sealed.exchange_id, recall=False)
    assert {each.kind for each in refused.obstacles} == {
        OBSTACLE_KIND_WAITS_FOR_ANSWER,
        OBSTACLE_KIND_UNDELIVERED,
    }
    assert all("recall" in each.explanation for each in refused.obstacles)
    done = await desk(gateway).erase_exchange(act(gateway), sealed.exchange_id, recall=True)
    assert done.erased is not None
    for organisation in gateway.parties.directory.organisations:
        _, deliveries = await gateway.received(organisation)
        assert deliveries == []
    assert await verifies(gateway)


async def test_an_interrupted_destruction_is_made_good(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    sealed = await arrive(gateway, "contribution")
    gone = secrets_of(gateway, exchange_scope(sealed.exchange_id))

    async def fail(_scopes: object) -> None:
        raise KeyStoreUnavailableError

    with monkeypatch.context() as patched:
        patched.setattr(gateway.key_store, "destroy", fail)
        with pytest.raises(KeyStoreUnavailableError):
            await desk(gateway).erase_exchange(act(gateway), sealed.exchange_id, recall=True)
    assert traces([gateway.folder], gone)
    assert await destroy_doomed(gateway.store, gateway.tools) == 1
    assert traces([gateway.folder], gone) == set()
    assert await destroy_doomed(gateway.store, gateway.tools) == 0


async def test_a_plan_says_what_would_go_stand_in_the_way_and_who_must_be_told(gateway: Gateway) -> None:
    sealed = gateway.step("contribution")
    await gateway.take(sealed.arrival)
    plans, subject = ErasurePlans(gateway.store, gateway.tools), await subject_of(gateway, sealed)
    asked: dict[str, Any] = {"purpose": LOG_PURPOSE_SELF_MONITORING, "acting": Acting(reason="Asked for")}
    by_exchange = await plans.make(act(gateway), PlanErasureRequest(exchange_id=sealed.exchange_id, **asked))
    by_subject = await plans.make(act(gateway), PlanErasureRequest(subject=subject, **asked))
    assert list(by_exchange.exchanges) == [sealed.exchange_id]
    assert sealed.exchange_id in {*by_subject.exchanges, *by_subject.exchanges_kept}
    assert OBSTACLE_KIND_UNDELIVERED in {each.kind for each in by_exchange.obstacles}
    assert [list(each.exchanges) for each in by_exchange.recipients] == [[sealed.exchange_id]]
    queried = [row.entry or "" for row in await gateway.records("LOG_QUERY")]
    assert len(queried) == 2
    assert all('"queried":"ERASURE"' in entry for entry in queried)
    done = await desk(gateway).erase_exchange(act(gateway), sealed.exchange_id, recall=True)
    assert done.erased is not None
    assert list(done.erased.recipients) == list(by_exchange.recipients)


async def test_nobody_plans_the_erasure_of_what_there_is_not(gateway: Gateway) -> None:
    plans = ErasurePlans(gateway.store, gateway.tools)
    asked: dict[str, Any] = {"purpose": LOG_PURPOSE_SELF_MONITORING, "acting": Acting(reason="Asked for")}
    with pytest.raises(UnknownItemError):
        await plans.make(act(gateway), PlanErasureRequest(exchange_id="nobody", **asked))
    with pytest.raises(UnknownSubjectError):
        await plans.make(act(gateway), PlanErasureRequest(subject="nobody", **asked))
