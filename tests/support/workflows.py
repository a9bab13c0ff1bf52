"""Workflows on a running system, in parts: at every `yield` processes may be killed and started again."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final, TypeVar

import yaml
from publicprotection.common.v1.date_pb2 import Date
from publicprotection.exchange.v1 import subject_access_case_pb2 as case_pb2
from publicprotection.exchange.v1 import subject_access_service_pb2 as access
from publicprotection.exchange.v1 import subject_access_terms_pb2 as terms
from publicprotection.exchange.v1.clock_pb2 import CLOCK_STATE_MET, CLOCK_STATE_RUNNING, ClockState
from publicprotection.exchange.v1.decision_pb2 import DECISION_OUTCOME_RELEASED
from publicprotection.exchange.v1.header_pb2 import Author
from publicprotection.exchange.v1.hold_service_pb2 import GrantHoldRequest
from publicprotection.exchange.v1.outcome_pb2 import OUTCOME_KIND_DECIDED, OUTCOME_KIND_HOLD_GRANTED
from publicprotection.oversight.v1 import agreement_service_pb2 as agreement
from publicprotection.oversight.v1 import breach_service_pb2 as breach
from publicprotection.oversight.v1.agreement_service_pb2_grpc import AgreementServiceStub
from publicprotection.oversight.v1.breach_service_pb2_grpc import BreachServiceStub
from publicprotection.oversight.v1.clock_service_pb2 import Clock, ListClocksRequest
from publicprotection.oversight.v1.clock_service_pb2_grpc import ClockServiceStub

from deploy.local.world import World
from deploy.story.clients import AgencyClient
from deploy.story.documents import build_person
from deploy.story.model import Story
from deploy.story.watching import Watcher
from services.kit.rpc.client import open_channel
from tests.support.gateway import ROOT
from tests.support.world import build, new_request_id, sending, today

POLICE: Final = "kent-police"
PROBATION: Final = "kent-probation"
CHILDREN: Final = "kent-childrens"
UNIT: Final = "kent-mappa-unit"
OFFICER: Final = "Lysander Quickthorn"
SIGNATORIES: Final = (
    (PROBATION, "Bettina Marrowby"),
    (PROBATION, "Ottoline Marchpane"),
    (POLICE, "Hester Quenby"),
    (POLICE, "Cuthbert Lanthorn"),
)
TIMEOUT_S: Final = 20.0

_Found = TypeVar("_Found")


@dataclass(frozen=True)
class Stage:
    """Where workflows are walked through."""

    world: World
    clients: Mapping[str, AgencyClient]
    watcher: Watcher
    story: Story

    @asynccontextmanager
    async def asking(self, stub: Any, organisation: str, name: str | None = None) -> AsyncIterator[Any]:
        """A service of the gateway, called for a person, over a connection of its own."""
        endpoint = self.world.oversight(organisation, name)
        async with open_channel(endpoint.address, endpoint.tls, tokens=endpoint.tokens) as channel:
            yield stub(channel)

    async def send(self, organisation: str, step: str) -> str:
        """What a step of the story sends, sent once more; not waited for."""
        accepted = await self.clients[organisation].send(*build(sending(self.story, step)))
        return accepted.exchange_id

    async def until(self, look: Callable[[], Awaitable[_Found]], met: Callable[[_Found], bool]) -> _Found:
        """Looks until it is as wanted."""

        async def once() -> _Found | None:
            found = await look()
            return found if met(found) else None

        return await self.watcher.until(once, "a workflow to go on")


Workflow = Callable[[Stage], AsyncIterator[None]]


async def hold(stage: Stage) -> AsyncIterator[None]:
    """What the police supplied waits for them, is granted, and follows once."""
    exchange_id = await stage.send(PROBATION, "contribution")
    yield
    holds = await stage.watcher.holds(POLICE, exchange_id)
    for number, each in enumerate(holds):
        grant = GrantHoldRequest(
            hold_id=each.held.hold_id,
            request_id=f"{exchange_id}-{number}"[:64],
            author=Author(name="Rufus Oakenshaw", role="POLICE_OFFENDER_MANAGER"),
            reason="The meeting cannot plan for her safety without it.",
        )
        await stage.clients[POLICE].holds.GrantHold(grant, timeout=TIMEOUT_S)
    yield
    granted = OUTCOME_KIND_HOLD_GRANTED
    exchange = await stage.watcher.settled(PROBATION, exchange_id, granted, count=len(holds))
    kinds = [outcome.kind for outcome in exchange.outcomes]
    assert (kinds.count(OUTCOME_KIND_DECIDED), kinds.count(granted)) == (1, len(holds))
    decisions = [decision for outcome in exchange.outcomes for decision in outcome.decisions]
    released = {each.delivery_id for each in decisions if each.outcome == DECISION_OUTCOME_RELEASED} - {""}
    arrived = [each.delivery_id for each in await stage.watcher.deliveries(UNIT, exchange_id=exchange_id)]
    assert len(released) > 1
    assert sorted(arrived) == sorted(released)


async def time_limit(stage: Stage) -> AsyncIterator[None]:
    """An enquiry starts one clock, and the answer ends it."""
    exchange_id = await stage.send(PROBATION, "enquiry")
    yield
    [running] = await _clocks(stage, UNIT, exchange_id, "CHILD_UNANSWERED", CLOCK_STATE_RUNNING)
    header, document = build(sending(stage.story, "enquiry-answer"))
    header.in_reply_to = exchange_id
    await stage.clients[CHILDREN].send(header, document)
    yield
    [met] = await _clocks(stage, UNIT, exchange_id, "CHILD_UNANSWERED", CLOCK_STATE_MET)
    assert (met.clock.clock_id, met.clock.due_at) == (running.clock.clock_id, running.clock.due_at)


async def sign_off(stage: Stage) -> AsyncIterator[None]:
    """An agreement is proposed and signed by two people of each party."""
    async with stage.asking(AgreementServiceStub, *SIGNATORIES[0]) as stub:
        request = agreement.ProposeAgreementRequest(yaml=_proposal(), reason="Agreed at the board.")
        proposed = (await stub.ProposeAgreement(request, timeout=TIMEOUT_S)).agreement
    assert await _sign(stage, proposed, SIGNATORIES[0]) == [0, 1]
    yield
    assert await _sign(stage, proposed, SIGNATORIES[1]) == [0, 2]
    assert await _sign(stage, proposed, SIGNATORIES[2]) == [1, 2]
    yield
    assert await _sign(stage, proposed, SIGNATORIES[3]) == [2, 2]
    found = await _agreement(stage, proposed)
    assert (found.standing, found.digest) == (agreement.AGREEMENT_STANDING_AWAITED, proposed.digest)


async def breach_case(stage: Stage) -> AsyncIterator[None]:
    """A case keeps its clock, what was found and what was done, and its last duty closes it."""
    request = breach.OpenBreachRequest(kind=breach.BREACH_KIND_DISCLOSURE, reason="Left on a train.")
    request.aware_at.FromDatetime(datetime.now(UTC))
    async with stage.asking(BreachServiceStub, PROBATION, OFFICER) as stub:
        opened = (await stub.OpenBreach(request, timeout=TIMEOUT_S)).breach
    exchange_id = await stage.send(PROBATION, "restrictions")
    yield
    await stage.watcher.settled(PROBATION, exchange_id, OUTCOME_KIND_DECIDED)
    found = breach.FindAffectedRequest(
        breach_id=opened.breach_id, exchange_id=exchange_id, reason="The papers."
    )
    async with stage.asking(BreachServiceStub, PROBATION, OFFICER) as stub:
        await stub.FindAffected(found, timeout=TIMEOUT_S)
        await _note(stub, opened.breach_id, "CONTAINED", "COMMISSIONER_NOTIFIED")
    yield
    async with stage.asking(BreachServiceStub, PROBATION, OFFICER) as stub:
        kept = await stub.GetBreach(breach.GetBreachRequest(breach_id=opened.breach_id), timeout=TIMEOUT_S)
        await _note(stub, opened.breach_id, "SUBJECTS_TOLD", "PARTIES_TOLD", "CAUSE_RECORDED")
        closed = await stub.GetBreach(breach.GetBreachRequest(breach_id=opened.breach_id), timeout=TIMEOUT_S)
    assert list(kept.exchanges) == [exchange_id]
    assert [each.step for each in kept.steps] == ["CONTAINED", "COMMISSIONER_NOTIFIED"]
    assert (kept.breach.due_at, kept.breach.HasField("closed_at")) == (opened.due_at, False)
    assert closed.breach.HasField("closed_at")


async def subject_access(stage: Stage) -> AsyncIterator[None]:
    """A request keeps its day, and what the gateway finds arrives once."""
    case_id = await _open_access(stage)
    before = await _case(stage, case_id)
    yield
    worker = stage.clients[PROBATION].acting("Bettina Marrowby")
    await worker.LocateData(access.LocateDataRequest(case_id=case_id), timeout=TIMEOUT_S)
    yield
    after = await stage.until(lambda: _case(stage, case_id), lambda case: "LOCATED" in _events(case))
    assert after.summary.clock.due_on == before.summary.clock.due_on
    assert _events(after)[: len(before.history)] == _events(before)
    assert _events(after).count("LOCATED") == 1


WORKFLOWS: Final[tuple[Workflow, ...]] = (hold, time_limit, sign_off, breach_case, subject_access)


def _proposal() -> str:
    """An agreement between probation and police alone, from a later day: nothing rests on it here."""
    said = yaml.safe_load((ROOT / "deploy" / "agreements" / "kent-dwp.yaml").read_text(encoding="utf-8"))
    kept = {PROBATION, POLICE}
    for heading in ("parties", "policy_documents"):
        said[heading] = [each for each in said[heading] if each["organisation"] in kept]
    del said["signatures"]
    said |= {"id": f"kent-{new_request_id()}", "state": "DRAFT", "owner": POLICE}
    said["starts"] = str(today() + timedelta(days=7))
    said["breach_contact"]["organisation"] = POLICE
    said["clauses"][0]["to"] = {"kinds": ["POLICE"]}
    said["clauses"][0]["from"] = {"kinds": ["PROBATION"]}
    return yaml.safe_dump(said)


async def _sign(stage: Stage, proposed: agreement.AgreementVersion, who: tuple[str, str]) -> list[int]:
    """Signatures given after this one, police first."""
    request = agreement.SignAgreementRequest(
        agreement_id=proposed.agreement_id, version=proposed.version, digest=proposed.digest
    )
    async with stage.asking(AgreementServiceStub, *who) as stub:
        signed = (await stub.SignAgreement(request, timeout=TIMEOUT_S)).agreement
    parties = sorted(signed.parties, key=lambda each: each.organisation)
    return [each.signatures_given for each in parties]


async def _agreement(stage: Stage, proposed: agreement.AgreementVersion) -> agreement.AgreementVersion:
    request = agreement.GetAgreementRequest(agreement_id=proposed.agreement_id, version=proposed.version)
    async with stage.asking(AgreementServiceStub, *SIGNATORIES[0]) as stub:
        found: agreement.AgreementVersion = (await stub.GetAgreement(request, timeout=TIMEOUT_S)).agreement
    return found


async def _clocks(
    stage: Stage, organisation: str, matter: str, limit: str, state: ClockState.ValueType
) -> list[Clock]:
    """The clocks of a matter, in whatever state, once one is as wanted."""
    request = ListClocksRequest(matter=matter, limit=limit, states=ClockState.values()[1:])

    async def look() -> list[Clock]:
        async with stage.asking(ClockServiceStub, organisation) as stub:
            return list((await stub.ListClocks(request, timeout=TIMEOUT_S)).clocks)

    return await stage.until(look, lambda found: any(each.clock.state == state for each in found))


async def _note(stub: Any, breach_id: str, *steps: str) -> None:
    for step in steps:
        request = breach.NoteBreachStepRequest(breach_id=breach_id, step=step, reason="As the log has it.")
        request.taken_at.FromDatetime(datetime.now(UTC))
        await stub.NoteBreachStep(request, timeout=TIMEOUT_S)


async def _open_access(stage: Stage) -> str:
    """A request whose writer is known: its time runs."""
    said = next(step.subject_access for step in stage.story.steps if step.subject_access)
    day = today()
    received = Date(year=day.year, month=day.month, day=day.day)
    request = access.OpenCaseRequest(
        request_id=new_request_id(),
        requester=terms.ACCESS_REQUESTER_SUBJECT,
        called=terms.ACCESS_CALLED_LETTER,
        words=said.words,
        subject=build_person(said.subject, day),
        received_on=received,
        reply_to=said.reply_to,
    )
    worker = stage.clients[PROBATION].acting(said.worker)
    case_id: str = (await worker.OpenCase(request, timeout=TIMEOUT_S)).summary.case_id
    known = access.EstablishIdentityRequest(
        case_id=case_id, evidence=[terms.IDENTITY_EVIDENCE_KNOWN_TO_STAFF], received_on=received
    )
    await worker.EstablishIdentity(known, timeout=TIMEOUT_S)
    return case_id


async def _case(stage: Stage, case_id: str) -> case_pb2.AccessCase:
    worker = stage.clients[PROBATION].acting("Bettina Marrowby")
    case: case_pb2.AccessCase = (
        await worker.GetCase(access.GetCaseRequest(case_id=case_id), timeout=TIMEOUT_S)
    ).case
    return case


def _events(case: case_pb2.AccessCase) -> list[str]:
    return [each.event for each in case.history]
