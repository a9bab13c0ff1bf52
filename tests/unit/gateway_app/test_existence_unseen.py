"""Nothing tells apart what does not exist from what is another's: the same calls, and the same answer."""

import json
from typing import Any

import pytest
from publicprotection.common.v1.person_pb2 import IDENTIFIER_SYSTEM_PNC_ID, Identifier
from publicprotection.documents.v1.adult_advice_pb2 import AdviceResponse
from publicprotection.exchange.v1.header_pb2 import Header
from publicprotection.oversight.v1.disclosure_log_service_pb2 import (
    LOG_PURPOSE_VERIFY_LAWFULNESS,
    GetRecordRequest,
    ListRecordsRequest,
    ListRecordsResponse,
    SubjectReference,
)
from publicprotection.oversight.v1.subject_service_pb2 import Acting

from gateway.adapters.database.deliveries import DeliveryTable, PacketTable
from gateway.adapters.database.evidence import RefusalTable, TextTable
from gateway.adapters.database.exchanges import FactTable, HoldTable, RegisterTable, SubmissionTable
from gateway.adapters.database.log import LogTable
from gateway.adapters.database.subjects import SubjectTable
from gateway.adapters.database.tree import TreeTable
from gateway.adapters.database.witnesses import WitnessTable
from gateway.adapters.keystore import KeyStoreFile
from gateway.app.log_view import LogView, NoPositionsError, RecordUnknownError
from tests.support.acting import officer
from tests.support.gateway import Gateway, Sealed
from tests.support.spying import Spy
from tests.unit.gateway_app.test_subjects import exchange_of

TABLES = (
    DeliveryTable,
    PacketTable,
    RefusalTable,
    TextTable,
    FactTable,
    HoldTable,
    RegisterTable,
    SubmissionTable,
    LogTable,
    SubjectTable,
    TreeTable,
    WitnessTable,
    KeyStoreFile,
)
KNOWN, UNKNOWN = "2009/0190441M", "2011/0200442N"
ACTING = Acting(reason="A complaint")
BYSTANDER = "ADULT_SERVICES"
"""A kind of organisation that has no part in the exchange."""


def identify(number: str) -> Any:
    def change(_header: Header, document: Any) -> None:
        del document.subject.identifiers[:]
        document.subject.identifiers.append(Identifier(system=IDENTIFIER_SYSTEM_PNC_ID, value=number))

    return change


@pytest.fixture
async def sealed(gateway: Gateway) -> Sealed:
    """An exchange about somebody whom the bystander does not know of."""
    taken = gateway.step("contribution", change=identify(KNOWN))
    assert await gateway.take(taken.arrival) == [None]
    while await gateway.sequencer.sequence_batch():
        pass
    return taken


@pytest.fixture
def spy(gateway: Gateway, sealed: Sealed, monkeypatch: pytest.MonkeyPatch) -> Spy:  # noqa: ARG001 - first
    # What looks up one key asks `find_keys` for it.
    return Spy(monkeypatch, TABLES, without=["KeyStoreFile.data_key"])


async def list_records(gateway: Gateway, **asked: Any) -> bytes:
    """The answer to the bystander, octet by octet."""
    request = ListRecordsRequest(purpose=LOG_PURPOSE_VERIFY_LAWFULNESS, acting=ACTING, **asked)
    view = LogView(gateway.store, gateway.tools)
    records = await view.page(officer(gateway.parties.of_kind(BYSTANDER)), request)
    return ListRecordsResponse(records=records).SerializeToString()


def numbered(number: str) -> SubjectReference:
    return SubjectReference(identifiers=[Identifier(system=IDENTIFIER_SYSTEM_PNC_ID, value=number)])


async def test_records_about_a_stranger_and_about_whom_others_know(gateway: Gateway, spy: Spy) -> None:
    unknown = await list_records(gateway, subject=numbered(UNKNOWN)), spy.take()
    known = await list_records(gateway, subject=numbered(KNOWN)), spy.take()
    assert unknown == known
    assert {"SubjectTable.known", "SubjectTable.reached", "LogTable.select"} <= set(known[1])


