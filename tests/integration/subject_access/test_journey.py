"""A subject access request from the letter to the signed pack (mappa:E-28, mappa:E-29, child:S-14)."""

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from publicprotection.exchange.v1 import subject_access_case_pb2 as case_pb2
from publicprotection.exchange.v1 import subject_access_documents_pb2 as documents
from publicprotection.exchange.v1 import subject_access_service_pb2 as pb2

from services.kit.access.actor import Role
from services.kit.clock import FixedClock
from services.kit.evidence.derive import MARK
from services.kit.subject_access.errors import (
    AccessRefusedError,
    BlanketExemptionError,
    DecisionsRefusedError,
)
from tests.support.databases import NewDatabase
from tests.support.gateway import NOW, TODAY, Parties
from tests.support.subject_access import OFFICER, OWNER, AccessWorld, Agency, day, marlon, open_access_world

CATEGORY, NOTHING = documents.ACCESS_TELL_CATEGORY, documents.ACCESS_TELL_NOTHING
GIVE, WITHHOLD = documents.ACCESS_DISPOSITION_GIVE, documents.ACCESS_DISPOSITION_WITHHOLD
SECRETS = ("Orla", "Pennyroyal", "Juniper", "Wrenfield", "knows where she moved", "Larkspur", "900417")


@pytest.fixture(scope="module")
def parties() -> Parties:
    return Parties(clock=FixedClock(NOW))


@pytest.fixture
async def world(parties: Parties, tmp_path: Path, databases: NewDatabase) -> AsyncIterator[AccessWorld]:
    parties.clock = FixedClock(NOW)
    async with open_access_world(parties, tmp_path, databases=databases) as opened:
        yield opened


async def located(world: AccessWorld) -> tuple[Agency, str]:
    """A case at probation whose data was located and whose owners were asked."""
    await world.send_step("release-notice")
    await world.send_step("contribution")
    probation = world.of("PROBATION")
    case_id = await probation.open(marlon())
    await probation.establish(case_id)
    await probation.call("LocateData", case_id=case_id)
    await world.pump()
    await probation.call("CollectItems", case_id=case_id)
    await world.pump()
    return probation, case_id


async def owners_answer(world: AccessWorld, tell: "documents.AccessTell.ValueType" = CATEGORY) -> None:
    """Each owner answers: texts may be given, what was said on the wing may not."""
    for kind in ("PRISON", "POLICE"):
        owner = world.of(kind)
        for enquiry in (await owner.call("ListAccessEnquiries")).enquiries:
            shown = await owner.call("GetAccessEnquiry", enquiry_id=enquiry.enquiry_id)
            decided = [
                stated(item, tell)
                for item in shown.items
                if item.state == case_pb2.ACCESS_ITEM_STATE_UNDECIDED
            ]
            await owner.call(
                "AnswerAccessEnquiry", enquiry_id=enquiry.enquiry_id, decisions=decided, name=OWNER
            )
    await world.pump()


def stated(item: case_pb2.AccessItem, tell: "documents.AccessTell.ValueType") -> documents.AccessDecision:
    if item.path != "document.intelligence":
        return documents.AccessDecision(path=item.path, disposition=GIVE)
    return documents.AccessDecision(
        path=item.path,
        disposition=WITHHOLD,
        exemption="S45_CRIME",
        reason="It would tell him that his words were reported.",
        tell=tell,
    )


async def decide_texts(agency: Agency, case_id: str) -> None:
    """Somebody reads each text that no rule gives, and gives it, but for the plan that protects her."""
    case = await agency.case(case_id)
    open_ = [item for item in case.items if item.state == case_pb2.ACCESS_ITEM_STATE_UNDECIDED]
    decisions = [
        pb2.ItemDecision(
            item_id=item.item_id,
            disposition=WITHHOLD,
            exemption="S45_OTHERS",
            reason="It shows how somebody is protected.",
            tell=documents.ACCESS_TELL_NOTHING,
        )
        if item.path == "document.proposed_actions"
        else pb2.ItemDecision(item_id=item.item_id, disposition=GIVE)
        for item in open_
    ]
    await agency.call("DecideItems", case_id=case_id, decisions=decisions)


async def answered(world: AccessWorld, agency: Agency, case_id: str) -> tuple[dict[str, Any], bytes]:
    """Has texts masked, the response prepared and approved; the file of the pack and its document."""
    await agency.call("MaskTexts", case_id=case_id)
    await world.pump()
    await agency.call("PrepareResponse", case_id=case_id)
    await agency.call("ApproveResponse", Role.DATA_PROTECTION_OFFICER, OFFICER, case_id=case_id)
    pack = await agency.call("GetResponsePack", case_id=case_id)
    return json.loads(pack.json), pack.pdf


