"""Which legal holds stand in the way: on an exchange itself, or on somebody whom it names."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from gateway.app.collecting import named_in
from gateway.app.digests import blind_subject
from gateway.app.tools import Work


@dataclass(frozen=True, slots=True)
class StandingHolds:
    """The legal holds in force.

    Attributes:
        exchanges: ids of legal holds by exchange.
        people: the same by entry of the subject register, all entries of each person held.
    """

    exchanges: Mapping[str, str]
    people: Mapping[str, str]

    def on_people(self, subject_ids: Iterable[str]) -> str | None:
        """The legal hold on one of these entries; None if there is none."""
        return next((self.people[each] for each in subject_ids if each in self.people), None)

    async def on_exchange(self, work: Work, exchange_id: str) -> str | None:
        """The legal hold on an exchange or on somebody whom it names; None if there is none."""
        if exchange_id in self.exchanges:
            return self.exchanges[exchange_id]
        return self.on_people(await named_in(work, exchange_id)) if self.people else None

    async def positions(self, work: Work) -> set[int]:
        """Positions of the records about people held."""
        keys = [blind_subject(work.tools.key_store, each) for each in self.people]
        return await work.unit.expiry.listed(keys) if keys else set()


async def standing_holds(work: Work) -> StandingHolds:
    """The legal holds in force; one on an entry holds whoever it belongs to now."""
    rows = await work.unit.legal_holds.in_force()
    seeds = {row.subject_id: row.legal_hold_id for row in rows if row.subject_id is not None}
    people = dict(seeds)
    for reached in await work.unit.subjects.reached(seeds) if seeds else ():
        people.setdefault(reached.entry.subject_id, seeds[reached.seed])
    exchanges = {row.exchange_id: row.legal_hold_id for row in rows if row.exchange_id is not None}
    return StandingHolds(exchanges, people)
