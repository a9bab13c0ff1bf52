"""What people did at an area's gateway of late: legal holds, breach cases, looks into the log, a proposal."""

from datetime import datetime, timedelta
from typing import Final

from publicprotection.oversight.v1 import disclosure_log_service_pb2 as log_pb2

from deploy.area.papers import proposal
from deploy.area.stage import Stage
from deploy.local.people import Colleague, read_people
from gateway.adapters.papers import check_proposal
from gateway.adapters.world import Grounds
from gateway.app.agreement_desk import AgreementDesk
from gateway.app.breaches.desk import BreachDesk
from gateway.app.legal_holds import LegalHoldDesk
from gateway.app.log_view import LogView
from gateway.app.subject_acts import Act
from services.kit.access.actor import Actor, Person, Role, Scope, System

_OFFICERS: Final = ("Ola Brandt", "Idris Fallowfield", "Lysander Quickthorn")
_LOOKS: Final = (
    (log_pb2.LOG_PURPOSE_VERIFY_LAWFULNESS, "Monthly check of refusals", "REFUSAL"),
    (log_pb2.LOG_PURPOSE_SELF_MONITORING, "Sampling of disclosures for the quarterly report", "DISCLOSURE"),
    (log_pb2.LOG_PURPOSE_INTEGRITY_AND_SECURITY, "Recalls of the last month", "EXCHANGE_RECALLED"),
)
_OWNER: Final = Colleague(
    name="Thea Rookwood",
    organisation="kent-marac",
    desk="coordination",
    job="MARAC_COORDINATOR",
    roles=("AGREEMENT_SIGNATORY",),
)


async def act_afterwards(stage: Stage, grounds: Grounds, now: datetime) -> None:
    """Does all of it, now."""
    people = {each.name: each for each in read_people()}
    officers = [people[name] for name in _OFFICERS]
    await _look_into_the_log(stage, officers)
    await _keep_for_proceedings(stage, officers[0])
    await _open_breaches(stage, officers, now)
    desk = AgreementDesk(stage.store, stage.tools, lambda text: check_proposal(text, grounds))
    owner = _actor(_OWNER, Role.AGREEMENT_SIGNATORY, Scope.ORGANISATION)
    await desk.propose(owner, proposal(now), "Review after two years")


async def _look_into_the_log(stage: Stage, officers: list[Colleague]) -> None:
    view = LogView(stage.store, stage.tools)
    for officer in officers:
        for purpose, reason, kind in _LOOKS:
            request = log_pb2.ListRecordsRequest(purpose=purpose, page_size=20, types=[kind])
            request.acting.reason = reason
            await view.page(_officer(officer), request)


async def _keep_for_proceedings(stage: Stage, officer: Colleague) -> None:
    desk = LegalHoldDesk(stage.store, stage.tools)
    reasons = ("Crown Court trial", "Inquest", "Judicial review")
    async with stage.store.reading() as unit:
        exchanges = await unit.register.page(0, 40)
    actor = _officer(officer)
    for number, (reason, row) in enumerate(zip(reasons, exchanges[::13], strict=False)):
        where = ("", row.exchange_id) if number else (row.subject_id, "")
        placed = await desk.place(Act(actor, reason), *where)
        if number + 1 == len(reasons):
            await desk.lift(Act(actor, "The proceedings have ended."), placed)


async def _open_breaches(stage: Stage, officers: list[Colleague], now: datetime) -> None:
    desk = BreachDesk(stage.store, stage.tools, lambda: stage.world.rulebook.breaches)
    happened = (
        ("DISCLOSURE", timedelta(hours=20), "A printed notice was left in an interview room."),
        ("LOSS", timedelta(hours=60), "A laptop with an open inbox was stolen from a car."),
    )
    for officer, (kind, ago, reason) in zip(officers, happened, strict=False):
        await desk.open(_officer(officer), kind, now - ago, reason)


def _officer(colleague: Colleague) -> Actor:
    scope = Scope.AREA if colleague.area else Scope.ORGANISATION
    return _actor(colleague, Role.DATA_PROTECTION_OFFICER, scope)


def _actor(colleague: Colleague, role: Role, scope: Scope) -> Actor:
    person = Person(
        subject=colleague.subject,
        name=colleague.name,
        job=colleague.job,
        roles=frozenset(Role(each) for each in colleague.roles),
        organisation=colleague.organisation,
        desk=colleague.desk,
        area=colleague.area,
    )
    return Actor(System(colleague.organisation, colleague.organisation), role, person, scope)
