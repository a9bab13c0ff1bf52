"""How each item of a case stands: what its owner, this organisation, the rules say, in that order. Pure."""

from collections.abc import Iterable
from datetime import date

from services.kit.subject_access.cases import Asked, Case
from services.kit.subject_access.model import By, Decision, Disposition, Item, ItemState, Settled
from services.kit.subject_access.proposing import is_withheld_by_rule, propose
from services.kit.subject_access.rules import Rules, Tell


def settle(case: Case, rules: Rules, today: date) -> tuple[Settled, ...]:
    """Each item as it stands.

    What an owner withholds stays withheld, except where the rules give owners no veto. What it
    gives may still be withheld here. Once its time is over, this organisation decides alone: it is the one
    that owes the answer.
    """
    over = _over(case.asked.values(), today)
    return tuple(
        _settle(case, item, rules, alone=_is_alone(case, item, rules) or item.item_id in over)
        for item in case.items.values()
    )


def tell_of(decision: Decision, rules: Rules) -> Tell:
    """How much the person is told of what is withheld: the less of what was decided and what the law has."""
    exemption = rules.exemption(decision.exemption)
    most = Tell.NOTHING if exemption is None else exemption.tell
    return most if decision.tell is None else min(decision.tell, most, key=lambda each: each.rank)


def _is_alone(case: Case, item: Item, rules: Rules) -> bool:
    """Whether there is no other owner to ask, or nothing to ask."""
    return item.owner == case.organisation or is_withheld_by_rule(item, rules)


def _over(asked: Iterable[Asked], today: date) -> frozenset[str]:
    """Items whose owners cannot be asked, or were and let the time pass."""
    over = (each for each in asked if each.refused or today > each.answer_by)
    return frozenset(item for each in over for item in each.items)


def _settle(case: Case, item: Item, rules: Rules, *, alone: bool) -> Settled:
    if rules.summary_of(item.document_type) is not None and not item.is_disclosure:
        return _decided(item, _summarised(item, rules), By.RULE)
    by_owner, own = case.by_owner.get(item.item_id), case.by_controller.get(item.item_id)
    if by_owner is not None and (own is None or _is_vetoed(item, by_owner, rules)):
        return _as_owner_says(item, by_owner, rules)
    proposed = propose(item, rules)
    if not alone and by_owner is None:
        return Settled(item, ItemState.OWNER_ASKED, proposed, By.RULE)
    if own is not None:
        return _decided(item, own, By.CONTROLLER)
    return (
        Settled(item, ItemState.UNDECIDED, None, None)
        if proposed is None
        else _decided(item, proposed, By.RULE)
    )


def _is_vetoed(item: Item, by_owner: Decision, rules: Rules) -> bool:
    return by_owner.disposition is Disposition.WITHHOLD and rules.has_veto(item.document_type)


def _as_owner_says(item: Item, by_owner: Decision, rules: Rules) -> Settled:
    if by_owner.disposition is Disposition.GIVE or rules.has_veto(item.document_type):
        return _decided(item, by_owner, By.OWNER)
    # An exemption that is no veto waits for somebody here: it is not decided by silence.
    return Settled(item, ItemState.UNDECIDED, by_owner, By.OWNER)


def _summarised(item: Item, rules: Rules) -> Decision:
    code = rules.third_parties.exemption[item.regime]
    return Decision(Disposition.WITHHOLD, code, "Answered by an executive summary.", Tell.NOTHING)


def _decided(item: Item, decision: Decision, by: By) -> Settled:
    given = decision.disposition is Disposition.GIVE
    return Settled(item, ItemState.GIVEN if given else ItemState.WITHHELD, decision, by)