async def test_records_about_a_made_up_id_and_about_somebodys(
    gateway: Gateway, sealed: Sealed, spy: Spy
) -> None:
    async with gateway.store.reading() as unit:
        [case] = [row for row in await unit.subjects.mentioned(sealed.exchange_id) if row.is_case]
    spy.take()
    unknown = await list_records(gateway, subject=SubjectReference(subject="0" * 26)), spy.take()
    known = await list_records(gateway, subject=SubjectReference(subject=case.subject_id)), spy.take()
    assert unknown == known


async def test_records_of_no_exchange_and_of_others(gateway: Gateway, sealed: Sealed, spy: Spy) -> None:
    unknown = await list_records(gateway, exchange_id="0" * 26), spy.take()
    known = await list_records(gateway, exchange_id=sealed.exchange_id), spy.take()
    assert unknown == known


async def get_record(gateway: Gateway, spy: Spy, **which: Any) -> tuple[str, list[str]]:
    request = GetRecordRequest(purpose=LOG_PURPOSE_VERIFY_LAWFULNESS, acting=ACTING, **which)
    spy.take()
    with pytest.raises(RecordUnknownError) as refusal:
        await LogView(gateway.store, gateway.tools).get(officer(gateway.parties.of_kind(BYSTANDER)), request)
    return repr(refusal.value), spy.take()


async def test_a_record_that_there_is_not_and_one_of_others(
    gateway: Gateway, sealed: Sealed, spy: Spy
) -> None:
    [row, *_] = [each for each in await gateway.records() if each.exchange_id == sealed.exchange_id]
    unknown = await get_record(gateway, spy, record_hash="0" * 64)
    assert unknown == await get_record(gateway, spy, record_hash=row.record_hash)
    assert (row.leaf_index or 0) < 9999
    assert await get_record(gateway, spy, index=9999) == await get_record(gateway, spy, index=row.leaf_index)


async def test_an_answer_to_no_exchange_and_to_one_of_others(
    gateway: Gateway, sealed: Sealed, spy: Spy
) -> None:
    """A stranger states an id that it guessed or overheard."""

    async def answer(asked: str) -> list[str]:
        spy.take()
        reply = AdviceResponse(advice="Speak to him alone.", raise_concern=False)
        await exchange_of(gateway, BYSTANDER, "PRISON", reply, asked)
        return spy.take()

    unknown = await answer("0" * 26)
    assert unknown == await answer(sealed.exchange_id)
    assert "DeliveryTable.of_exchanges" in unknown


async def test_positions_are_shown_to_nobody_who_does_not_see_the_whole(
    gateway: Gateway, sealed: Sealed
) -> None:
    view = LogView(gateway.store, gateway.tools)
    request = ListRecordsRequest(purpose=LOG_PURPOSE_VERIFY_LAWFULNESS, acting=ACTING)
    seen = await view.page(officer(sealed.organisation), request)
    assert seen
    assert {each.position for each in seen} == {0}
    whole = await view.page(officer(), request)
    assert 0 not in {each.position for each in whole}
    request.after_position = 1
    with pytest.raises(NoPositionsError):
        await view.page(officer(sealed.organisation), request)


async def test_sending_to_a_restricted_desk_is_rejected_as_to_one_that_there_is_not(
    gateway: Gateway, spy: Spy
) -> None:
    """By a sender's own service that did not hide it."""

    async def reject(desk: str) -> tuple[list[str], str]:
        def change(header: Header, _document: Any) -> None:
            del header.recipients[:]
            header.recipients.add(organisation=gateway.parties.of_kind("POLICE"), desk=desk)

        spy.take()
        sealed = gateway.step("section-42", change=change)
        assert await gateway.take(sealed.arrival) == [None]
        calls = spy.take()
        *_, rejection = await gateway.records("REJECTION")
        assert rejection.exchange_id == sealed.exchange_id
        return calls, json.loads(rejection.entry or "")["reason"]

    hidden, absent = await reject("terrorism-liaison"), await reject("no-such-desk")
    assert hidden == absent
    assert hidden[1] == "RECIPIENT_UNKNOWN"
