"""Requests for minutes: who asks, who decides, what is left out, by when (mappa:R-108 to mappa:R-127)."""

from datetime import date, timedelta
from typing import Any

import pytest
from google.protobuf.json_format import ParseDict
from publicprotection.common.v1.date_pb2 import Date
from publicprotection.common.v1.person_pb2 import PersonIdentity, PersonName
from publicprotection.documents.v1 import minutes_request_pb2 as documents
from publicprotection.documents.v1.minutes_pb2 import MeetingMinutes
from publicprotection.exchange.v1 import minutes_case_pb2 as case_pb2

from services.kit.access.actor import Clearance, Role
from services.kit.evidence.derive import MARK
from services.kit.minutes.cases import Case
from services.kit.minutes.errors import (
    BlanketLeftOutError,
    ExemptionsRefusedError,
    MinutesRefusedError,
    NotApproverError,
)
from services.kit.minutes.letters import build_letter
from services.kit.minutes.rules import read_allow_list, read_rules, read_wording
from services.kit.rpc.errors import InvalidRequestError, NotFoundError
from services.kit.store.access import Wanted
from services.kit.subject_access.model import Event, Who
from tests.support.gateway import NOW, TODAY, Parties
from tests.support.minutes import (
    AT_COURT,
    CHAIR,
    COORDINATOR,
    CRIME,
    FACTS,
    FULL,
    INFORMANT,
    MINUTES,
    OTHER_CHAIR,
    PERSON,
    POLICE,
    SUMMARY,
    UNIT,
    WRITTEN,
    Unit,
    item,
    note,
    obstacle,
    stated,
)

KINDS = [each.id for each in read_rules().kinds]

# What is done with each kind of request for a summary, and what it is answered with (mappa:R-109).
EXPECTED = {
    "SUBJECT": ("SUBJECT_ACCESS", "SUBJECT_ACCESS"),
    "REPRESENTATIVE": ("SUBJECT_ACCESS", "SUBJECT_ACCESS"),
    "VICTIM": ("SUBJECT_ACCESS", "SUBJECT_ACCESS"),
    "COURT": ("SUMMARY_FIRST", "SUMMARY"),
    "TRIBUNAL": ("SUMMARY_FIRST", "SUMMARY"),
    "CORONER": ("SUMMARY_FIRST", "SUMMARY"),
    "PAROLE_BOARD": ("SUMMARY_FIRST", "SUMMARY"),
    "POLICE_CONDUCT": ("FULL_BY_CASE_AGREEMENT", "SUMMARY"),
    "PROSECUTION": ("SUMMARY_ONLY", "SUMMARY"),
    "AUTHORITY_OR_PARTNER": ("CHAIR", "SUMMARY"),
    "REVIEW": ("AGENCIES_FIRST", "SUMMARY"),
    "INSPECTORATE": ("REDACTED", "SUMMARY"),
    "MARAC": ("SUMMARY_ONLY", "SUMMARY"),
    "RELATIVE": ("FREEDOM_OF_INFORMATION", "NEITHER_CONFIRM_NOR_DENY"),
    "JOURNALIST": ("FREEDOM_OF_INFORMATION", "NEITHER_CONFIRM_NOR_DENY"),
    "OTHER": ("FREEDOM_OF_INFORMATION", "NEITHER_CONFIRM_NOR_DENY"),
}


def test_every_kind_of_the_data_is_expected() -> None:
    assert list(EXPECTED) == KINDS


@pytest.mark.parametrize("kind", KINDS)
async def test_each_kind_is_routed_and_answered(unit: Unit, kind: str) -> None:
    route, answer = EXPECTED[kind]
    registered = await unit.call("RegisterMinutesRequest", **stated(kind))
    case_id, assigned = registered.summary.case_id, read_rules().route(route)
    assert (registered.summary.route, registered.advice) == (route, assigned.advice)
    if kind == "INSPECTORATE":
        await note(unit, case_id, "AGREEMENT")
    if "SUMMARY" in assigned.needs:
        await unit.draft(case_id)
    await unit.prepare(case_id, answer)
    if assigned.approval:
        with pytest.raises(MinutesRefusedError, match="MINUTES_REQUEST_REFUSED"):
            await unit.send(case_id)
        await unit.approve(case_id)
    sent = await unit.send(case_id)
    assert sent.summary.state == case_pb2.MINUTES_CASE_STATE_ANSWERED
    assert (await unit.letter(case_id)).startswith(b"%PDF")
    assert not sent.exchange_ids  # whoever is not in the directory gets a letter


