"""Who may answer each kind of hold, on what evidence: every prerequisite, every organisation asked."""

from collections.abc import Iterator

import pytest
from publicprotection.exchange.v1 import answering_pb2

from gateway.core.prerequisite_model import Prerequisite
from gateway.core.prerequisites import requirement_of
from services.kit.access.actor import Role
from services.kit.evidence.answering import AnswerFault, Answering, Turned, find_fault
from tests.support.answering import answerer, evidence
from tests.support.core_world import demo_world

ORGANISATION = "kent-police"


def asked() -> Iterator[tuple[Prerequisite, str]]:
    for each in demo_world().rulebook.prerequisites.values():
        yield from ((each, grantor.organisation) for grantor in each.granted_by)


def named(value: object) -> str:
    return value.id if isinstance(value, Prerequisite) else str(value)


every = pytest.mark.parametrize(("prerequisite", "side"), list(asked()), ids=named)


def requirement(prerequisite: Prerequisite, side: str) -> answering_pb2.AnswerRequirement:
    found = requirement_of(prerequisite, side)
    assert found is not None
    return found


def right(key: answering_pb2.HoldKey) -> answering_pb2.Answerer:
    return answerer(ORGANISATION, job=key.jobs[0] if key.jobs else "ANY", roles=list(key.roles[:1]))


def wanted(needed: answering_pb2.AnswerRequirement) -> list[answering_pb2.Evidence]:
    names = [answering_pb2.EvidenceKind.Name(kind).removeprefix("EVIDENCE_KIND_") for kind in needed.evidence]
    return evidence(*names) if names else []


def by(who: answering_pb2.Answerer | None, *turned: Turned, is_author: bool | None = None) -> Answering:
    return Answering(who, ORGANISATION, is_author, turned)


@every
def test_each_key_is_turned_by_whom_the_rulebook_names(prerequisite: Prerequisite, side: str) -> None:
    needed = requirement(prerequisite, side)
    for place, key in enumerate(needed.keys):
        author = key.author == answering_pb2.AUTHOR_RELATION_SAME
        turned = [Turned(each, ORGANISATION) for each in range(place)]
        assert find_fault(needed, by(right(key), *turned, is_author=author), wanted(needed)) == place


@every
def test_declining_takes_the_same_person_and_no_evidence(prerequisite: Prerequisite, side: str) -> None:
    needed = requirement(prerequisite, side)
    author = needed.keys[0].author == answering_pb2.AUTHOR_RELATION_SAME
    assert find_fault(needed, by(right(needed.keys[0]), is_author=author), None) == 0


@every
def test_nobody_and_strangers_are_refused(prerequisite: Prerequisite, side: str) -> None:
    needed = requirement(prerequisite, side)
    stranger = answerer("kent-childrens")
    for who in (None, answering_pb2.Answerer(), stranger):
        assert find_fault(needed, by(who), evidence()) is AnswerFault.PERSON_UNKNOWN


@every
def test_the_wrong_job_or_grade_is_refused(prerequisite: Prerequisite, side: str) -> None:
    needed = requirement(prerequisite, side)
    wrong = answerer(ORGANISATION, job="RECEPTIONIST", roles=["AUDITOR"])
    limited = all(key.jobs or key.roles for key in needed.keys)
    fault = find_fault(needed, by(wrong, is_author=None), evidence())
    assert (fault is AnswerFault.WRONG_PERSON) == limited


@every
def test_a_grant_without_its_evidence_is_refused(prerequisite: Prerequisite, side: str) -> None:
    needed = requirement(prerequisite, side)
    author = needed.keys[0].author == answering_pb2.AUTHOR_RELATION_SAME
    who = by(right(needed.keys[0]), is_author=author)
    for missing in needed.evidence:
        stated = [each for each in wanted(needed) if each.kind != missing]
        assert find_fault(needed, who, stated) is AnswerFault.EVIDENCE_MISSING


@every
def test_the_author_is_the_one_or_is_not(prerequisite: Prerequisite, side: str) -> None:
    needed = requirement(prerequisite, side)
    [key, *others] = needed.keys
    if key.author == answering_pb2.AUTHOR_RELATION_UNSPECIFIED:
        assert find_fault(needed, by(right(key), is_author=True), wanted(needed)) == 0
    else:
        assert not others
        same = key.author == answering_pb2.AUTHOR_RELATION_SAME
        fault = AnswerFault.NOT_THE_AUTHOR if same else AnswerFault.AUTHOR_ANSWERS
        assert find_fault(needed, by(right(key), is_author=not same), wanted(needed)) is fault


@every
def test_the_same_person_turns_no_second_key(prerequisite: Prerequisite, side: str) -> None:
    needed = requirement(prerequisite, side)
    if len(needed.keys) > 1:
        both = right(needed.keys[0])
        both.roles.extend(needed.keys[1].roles)
        both.roles.extend(needed.keys[0].roles)
        own = Turned(0, ORGANISATION, same_person=True)
        assert find_fault(needed, by(both, own), wanted(needed)) is AnswerFault.SAME_PERSON
        first_again = find_fault(needed, by(right(needed.keys[0]), own), wanted(needed))
        assert first_again is AnswerFault.SAME_PERSON
    if needed.apart_from:
        elsewhere = Turned(None, "kent-childrens", same_person=True)
        who = by(right(needed.keys[0]), elsewhere)
        assert find_fault(needed, who, wanted(needed)) is AnswerFault.SAME_PERSON


@every
def test_keys_to_be_held_apart_are_not_turned_in_one_agency(prerequisite: Prerequisite, side: str) -> None:
    needed = requirement(prerequisite, side)
    here = Turned(None, ORGANISATION)
    found = find_fault(needed, by(right(needed.keys[0]), here, is_author=None), wanted(needed))
    assert (found is AnswerFault.SAME_AGENCY) == bool(needed.apart_from) or not needed.apart_from


def test_a_consultation_says_with_whom_and_when() -> None:
    needed = answering_pb2.AnswerRequirement(
        keys=[answering_pb2.HoldKey()], evidence=[answering_pb2.EVIDENCE_KIND_CONSULTATION]
    )
    [whole] = evidence("CONSULTATION")
    assert find_fault(needed, by(answerer(ORGANISATION)), [whole]) == 0
    for field in ("reference", "consulted", "on"):
        part = answering_pb2.Evidence()
        part.CopyFrom(whole)
        part.ClearField(field)
        assert find_fault(needed, by(answerer(ORGANISATION)), [part]) is AnswerFault.EVIDENCE_MISSING


def test_roles_are_those_of_the_kit() -> None:
    named_roles = {
        role
        for each in demo_world().rulebook.prerequisites.values()
        for grantor in each.granted_by
        for key in grantor.keys
        for role in key.roles
    }
    assert named_roles <= {role.value for role in Role}


def test_warnings_are_the_only_thing_that_waits_for_ever() -> None:
    book = demo_world().rulebook.prerequisites
    assert [each.id for each in book.values() if each.expires_after_working_days is None] == [
        "PROTECTIVE_REVIEW"
    ]