def rows_of(pack: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {label: value for document in pack["documents"] for label, value in document["rows"]}


async def test_the_pack_holds_what_is_given_and_tells_of_nobody_else(world: AccessWorld) -> None:
    probation, case_id = await located(world)
    await owners_answer(world)
    await decide_texts(probation, case_id)
    file, pdf = await answered(world, probation, case_id)
    pack, rows = file["pack"], rows_of(file["pack"])
    assert rows["Subject: name: family"] == {"text": "Quillfeather", "withheld": False}
    assert rows["MAPPA level"]["text"] == "2"
    assert rows["Intelligence"] == {"text": "Withheld.", "withheld": True}
    texts = [row["text"] for document in pack["documents"] for _, row in document["rows"]]
    assert any(f"Terms: No contact with {MARK}, directly or through others" in each for each in texts)
    written = json.dumps(file, ensure_ascii=False)
    assert [each for each in SECRETS if each in written] == []
    assert "Proposed actions" not in rows
    assert [row[1] for row in pack["disclosures"]] == [
        world.parties.directory.organisations[world.parties.of_kind("MAPPA_COORDINATION_UNIT")].name
    ]
    assert pdf.startswith(b"%PDF-")
    case = await probation.case(case_id)
    assert case.summary.state == case_pb2.ACCESS_CASE_STATE_ANSWERED
    assert [each.event for each in case.history if each.event.startswith("OWNER")] == [
        "OWNER_ASKED",
        "OWNER_ANSWERED",
    ]


async def test_what_stands_in_a_case_system_is_added_decided_and_masked(world: AccessWorld) -> None:
    probation, case_id = await located(world)
    await owners_answer(world)
    added = await probation.call(
        "AddItem",
        case_id=case_id,
        record="Supervision notes",
        on=day(TODAY),
        label="Note",
        category="SUBJECT_NARRATIVE",
        text="He said that Orla Pennyroyal had written. He kept his appointment.",
        regime="LAW_ENFORCEMENT",
    )
    await probation.call("CollectItems", case_id=case_id)
    item = next(each for each in (await probation.case(case_id)).items if each.item_id == added.item_id)
    assert item.state == case_pb2.ACCESS_ITEM_STATE_UNDECIDED
    await decide_texts(probation, case_id)
    file, _ = await answered(world, probation, case_id)
    assert (
        rows_of(file["pack"])["Note"]["text"] == f"He said that {MARK} had written. He kept his appointment."
    )


async def test_each_step_is_on_record_at_the_gateway_without_a_name(world: AccessWorld) -> None:
    probation, case_id = await located(world)
    await owners_answer(world)
    await decide_texts(probation, case_id)
    await answered(world, probation, case_id)
    types = ("SUBJECT_LOCATED", "ACCESS_ENQUIRED", "ACCESS_ANSWERED", "TEXTS_MASKED")
    for kind, count in zip(types, (1, 1, 1, 1), strict=True):
        rows = await world.gateway.records(kind)
        assert len(rows) == count, kind
        assert all("Quillfeather" not in (row.entry or "") for row in rows)


async def test_whoever_took_no_part_learns_nothing(world: AccessWorld) -> None:
    await world.send_step("release-notice")
    dwp = world.of("DWP")
    case_id = await dwp.open(marlon())
    await dwp.establish(case_id)
    await dwp.call("LocateData", case_id=case_id)
    await world.pump()
    await dwp.call("CollectItems", case_id=case_id)
    case = await dwp.case(case_id)
    assert list(case.items) == []
    assert list(case.candidates) == []
    assert list(case.open_points) == []


async def test_nothing_held_and_all_withheld_are_answered_alike(world: AccessWorld) -> None:
    """mappa:E-33: what the answer says must not tell which of the two it is."""
    probation, case_id = await located(world)
    await owners_answer(world, NOTHING)
    case = await probation.case(case_id)
    decisions = [
        pb2.ItemDecision(
            item_id=item.item_id,
            disposition=WITHHOLD,
            exemption="S45_CRIME",
            reason=f"Reason {number} of its own.",
            tell=documents.ACCESS_TELL_NOTHING,
        )
        for number, item in enumerate(case.items)
        if item.state in {case_pb2.ACCESS_ITEM_STATE_UNDECIDED, case_pb2.ACCESS_ITEM_STATE_GIVEN}
    ]
    await probation.call("DecideItems", case_id=case_id, decisions=decisions)
    held, held_pdf = await answered(world, probation, case_id)
    dwp = world.of("DWP")
    other = await dwp.open(marlon())
    await dwp.establish(other)
    await dwp.call("LocateData", case_id=other)
    await world.pump()
    await dwp.call("CollectItems", case_id=other)
    nothing, nothing_pdf = await answered(world, dwp, other)
    own = ("reference", "organisation", "organisation_name", "signature")
    told = {name: value for name, value in held["pack"].items() if name not in own}
    assert told == {name: value for name, value in nothing["pack"].items() if name not in own}
    assert len(held_pdf) == pytest.approx(len(nothing_pdf), rel=0.05)


async def test_an_owner_may_not_withhold_everything_for_one_reason(world: AccessWorld) -> None:
    """mappa:R-112: no blanket exemption."""
    await located(world)
    prison = world.of("PRISON")
    enquiry = (await prison.call("ListAccessEnquiries")).enquiries[0]
    shown = await prison.call("GetAccessEnquiry", enquiry_id=enquiry.enquiry_id)

    def withhold(reason: str) -> list[documents.AccessDecision]:
        return [
            documents.AccessDecision(
                path=item.path,
                disposition=WITHHOLD,
                exemption="S45_CRIME",
                reason=reason.format(number=number),
            )
            for number, item in enumerate(shown.items)
        ]

    with pytest.raises(BlanketExemptionError):
        await prison.call(
            "AnswerAccessEnquiry", enquiry_id=enquiry.enquiry_id, decisions=withhold("It is sensitive.")
        )
    answer = await prison.call(
        "AnswerAccessEnquiry", enquiry_id=enquiry.enquiry_id, decisions=withhold("Reason {number}.")
    )
    assert answer.summary.answered
    with pytest.raises(AccessRefusedError) as refused:
        await prison.call(
            "AnswerAccessEnquiry", enquiry_id=enquiry.enquiry_id, decisions=withhold("Reason {number}.")
        )
    assert refused.value.codes == {"obstacle": "ENQUIRY_ANSWERED"}


async def test_an_owners_exemption_is_a_veto(world: AccessWorld) -> None:
    probation, case_id = await located(world)
    await owners_answer(world)
    case = await probation.case(case_id)
    item = next(each for each in case.items if each.path == "document.intelligence")
    give = pb2.ItemDecision(item_id=item.item_id, disposition=GIVE)
    await probation.call("DecideItems", case_id=case_id, decisions=[give])
    again = next(each for each in (await probation.case(case_id)).items if each.item_id == item.item_id)
    assert again.state == case_pb2.ACCESS_ITEM_STATE_WITHHELD
    assert again.decided_by == "OWNER"


async def test_before_its_owner_answers_nothing_of_it_is_given(world: AccessWorld) -> None:
    probation, case_id = await located(world)
    case = await probation.case(case_id)
    item = next(each for each in case.items if each.path == "document.release_date")
    give = pb2.ItemDecision(item_id=item.item_id, disposition=GIVE)
    with pytest.raises(DecisionsRefusedError):
        await probation.call("DecideItems", case_id=case_id, decisions=[give])
    with pytest.raises(AccessRefusedError) as refused:
        await probation.call("PrepareResponse", case_id=case_id)
    assert refused.value.codes == {"obstacle": "ITEM_UNDECIDED"}
    world.parties.clock.advance(timedelta(days=11))
    await probation.call("DecideItems", case_id=case_id, decisions=[give])
    after = next(each for each in (await probation.case(case_id)).items if each.item_id == item.item_id)
    assert after.state == case_pb2.ACCESS_ITEM_STATE_GIVEN


async def test_whoever_prepared_it_does_not_approve_it_and_nobody_but_the_officer(world: AccessWorld) -> None:
    probation, case_id = await located(world)
    await owners_answer(world)
    await decide_texts(probation, case_id)
    await probation.call("MaskTexts", case_id=case_id)
    await world.pump()
    officer = Role.DATA_PROTECTION_OFFICER
    await probation.call("PrepareResponse", officer, OFFICER, case_id=case_id)
    for role, name, obstacle in (
        (Role.SUPERVISOR, "Bettina Marrowby", "NOT_DATA_PROTECTION_OFFICER"),
        (officer, OFFICER, "PREPARED_BY_SAME_PERSON"),
    ):
        with pytest.raises(AccessRefusedError) as refused:
            await probation.call("ApproveResponse", role, name, case_id=case_id)
        assert refused.value.codes == {"obstacle": obstacle}
    await probation.call("ReturnResponse", officer, "Second Officer", case_id=case_id, reason="Look again.")
    await probation.call("PrepareResponse", case_id=case_id)
    await probation.call("ApproveResponse", officer, OFFICER, case_id=case_id)


async def test_a_restart_in_the_middle_changes_nothing(
    parties: Parties, tmp_path: Path, databases: NewDatabase
) -> None:
    parties.clock = FixedClock(NOW)
    async with open_access_world(parties, tmp_path, databases=databases) as world:
        _, case_id = await located(world)
        before = (await world.of("PROBATION").case(case_id)).items
    async with open_access_world(parties, tmp_path, databases=databases) as world:
        probation = world.of("PROBATION")
        assert list((await probation.case(case_id)).items) == list(before)
        await owners_answer(world)
        await decide_texts(probation, case_id)
    async with open_access_world(parties, tmp_path, databases=databases) as world:
        file, _ = await answered(world, world.of("PROBATION"), case_id)
        assert file["pack"]["reference"] == case_id