@pytest.mark.parametrize("kind", [each.id for each in read_rules().kinds if "FACTS" in each.wanted])
async def test_facts_are_their_owners_to_give(unit: Unit, kind: str) -> None:
    """mappa:E-36, mappa:R-119, mappa:R-120."""
    case_id = await unit.register(kind, wanted=FACTS)
    with pytest.raises(MinutesRefusedError) as raised:
        await unit.prepare(case_id, "ASK_OWNER")
    assert obstacle(raised) == "OWNER_MISSING"
    await unit.call("SettleWhatIsWanted", case_id=case_id, wanted=FACTS, owner="marlfield-prison")
    await unit.prepare(case_id, "ASK_OWNER")
    await unit.send(case_id)
    assert (await unit.case(case_id)).answer == documents.MINUTES_ANSWER_ASK_OWNER


@pytest.mark.parametrize("kind", [each.id for each in read_rules().kinds if "UNSPECIFIED" in each.wanted])
async def test_what_is_wanted_is_clarified_first(unit: Unit, kind: str) -> None:
    """mappa:T-44: nothing is answered before it is clear."""
    case_id = await unit.register(kind, wanted=documents.MINUTES_WANTED_UNSPECIFIED)
    await unit.call("AskWhatIsWanted", case_id=case_id, question="Which document?")
    assert (await unit.case(case_id)).summary.state == case_pb2.MINUTES_CASE_STATE_ASKED_BACK
    with pytest.raises(MinutesRefusedError):
        await unit.prepare(case_id, "SUMMARY")
    settled = await unit.call(
        "SettleWhatIsWanted", case_id=case_id, wanted=documents.MINUTES_WANTED_FULL_MINUTES
    )
    assert settled.summary.route == EXPECTED[kind][0]


@pytest.mark.parametrize(
    ("kind", "ground"),
    [
        ("COURT", "ORDER"),
        ("PAROLE_BOARD", "ORDER"),
        ("POLICE_CONDUCT", "AGREEMENT"),
        ("INSPECTORATE", "AGREEMENT"),
    ],
)
async def test_minutes_in_full_need_their_ground(unit: Unit, kind: str, ground: str) -> None:
    """mappa:E-38, mappa:E-45, mappa:R-123, mappa:R-125, mappa:R-126."""
    case_id = await unit.register(kind, wanted=FULL)
    await unit.ask(case_id, UNIT)
    await unit.call("HearContributor", case_id=case_id, organisation=UNIT)
    with pytest.raises(MinutesRefusedError) as raised:
        await unit.prepare(case_id, "FULL_MINUTES", reasons="Ordered.")
    assert obstacle(raised) == f"{ground}_MISSING"
    await note(unit, case_id, ground)
    await unit.prepare(case_id, "FULL_MINUTES", reasons="Ordered.", safety_concerns="A witness lives nearby.")
    await unit.approve(case_id)
    await unit.send(case_id)


async def test_what_is_ordered_is_not_refused_unless_agreed_otherwise(unit: Unit) -> None:
    case_id = await unit.register("COURT")
    await unit.draft(case_id)
    await note(unit, case_id, "ORDER")
    with pytest.raises(MinutesRefusedError) as raised:
        await unit.prepare(case_id, "SUMMARY")
    assert obstacle(raised) == "ORDERED"
    await note(unit, case_id, "ORDER_VARIED")
    await unit.prepare(case_id, "SUMMARY")


@pytest.mark.parametrize("kind", ["PROSECUTION", "MARAC", "SUBJECT", "JOURNALIST", "REVIEW"])
async def test_some_never_get_minutes(unit: Unit, kind: str) -> None:
    """mappa:E-41, mappa:X-09, mappa:X-34."""
    case_id = await unit.register(kind, wanted=FULL, full_necessary="It is needed.")
    with pytest.raises(MinutesRefusedError) as raised:
        await unit.prepare(case_id, "FULL_MINUTES", reasons="They insist.")
    assert obstacle(raised) == "ANSWER_NOT_OPEN"


async def test_a_summary_holds_the_list_alone_with_roles_for_names(unit: Unit) -> None:
    """mappa:X-07, mappa:R-111: what the list does not name stays in the minutes."""
    case_id = await unit.register("COURT")
    await unit.draft(case_id)
    draft = (await unit.case(case_id)).draft
    written = str(draft)
    for name in ("Oakenshaw", "Larkspur", "Thistlewood", "Juniper Row"):
        assert name not in written
    assert draft.discussion.startswith("Mr police offender manager reported")
    assert [each.role for each in draft.attendance] == ["POLICE_OFFENDER_MANAGER", "HOUSING_OFFICER"]
    assert draft.level_changed
    assert draft.subject.name.family == "Marsh"


