"""What of a ruling's holds is new, what stands already, and what is needless now."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from gateway.app.arrivals import Exchange
from gateway.app.digests import digest_parts
from gateway.app.rows import HoldRow, HoldState
from gateway.app.tools import Work
from gateway.app.working_days import escalation_time
from gateway.core.model import HeldItem, Ruling, WithheldItem

_KNOWN_AGAIN: Final = frozenset({HoldState.OPEN, HoldState.DECLINED, HoldState.EXPIRED})


@dataclass(frozen=True, slots=True)
class HoldPlan:
    """A ruling's holds beside those on record.

    Attributes:
        exchange: as sealed.
        ruling: for one recipient.
        waiting: by hold id, with the time of escalation: new holds, and open ones that the ruling still has.
        fresh: ids of the new ones.
        lifted: open holds that the ruling needs no more.
        declined: leaves whose hold was declined before, or ended unanswered: withheld now.
    """

    exchange: Exchange
    ruling: Ruling
    waiting: Mapping[str, tuple[HeldItem, datetime]]
    fresh: frozenset[str]
    lifted: tuple[HoldRow, ...]
    declined: tuple[WithheldItem, ...]


def plan_holds(work: Work, exchange: Exchange, ruling: Ruling, known: Sequence[HoldRow]) -> HoldPlan:
    """Compares the holds of a ruling with those on record for the same recipient.

    A hold is known again by what waits, for what, and for whom. A declined one stays declined, and one that
    ended unanswered stays ended.
    """
    by_key = {hold.key: hold for hold in known if hold.state in _KNOWN_AGAIN}
    waiting: dict[str, tuple[HeldItem, datetime]] = {}
    declined: list[WithheldItem] = []
    fresh: set[str] = set()
    for item in ruling.held:
        hold = by_key.get(key_of(item))
        if hold is None:
            hold_id = work.tools.new_id()
            fresh.add(hold_id)
            waiting[hold_id] = (item, escalation_time(work.at, item.escalates_after_working_days))
        elif hold.state is HoldState.OPEN:
            waiting[hold.hold_id] = (item, hold.escalates_at)
        else:
            declined += _as_withheld(exchange, item)
    lifted = [hold for hold in known if hold.state is HoldState.OPEN and hold.hold_id not in waiting]
    return HoldPlan(exchange, ruling, waiting, frozenset(fresh), tuple(lifted), tuple(declined))


def key_of(item: HeldItem) -> str:
    """By which a hold is known again."""
    return digest_parts(item.prerequisite, item.organisation, item.role, *sorted(item.paths))


def _as_withheld(exchange: Exchange, item: HeldItem) -> list[WithheldItem]:
    return [
        WithheldItem(path, exchange.category(path), item.rule, item.tell_sender, item.tell_recipient)
        for path in item.paths
    ]
