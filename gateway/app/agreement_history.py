"""What happened to an agreement, from its events and the texts of their records."""

from google.protobuf.timestamp_pb2 import Timestamp
from publicprotection.oversight.v1 import agreement_service_pb2 as pb2
from publicprotection.oversight.v1 import subject_service_pb2

from gateway.app.agreement_rows import AgreementRow
from gateway.app.ports import Store
from gateway.app.subject_acts import read_act
from gateway.app.tools import Tools, Work
from gateway.core.agreements import Agreement
from services.kit.access.actor import Actor, Scope


async def read_history(
    store: Store, tools: Tools, actor: Actor, terms: Agreement
) -> list[pb2.AgreementHappening]:
    """What happened to one version, and to all of them at once, oldest first.

    Each party may know who signed, refused or stopped, and why: two people of each must have. Whoever sees
    codes alone does not.
    """
    async with store.reading() as unit:
        work = Work(unit, tools, tools.key_store.batch(), tools.clock.now())
        rows = [row for row in await unit.agreements.all() if _concerns(row, terms)]
        named = actor.scope is not Scope.METADATA
        return [_happening(row, await _act(work, row, named=named)) for row in rows]


def _concerns(row: AgreementRow, terms: Agreement) -> bool:
    return row.agreement_id == terms.id and row.version in ("", terms.version)


async def _act(work: Work, row: AgreementRow, *, named: bool) -> subject_service_pb2.Acted:
    return await read_act(work, row.scope) if named and row.scope else subject_service_pb2.Acted()


def _happening(row: AgreementRow, act: subject_service_pb2.Acted) -> pb2.AgreementHappening:
    at = Timestamp()
    at.FromDatetime(row.at)
    return pb2.AgreementHappening(
        kind=pb2.AgreementHappeningKind.Value(f"AGREEMENT_HAPPENING_KIND_{row.kind}"),
        at=at,
        version=row.version,
        organisation=row.organisation,
        person=act.person,
        job=row.job,
        party=row.party,
        reason=act.reason,
        record_hash=row.record_hash,
    )
