"""Who asserts a fact that lifts a hold: somebody who might have answered that hold, or it does not count.

Otherwise a person who may not answer could have the same said as a mere fact. What a second person must
confirm is never asserted: that is said by answering the hold, one key each.
"""

from collections.abc import Collection, Iterable

from publicprotection.common.v1.organisation_pb2 import OrganisationKind
from publicprotection.exchange.v1 import answering_pb2

from gateway.app.hold_persons import is_author
from gateway.app.tools import Work
from gateway.core.prerequisite_model import Prerequisite
from gateway.core.prerequisites import requirement_of
from gateway.core.vocabulary import KIND_PREFIX
from services.kit.evidence.answering import AnswerFault, Answering, find_fault


async def find_unfit(
    work: Work,
    about: str,
    organisation: str,
    answerer: answering_pb2.Answerer | None,
    names: Collection[str],
) -> set[str]:
    """Of these facts, those that this person may not put on record.

    Args:
        work: the unit of work.
        about: id of the exchange that they are about.
        organisation: that asserts, by its seal.
        answerer: who asserts, as its service authenticated them; None where it says nobody.
        names: of the facts. One that lifts no hold may be asserted by anybody whose organisation may.
    """
    registered = await work.unit.register.find(about)
    author = await is_author(work, organisation, about, answerer)
    answering = Answering(answerer, organisation, author)
    is_sender = registered is not None and registered.sender == organisation
    return {
        name
        for name in names
        if (waiting := _waiting_for(work, name))
        and not any(_fits(work, each, answering, is_sender=is_sender) for each in waiting)
    }


def _waiting_for(work: Work, name: str) -> list[Prerequisite]:
    return [each for each in work.tools.prerequisites.values() if each.fact == name]


def _fits(work: Work, prerequisite: Prerequisite, answering: Answering, *, is_sender: bool) -> bool:
    """Whether the person has a key of a side that the organisation is; evidence goes with answers alone."""
    if prerequisite.needs_two:
        return False
    sides = _sides(work, prerequisite, answering.organisation, is_sender=is_sender)
    required = (requirement_of(prerequisite, side) for side in sides)
    return any(
        each is not None and not isinstance(find_fault(each, answering, None), AnswerFault)
        for each in required
    )


def _sides(work: Work, prerequisite: Prerequisite, organisation: str, *, is_sender: bool) -> Iterable[str]:
    known = work.tools.directory.organisation(organisation)
    kind = "" if known is None else OrganisationKind.Name(known.kind).removeprefix(KIND_PREFIX)
    own = {"OWNER", "SENDER" if is_sender else "RECIPIENT", kind}
    return [each.organisation for each in prerequisite.granted_by if each.organisation in own]
