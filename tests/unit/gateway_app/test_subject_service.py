"""How people read and correct the subject register, and what of it is on record."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from publicprotection.common.v1.date_pb2 import Date
from publicprotection.common.v1.person_pb2 import (
    IDENTIFIER_SYSTEM_CRN,
    IDENTIFIER_SYSTEM_LOCAL,
    IDENTIFIER_SYSTEM_PNC_ID,
    IDENTIFIER_SYSTEM_UNSPECIFIED,
    Identifier,
    PersonName,
)
from publicprotection.exchange.v1.header_pb2 import PURPOSE_MANAGE_RISK, Header
from publicprotection.oversight.v1.subject_service_pb2 import (
    CONFLICT_REASON_SAID_TO_DIFFER,
    CONFLICT_REASON_TWO_BIRTHS,
    CONFLICT_REASON_TWO_IDENTIFIERS,
    CONFLICT_VERDICT_DIFFERENT_PEOPLE,
    CONFLICT_VERDICT_SAME_PERSON,
    MATCH_BASIS_IDENTIFIER,
    MATCH_BASIS_NAME_AND_BIRTH,
    MATCH_BASIS_SOUND_AND_YEAR,
    Acting,
    FindSubjectsRequest,
    GetSubjectRequest,
    ListCandidatesRequest,
    ListConflictsRequest,
    Subject,
    SubjectConflict,
    SubjectMatch,
)

from gateway.app.subject_acts import Act, SettledError, UnknownSubjectError
from gateway.app.subject_changes import SubjectDesk
from gateway.app.subject_view import SubjectView
from tests.support.acting import officer
from tests.support.gateway import Gateway, Sealed

Change = Callable[[Header, Any], None]
PNC, CRN = (IDENTIFIER_SYSTEM_PNC_ID, "2009/0190441M"), (IDENTIFIER_SYSTEM_CRN, "X904417")
OTHER_PNC = (IDENTIFIER_SYSTEM_PNC_ID, "2011/0200442N")
BORN = Date(year=1987, month=3, day=14)
ASKING = Acting(reason="Two records look like one man.")
UNIT = "kent-mappa-unit"
ACT = Act(officer(), ASKING.reason)


def stating(*identifiers: tuple[int, str], family: str = "Quillfeather", born: Date = BORN) -> Change:
    def change(_header: Header, document: Any) -> None:
        del document.subject.identifiers[:]
        document.subject.name.family = family
        document.subject.date_of_birth.CopyFrom(born)
        for system, value in identifiers:
            document.subject.identifiers.append(Identifier(system=system, value=value))  # type: ignore[arg-type]

    return change


async def send(gateway: Gateway, *changes: Change) -> list[Sealed]:
    sealed = [gateway.step("contribution", change=change) for change in changes]
    assert await gateway.take(*(each.arrival for each in sealed)) == [None] * len(sealed)
    return sealed


def view(gateway: Gateway) -> SubjectView:
    return SubjectView(gateway.store, gateway.tools)


def desk(gateway: Gateway) -> SubjectDesk:
    return SubjectDesk(gateway.store, gateway.tools)


async def find(gateway: Gateway, *identifiers: tuple[int, str], **asked: Any) -> list[SubjectMatch]:
    wanted = [Identifier(system=system, value=value) for system, value in identifiers]  # type: ignore[arg-type]
    request = FindSubjectsRequest(purpose=PURPOSE_MANAGE_RISK, acting=ASKING, identifiers=wanted, **asked)
    return await view(gateway).find(officer(), request)


async def one(gateway: Gateway, identifier: tuple[int, str]) -> Subject:
    [match] = await find(gateway, identifier)
    return match.subject


async def get(gateway: Gateway, subject: str) -> Subject:
    request = GetSubjectRequest(purpose=PURPOSE_MANAGE_RISK, acting=ASKING, subject=subject)
    return await view(gateway).show(officer(), request)


async def candidates(gateway: Gateway, subject: str) -> list[SubjectMatch]:
    request = ListCandidatesRequest(purpose=PURPOSE_MANAGE_RISK, acting=ASKING, subject=subject)
    return await view(gateway).candidates(officer(), request)


async def conflicts(gateway: Gateway, **asked: Any) -> list[SubjectConflict]:
    request = ListConflictsRequest(purpose=PURPOSE_MANAGE_RISK, acting=ASKING, **asked)
    return await view(gateway).conflicts(officer(), request)


async def entries_of(gateway: Gateway, kind: str) -> list[dict[str, Any]]:
    return [json.loads(row.entry or "") for row in await gateway.records(kind)]


async def test_a_made_up_id_shows_the_same_person_on_record(gateway: Gateway) -> None:
    await send(gateway, stating(PNC, CRN))
    found = await one(gateway, PNC)
    shown = [await get(gateway, entry.entry) for entry in found.entries]
    assert shown == [found] * len(found.entries)
    _asked, *written = await entries_of(gateway, "SUBJECT_QUERY")
    assert [(len(each["subjects"]), each["texts_opened"]) for each in written] == [(1, True)] * len(shown)


async def test_a_made_up_id_of_nobody_shows_nobody_and_is_no_record(gateway: Gateway) -> None:
    await send(gateway, stating(PNC))
    with pytest.raises(UnknownSubjectError):
        await get(gateway, "nobody")
    assert await entries_of(gateway, "SUBJECT_QUERY") == []


async def test_somebody_is_found_by_identifier_with_what_was_said_of_them(gateway: Gateway) -> None:
    [sealed] = await send(gateway, stating(PNC, CRN))
    [match] = await find(gateway, (IDENTIFIER_SYSTEM_PNC_ID, "2009 / 0190441m"))
    assert (match.basis, match.score) == (MATCH_BASIS_IDENTIFIER, 100)
    assert [entry.system for entry in match.subject.entries] == [PNC[0], CRN[0]]
    [said] = match.subject.descriptions
    assert said.name == "Marlon Quillfeather"
    assert said.date_of_birth == BORN
    assert [(each.system, each.value) for each in said.identifiers] == [PNC, CRN]
    [link] = match.subject.links
    assert (link.exchange_id, link.HasField("said_by")) == (sealed.exchange_id, False)


async def test_a_question_is_a_record_that_names_nobody(gateway: Gateway) -> None:
    await send(gateway, stating(PNC))
    await find(gateway, PNC)
    await find(gateway, OTHER_PNC)
    found, nothing = await entries_of(gateway, "SUBJECT_QUERY")
    assert (found["organisation"], found["purpose"], found["queried"]) == (UNIT, "MANAGE_RISK", "SUBJECT")
    assert (found["texts_opened"], nothing["texts_opened"]) == (True, False)
    assert len(found["subjects"]) == 1
    assert "subjects" not in nothing
    assert "author_commitment" in nothing
    text = json.dumps([found, nothing])
    subject = (await one(gateway, PNC)).subject
    assert not any(each in text for each in ("Beatrix", "look like", "0190441M", subject))


async def test_somebody_is_found_by_name_and_birth_and_by_what_sounds_alike(gateway: Gateway) -> None:
    await send(gateway, stating(PNC), stating(OTHER_PNC, family="Quilfether"))
    name = PersonName(given="MARLON", family="quillfeather")
    exact, alike = await find(gateway, name=name, date_of_birth=BORN)
    assert (exact.basis, alike.basis) == (MATCH_BASIS_NAME_AND_BIRTH, MATCH_BASIS_SOUND_AND_YEAR)
    assert exact.score > alike.score
    assert await find(gateway, name=PersonName(given="Marlon", family="Oakes"), date_of_birth=BORN) == []


async def test_an_own_number_is_looked_for_as_its_owners(gateway: Gateway) -> None:
    local = (IDENTIFIER_SYSTEM_LOCAL, "4711")
    [sealed] = await send(gateway, stating(local))
    assert await find(gateway, local) == []
    assert len(await find(gateway, local, local_to=sealed.organisation)) == 1


async def test_a_candidate_is_linked_when_a_person_confirms_it_and_not_before(gateway: Gateway) -> None:
    await send(gateway, stating(PNC), stating(CRN))
    first, second = await one(gateway, PNC), await one(gateway, CRN)
    assert first.subject != second.subject
    [candidate] = await candidates(gateway, first.subject)
    assert (candidate.subject.subject, candidate.basis) == (second.subject, MATCH_BASIS_NAME_AND_BIRTH)
    linked = await desk(gateway).confirm(ACT, first.subject, second.subject)
    assert linked.subject == first.subject
    assert len(linked.entries) == 2
    assert linked.links[0].said_by.reason == ASKING.reason
    assert (await one(gateway, CRN)).subject == first.subject
    assert await candidates(gateway, first.subject) == []
    [record] = await entries_of(gateway, "CANDIDATE_CONFIRMED")
    [link] = await entries_of(gateway, "SUBJECT_LINKED")
    assert (link["evidence"], link["link"]) == ("PERSON", record["candidate"])
    assert link["verb"] == "COMBINATION"


async def test_a_rejected_candidate_is_not_proposed_again(gateway: Gateway) -> None:
    await send(gateway, stating(PNC), stating(CRN))
    first, second = await one(gateway, PNC), await one(gateway, CRN)
    await desk(gateway).reject(ACT, first.subject, second.subject)
    assert await candidates(gateway, first.subject) == []
    assert await candidates(gateway, second.subject) == []
    assert len(await entries_of(gateway, "CANDIDATE_REJECTED")) == 1
    await send(gateway, stating(PNC, CRN))
    assert (await one(gateway, CRN)).subject == second.subject


async def test_what_is_one_already_is_neither_confirmed_nor_rejected(gateway: Gateway) -> None:
    await send(gateway, stating(PNC, CRN))
    subject = await one(gateway, PNC)
    for entry in subject.entries:
        with pytest.raises(SettledError):
            await desk(gateway).confirm(ACT, subject.subject, entry.entry)
        with pytest.raises(SettledError):
            await desk(gateway).reject(ACT, subject.subject, entry.entry)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ((stating(PNC, CRN), stating(OTHER_PNC, CRN)), CONFLICT_REASON_TWO_IDENTIFIERS),
        (
            (stating(PNC), stating(CRN, born=Date(year=1990, month=1, day=2)), stating(PNC, CRN)),
            CONFLICT_REASON_TWO_BIRTHS,
        ),
    ],
)
async def test_a_conflict_is_listed_and_the_exchange_goes_on(
    gateway: Gateway, changes: tuple[Change, ...], reason: int
) -> None:
    sealed = await send(gateway, *changes)
    [conflict] = await conflicts(gateway)
    assert (conflict.reason, conflict.exchange_id) == (reason, sealed[-1].exchange_id)
    assert conflict.first.subject != conflict.second.subject
    assert conflict.first.descriptions
    assert len(await gateway.records("DISCLOSURE")) == len(changes)
    assert await conflicts(gateway, after_conflict=conflict.conflict_id) == []
    [record] = await entries_of(gateway, "SUBJECT_CONFLICT")
    assert record["conflict"] == conflict.conflict_id


async def test_a_conflict_is_decided_once(gateway: Gateway) -> None:
    await send(gateway, stating(PNC, CRN), stating(OTHER_PNC, CRN))
    [conflict] = await conflicts(gateway)
    await desk(gateway).resolve(ACT, conflict.conflict_id, CONFLICT_VERDICT_SAME_PERSON)
    assert len((await one(gateway, PNC)).entries) == 3
    assert await conflicts(gateway) == []
    [record] = await entries_of(gateway, "CONFLICT_RESOLVED")
    assert record["verdict"] == "SAME_PERSON"
    with pytest.raises(SettledError):
        await desk(gateway).resolve(ACT, conflict.conflict_id, CONFLICT_VERDICT_DIFFERENT_PEOPLE)


async def test_who_is_said_to_differ_stays_apart_whatever_documents_say(gateway: Gateway) -> None:
    await send(gateway, stating(PNC, CRN), stating(OTHER_PNC, CRN))
    [conflict] = await conflicts(gateway)
    await desk(gateway).resolve(ACT, conflict.conflict_id, CONFLICT_VERDICT_DIFFERENT_PEOPLE)
    await send(gateway, stating(OTHER_PNC, CRN))
    assert len((await one(gateway, OTHER_PNC)).entries) == 1
    assert await conflicts(gateway) == []


async def test_confirming_decides_the_conflicts_between_the_two(gateway: Gateway) -> None:
    await send(gateway, stating(PNC, CRN), stating(OTHER_PNC, CRN))
    first, second = await one(gateway, PNC), await one(gateway, OTHER_PNC)
    await desk(gateway).confirm(ACT, first.subject, second.subject)
    assert await conflicts(gateway) == []
    assert len(await entries_of(gateway, "CONFLICT_RESOLVED")) == 1


async def test_a_wrong_link_is_undone_and_its_history_stays(gateway: Gateway) -> None:
    await send(gateway, stating(PNC, CRN))
    subject = await one(gateway, PNC)
    crn = next(entry.entry for entry in subject.entries if entry.system == IDENTIFIER_SYSTEM_CRN)
    assert await desk(gateway).unlink(ACT, subject.subject, [crn]) == 1
    assert (await one(gateway, CRN)).subject == crn
    assert len((await one(gateway, PNC)).entries) == 1
    linked, undone = (
        await entries_of(gateway, "SUBJECT_LINKED"),
        await entries_of(gateway, "SUBJECT_UNLINKED"),
    )
    assert [each["link"] for each in linked] == [each["link"] for each in undone]
    assert undone[0]["verb"] == "COMBINATION"
    await send(gateway, stating(PNC, CRN))
    [conflict] = await conflicts(gateway)
    assert conflict.reason == CONFLICT_REASON_SAID_TO_DIFFER


async def test_only_some_of_ones_own_entries_can_be_parted(gateway: Gateway) -> None:
    await send(gateway, stating(PNC, CRN), stating(OTHER_PNC))
    subject, other = await one(gateway, PNC), await one(gateway, OTHER_PNC)
    with pytest.raises(SettledError):
        await desk(gateway).unlink(ACT, subject.subject, [entry.entry for entry in subject.entries])
    with pytest.raises(UnknownSubjectError):
        await desk(gateway).unlink(ACT, subject.subject, [other.subject])


async def test_what_is_not_there_is_unknown(gateway: Gateway) -> None:
    [_] = await send(gateway, stating(PNC))
    subject = (await one(gateway, PNC)).subject
    for attempt in (
        candidates(gateway, "nobody"),
        conflicts(gateway, after_conflict="nothing"),
        desk(gateway).confirm(ACT, subject, "nobody"),
        desk(gateway).reject(ACT, "nobody", subject),
        desk(gateway).resolve(ACT, "nothing", CONFLICT_VERDICT_SAME_PERSON),
        desk(gateway).unlink(ACT, "nobody", [subject]),
    ):
        with pytest.raises(UnknownSubjectError):
            await attempt


async def test_somebody_without_identifier_has_an_entry_for_each_exchange(gateway: Gateway) -> None:
    await send(gateway, stating(), stating())
    name = PersonName(given="Marlon", family="Quillfeather")
    found = await find(gateway, name=name, date_of_birth=BORN)
    assert [match.basis for match in found] == [MATCH_BASIS_NAME_AND_BIRTH] * 2
    assert {entry.system for match in found for entry in match.subject.entries} == {
        IDENTIFIER_SYSTEM_UNSPECIFIED
    }
