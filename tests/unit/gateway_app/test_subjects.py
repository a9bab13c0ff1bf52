"""Which made-up id an exchange is about."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from google.protobuf import json_format
from google.protobuf.message import Message
from publicprotection.common.v1.organisation_pb2 import MARKING_OFFICIAL_SENSITIVE
from publicprotection.common.v1.person_pb2 import (
    IDENTIFIER_SYSTEM_CRN,
    IDENTIFIER_SYSTEM_LOCAL,
    IDENTIFIER_SYSTEM_PNC_ID,
    Identifier,
)
from publicprotection.documents.v1.adult_advice_pb2 import AdviceRequest, AdviceResponse
from publicprotection.exchange.v1.header_pb2 import (
    LAWFUL_BASIS_CARE_ACT_2014_S6_S7,
    PROCESSING_CONDITION_SCH1_SAFEGUARDING,
    PROCESSING_CONDITION_SCH8_SAFEGUARDING,
    PURPOSE_SAFEGUARD_ADULT,
    URGENCY_ROUTINE,
    Header,
)

from gateway.app.oversight import RegisterView
from tests.support.acting import officer
from tests.support.gateway import AUTHOR, Gateway

Change = Callable[[Header, Any], None]


def identified(*identifiers: tuple[int, str]) -> Change:
    def change(_header: Header, document: Any) -> None:
        del document.subject.identifiers[:]
        for system, value in identifiers:
            document.subject.identifiers.append(Identifier(system=system, value=value))  # type: ignore[arg-type]

    return change


async def subjects_of(gateway: Gateway, *changes: Change, step: str = "contribution") -> list[str]:
    sealed = [gateway.step(step, change=change) for change in changes]
    assert await gateway.take(*(each.arrival for each in sealed)) == [None] * len(sealed)
    async with gateway.store.reading() as unit:
        assert all([await unit.subjects.mentioned(each.exchange_id) for each in sealed])
    register = RegisterView(gateway.store, gateway.tools)
    rows = [await register.find(officer(), each.exchange_id) for each in sealed]
    return [row.exchange.subject for row in rows if row is not None]


async def test_same_identifier_however_written_is_the_same_subject(gateway: Gateway) -> None:
    one, two, other = await subjects_of(
        gateway,
        identified((IDENTIFIER_SYSTEM_PNC_ID, "2009/0190441M")),
        identified((IDENTIFIER_SYSTEM_PNC_ID, "2009/ 0190441m")),
        identified((IDENTIFIER_SYSTEM_CRN, "2009/0190441M")),
    )
    assert one == two
    assert one != other


async def test_document_that_states_both_links_them(gateway: Gateway) -> None:
    pnc, crn = (IDENTIFIER_SYSTEM_PNC_ID, "2009/0190441M"), (IDENTIFIER_SYSTEM_CRN, "X904417")
    found = await subjects_of(gateway, identified(pnc), identified(pnc, crn), identified(crn))
    assert len(set(found)) == 1
    [row] = await gateway.records("SUBJECT_LINKED")
    assert json.loads(row.entry or "")["systems"] == ["CRN", "PNC_ID"]


async def test_document_that_states_two_known_ones_links_them(gateway: Gateway) -> None:
    pnc, crn = (IDENTIFIER_SYSTEM_PNC_ID, "2009/0190441M"), (IDENTIFIER_SYSTEM_CRN, "X904417")
    one, two, both, again = await subjects_of(
        gateway, identified(pnc), identified(crn), identified(pnc, crn), identified(crn)
    )
    assert one == two == both == again
    [row] = await gateway.records("SUBJECT_LINKED")
    assert json.loads(row.entry or "")["systems"] == ["CRN", "PNC_ID"]


async def test_two_numbers_of_one_system_are_a_conflict_and_stay_apart(gateway: Gateway) -> None:
    crn = (IDENTIFIER_SYSTEM_CRN, "X904417")
    one, other = (IDENTIFIER_SYSTEM_PNC_ID, "2009/0190441M"), (IDENTIFIER_SYSTEM_PNC_ID, "2011/0200442N")
    first, second, again = await subjects_of(
        gateway, identified(one, crn), identified(other, crn), identified(other)
    )
    assert second == again != first
    [row] = await gateway.records("SUBJECT_CONFLICT")
    assert len(json.loads(row.entry or "")["subjects"]) == 2


async def test_without_identifiers_every_exchange_has_a_subject_of_its_own(gateway: Gateway) -> None:
    one, two = await subjects_of(gateway, identified(), identified())
    assert one != two


async def test_number_of_an_own_system_means_nothing_elsewhere(gateway: Gateway) -> None:
    local = identified((IDENTIFIER_SYSTEM_LOCAL, "4711"))
    [one] = await subjects_of(gateway, local)
    [two] = await subjects_of(gateway, local, step="release-notice")
    assert one != two


ADVICE: dict[str, Any] = {
    "anonymous": False,
    "adult": {"name": {"family": "Finch", "given": "Wilfred"}},
    "setting": "ADULT_SETTING_PRISON",
    "reason": "ADVICE_REASON_HIGHLY_COMPLEX",
    "question": "How would you weigh his wish to stay on the landing?",
    "situation": "Others on his landing take his canteen.",
}


async def exchange_of(
    gateway: Gateway, sender: str, recipient: str, document: Message, asked: str = ""
) -> Any:
    """Between two kinds of organisation; as the register has it."""
    header = Header(
        purpose=PURPOSE_SAFEGUARD_ADULT,
        lawful_bases=[LAWFUL_BASIS_CARE_ACT_2014_S6_S7],
        conditions=[PROCESSING_CONDITION_SCH1_SAFEGUARDING, PROCESSING_CONDITION_SCH8_SAFEGUARDING],
        necessity="Advice on a case that is hard to weigh.",
        author=AUTHOR,
        urgency=URGENCY_ROUTINE,
        marking=MARKING_OFFICIAL_SENSITIVE,
        request_id=f"test-{sender}-{asked}",
        in_reply_to=asked,
    )
    organisation = gateway.parties.of_kind(recipient)
    desk = gateway.parties.directory.organisations[organisation].desks[0].desk
    header.recipients.add(organisation=organisation, desk=desk)
    sealed = gateway.seal(gateway.parties.of_kind(sender), header, document)
    assert await gateway.take(sealed.arrival) == [None]
    async with gateway.store.reading() as unit:
        return await unit.register.find(sealed.exchange_id)


@pytest.mark.parametrize(("asker", "same"), [("PRISON", True), ("PROBATION", False)])
async def test_an_answer_that_names_nobody_is_about_whom_its_sender_was_asked(
    gateway: Gateway, asker: str, same: bool
) -> None:
    if same:
        request = json_format.ParseDict(ADVICE, AdviceRequest())
        asked = await exchange_of(gateway, asker, "ADULT_SERVICES", request, "")
    else:  # it went to others
        sealed = gateway.step("restrictions")
        await gateway.take(sealed.arrival)
        async with gateway.store.reading() as unit:
            asked = await unit.register.find(sealed.exchange_id)
    reply = AdviceResponse(advice="Speak to him alone.", raise_concern=False)
    answer = await exchange_of(gateway, "ADULT_SERVICES", "PRISON", reply, asked.exchange_id)
    assert (answer.subject_id == asked.subject_id) is same