def test_a_letter_states_no_day_that_nobody_stated() -> None:
    who = Who("ada", COORDINATOR, "MAPPA_COORDINATOR", "MAPPA_COORDINATOR")
    opened = {"organisation": UNIT, "reply_to": [], "received_on": "2026-11-20"}
    settled = {"settled": {"route": "SUMMARY_FIRST", "owner": ""}}
    case = Case.fold("case-1", [Event("REGISTERED", NOW, who, opened | settled)])
    summary = {
        "subject": {"name": {"family": "Marsh", "given": "Toby"}, "date_of_birth": {"year": 1984}},
        "meeting_date": {"year": 2026, "month": 11, "day": 2},
        "attendance": [{"organisation": "kent-police", "role": "POLICE_OFFENDER_MANAGER"}],
    }
    letter = build_letter(
        case,
        {"answer": "SUMMARY", "safety_concerns": ""},
        summary,
        TODAY,
        rules=read_rules(),
        wording=read_wording(),
        allowed=read_allow_list(),
        name_of={"kent-police": "Kent Police", UNIT: "The unit", "": ""}.__getitem__,
    )
    rows = [row[1]["text"] for row in letter["documents"][0]["rows"]]
    assert rows == [
        "Name: Marsh, Toby\nDate of birth: 1984",
        "2 November 2026",
        "Kent Police, Police offender manager",
    ]


async def test_an_inspectorate_sees_no_personal_data(unit: Unit) -> None:
    """mappa:X-13."""
    case_id = await unit.register("INSPECTORATE")
    await unit.draft(case_id)
    draft = (await unit.case(case_id)).draft
    assert draft.subject == PersonIdentity(name=PersonName(family=MARK))
    assert {draft.discussion, draft.plan_outline, draft.risk_summary.nature, draft.disclosure} == {MARK}


async def test_items_are_left_out_one_by_one(unit: Unit) -> None:
    """mappa:E-28, mappa:R-112, mappa:R-113, mappa:R-117: claims are weighed, and are no veto."""
    case_id = await unit.register("SUBJECT", received_by=POLICE)
    assert (await unit.case(case_id)).summary.route == "SUMMARY_FOR_ANSWERING_AGENCY"
    await unit.draft(case_id)
    await unit.ask(case_id, "kent-police", "kent-housing", by=date(2026, 11, 30))
    claim = item("discussion", INFORMANT, CRIME, "It names a source.", may_very_well_prejudice=True)
    await unit.call("HearContributor", case_id=case_id, organisation="kent-police", claims=[claim])
    with pytest.raises(MinutesRefusedError) as raised:
        await unit.prepare(case_id, "SUMMARY")
    assert obstacle(raised) == "CONTRIBUTORS_UNHEARD"
    objection = item("plan_outline", "", PERSON, "We would rather not.")
    await unit.call("HearContributor", case_id=case_id, organisation="kent-housing", claims=[objection])
    with pytest.raises(MinutesRefusedError) as raised:
        await unit.prepare(case_id, "SUMMARY")
    assert obstacle(raised) == "CLAIM_NOT_WEIGHED"
    housing = next(each for each in (await unit.case(case_id)).claims if each.organisation == "kent-housing")
    overruled = [case_pb2.ClaimOverruled(claim_id=housing.claim_id, reason="No exemption applies.")]
    await unit.call("DecideSummaryItems", case_id=case_id, exemptions=[claim], overruled=overruled)
    await unit.prepare(case_id, "SUMMARY")
    draft = (await unit.case(case_id)).draft
    assert draft.discussion == f"Mr police offender manager reported {MARK}. Supervision was agreed."
    assert draft.plan_outline != MARK
    await unit.approve(case_id)
    await unit.send(case_id)
    assert await unit.sent() == ["ExecutiveSummary", "ExecutiveSummary", "MinutesReply"]


async def test_a_contributor_who_is_silent_does_not_hold_it_up(unit: Unit, parties: Parties) -> None:
    case_id = await unit.register("COURT")
    await unit.draft(case_id)
    await unit.ask(case_id, "kent-police", by=date(2026, 11, 24))
    assert list((await unit.case(case_id)).unheard) == ["kent-police"]
    parties.clock.moment = NOW + timedelta(days=2)
    await unit.prepare(case_id, "SUMMARY")


@pytest.mark.parametrize(
    ("wrong", "fault"),
    [
        (item("victim_information"), "NOT_IN_SUMMARY"),
        (item("discussion", "what nobody said"), "PASSAGE_NOT_FOUND"),
        (item("attendance", "POLICE"), "NO_TEXT"),
        (item("discussion", exemption=documents.MINUTES_EXEMPTION_FOI_CONFIDENCE), "EXEMPTION_UNKNOWN"),
        (item("discussion", reason="  "), "REASON_MISSING"),
        (item("discussion", exemption=CRIME), "THRESHOLD_NOT_CONSIDERED"),
    ],
)
async def test_an_item_needs_a_ground_and_a_reason_of_its_own(unit: Unit, wrong: Any, fault: str) -> None:
    case_id = await unit.register("COURT")
    await unit.draft(case_id)
    with pytest.raises(ExemptionsRefusedError) as raised:
        await unit.call("DecideSummaryItems", case_id=case_id, exemptions=[wrong])
    assert raised.value.codes["fault"] == fault


async def test_a_day_for_comments_is_a_day(unit: Unit) -> None:
    case_id = await unit.register("COURT")
    with pytest.raises(InvalidRequestError):
        await unit.call(
            "AskContributors", case_id=case_id, contributors=[POLICE], comments_by=Date(year=2026)
        )


async def test_there_is_no_blanket(unit: Unit) -> None:
    case_id = await unit.register("COURT")
    await unit.draft(case_id)
    draft = (await unit.case(case_id)).draft
    names = [each.name for each, _ in draft.ListFields() if each.name not in {"subject", "requester"}]
    everything = [item(name, reason="It is sensitive.") for name in names]
    with pytest.raises(BlanketLeftOutError):
        await unit.call("DecideSummaryItems", case_id=case_id, exemptions=everything)


async def test_whoever_wrote_it_does_not_approve_it(unit: Unit) -> None:
    """mappa:R-116."""
    case_id = await unit.register("COURT")
    await unit.draft(case_id)
    await unit.prepare(case_id, "SUMMARY")
    for role, name, why in (
        (Role.MEETING_CHAIR, COORDINATOR, "AUTHOR"),
        (Role.MAPPA_COORDINATOR, "Jo Park", "ROLE"),
        (Role.SUPERVISOR, "Jo Park", "ROLE"),
    ):
        with pytest.raises(NotApproverError) as raised:
            await unit.approve(case_id, role, name)
        assert obstacle(raised) == why
    await unit.approve(case_id)
    with pytest.raises(MinutesRefusedError):  # the same person twice
        await unit.approve(case_id)


async def test_what_a_chair_wrote_the_coordinator_confirms(unit: Unit) -> None:
    case_id = await unit.register("COURT")
    await unit.draft(case_id)
    await unit.prepare(case_id, "SUMMARY", role=Role.MEETING_CHAIR, name=CHAIR)
    with pytest.raises(NotApproverError) as raised:
        await unit.approve(case_id, Role.MEETING_CHAIR, OTHER_CHAIR)
    assert obstacle(raised) == "ROLE"
    await unit.approve(case_id, Role.MAPPA_COORDINATOR, "Jo Park")


async def test_a_change_after_preparing_is_prepared_anew(unit: Unit) -> None:
    case_id = await unit.register("COURT")
    await unit.draft(case_id)
    await unit.prepare(case_id, "SUMMARY")
    await unit.call("DecideSummaryItems", case_id=case_id, exemptions=[item("other_actions")] * 0)
    with pytest.raises(MinutesRefusedError) as raised:
        await unit.approve(case_id)
    assert obstacle(raised) == "NOT_PREPARED"
    await unit.prepare(case_id, "SUMMARY")
    await unit.call("ReturnReply", Role.MEETING_CHAIR, CHAIR, case_id=case_id, reason="Say more.")
    assert (await unit.case(case_id)).summary.state == case_pb2.MINUTES_CASE_STATE_OPEN


async def test_terrorism_is_always_the_chairs_and_for_the_cleared(unit: Unit) -> None:
    """mappa:E-37, mappa:R-121."""
    cleared = frozenset({Clearance.TERRORISM})
    case_id = await unit.register("PAROLE_BOARD", wanted=FACTS, owner="kent-police", counter_terrorism=True)
    with pytest.raises(NotFoundError):
        await unit.case(case_id)
    assert not (await unit.call("ListMinutesCases")).cases
    asked = documents.MINUTES_ANSWER_ASK_OWNER
    prepared = await unit.call("PrepareReply", clearances=cleared, case_id=case_id, answer=asked)
    assert prepared.summary.state == case_pb2.MINUTES_CASE_STATE_PREPARED
    approved = await unit.call("ApproveReply", Role.MEETING_CHAIR, CHAIR, clearances=cleared, case_id=case_id)
    assert approved.summary.state == case_pb2.MINUTES_CASE_STATE_APPROVED


async def test_advice_is_taken_while_a_recording_is_held(unit: Unit) -> None:
    """mappa:R-118."""
    case_id = await unit.register("SUBJECT", recording_held=True)
    with pytest.raises(MinutesRefusedError) as raised:
        await unit.prepare(case_id, "SUBJECT_ACCESS")
    assert obstacle(raised) == "ADVICE_MISSING"
    await note(unit, case_id, "ADVICE")
    await unit.prepare(case_id, "SUBJECT_ACCESS")


async def test_subject_access_is_opened_once(unit: Unit) -> None:
    """mappa:E-30: a solicitor who asks for minutes."""
    case_id = await unit.register("REPRESENTATIVE")
    await unit.prepare(case_id, "SUBJECT_ACCESS")
    await unit.send(case_id)
    await unit.send(case_id)
    async with unit.member.records.store.read() as connection:
        opened = await unit.member.records.access_cases.list(connection, Wanted())
    assert [each.request_id for each in opened] == [f"minutes-{case_id}"]


@pytest.mark.parametrize("insists", [True, False])
async def test_somebody_who_asks_about_themselves_under_another_name(unit: Unit, insists: bool) -> None:
    """mappa:E-33, mappa:R-131."""
    channel = documents.REQUEST_CHANNEL_FREEDOM_OF_INFORMATION
    case_id = await unit.register("SUBJECT", channel=channel)
    assert (await unit.case(case_id)).summary.route == "CLARIFY"
    await unit.call("AskWhatIsWanted", case_id=case_id, question="Is it your own data that you want?")
    settled = await unit.call(
        "SettleWhatIsWanted", case_id=case_id, insists_on_freedom_of_information=insists
    )
    assert settled.summary.route == ("FREEDOM_OF_INFORMATION" if insists else "SUBJECT_ACCESS")
    await unit.prepare(case_id, "NEITHER_CONFIRM_NOR_DENY" if insists else "SUBJECT_ACCESS")


async def test_a_summary_is_composed_from_minutes_that_were_sent(unit: Unit) -> None:
    case_id = await unit.register("COURT")
    with pytest.raises(MinutesRefusedError) as raised:
        await unit.call("ComposeSummary", case_id=case_id, minutes_exchange_id="unknown", **WRITTEN)
    assert obstacle(raised) == "MINUTES_NOT_SENT"
    sent = await unit.keep_minutes()
    composed = await unit.call("ComposeSummary", case_id=case_id, minutes_exchange_id=sent, **WRITTEN)
    again = await unit.register("COURT", request_id="request-2")
    given = ParseDict(MINUTES, MeetingMinutes())
    assert (
        composed.draft == (await unit.call("ComposeSummary", case_id=again, minutes=given, **WRITTEN)).draft
    )


async def test_a_case_tells_what_may_be_answered_and_who_may_approve(unit: Unit) -> None:
    case_id = await unit.register("COURT", reply_to=AT_COURT)
    await note(unit, case_id, "ADVICE")
    await unit.draft(case_id)
    case = await unit.case(case_id)
    gives = [documents.MinutesAnswer.Name(each) for each in case.answers_open]
    assert gives == ["MINUTES_ANSWER_SUMMARY", "MINUTES_ANSWER_FULL_MINUTES", "MINUTES_ANSWER_REFUSED"]
    assert (case.needs_approval, case.approval_obstacle, case.has_letter) == (True, "", False)
    assert (list(case.reply_to), case.summary.wanted) == (AT_COURT, SUMMARY)
    assert [each.ground for each in case.grounds] == [case_pb2.MINUTES_GROUND_ADVICE]
    assert [(each.organisation, each.heard) for each in case.contributors] == [(UNIT, True)]
    assert case.comments_by == Date(year=TODAY.year, month=TODAY.month, day=TODAY.day)
    await unit.prepare(case_id, "SUMMARY")
    assert (await unit.case(case_id)).approval_obstacle == "AUTHOR"
    chair = (await unit.call("GetMinutesCase", Role.MEETING_CHAIR, CHAIR, case_id=case_id)).case
    assert chair.approval_obstacle == ""
    await unit.approve(case_id)
    assert (await unit.case(case_id)).has_letter
