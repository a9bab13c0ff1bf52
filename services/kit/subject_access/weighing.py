"""Whether what the law wants weighed was weighed: serious harm, and the rights of others. Pure.

Only what this organisation itself decides: an owner answers for its own and says its reason.
"""

from collections.abc import Iterator, Mapping
from datetime import date

from services.kit.subject_access.checking import Fault
from services.kit.subject_access.clock import add_months
from services.kit.subject_access.model import Decision, Disposition, Item, SeriousHarm
from services.kit.subject_access.proposing import is_given_all_the_same
from services.kit.subject_access.rules import Exemption, Rules, Test


def find_unweighed(
    items: Mapping[str, Item], decisions: Mapping[str, Decision], rules: Rules, today: date
) -> Iterator[Fault]:
    """What was not weighed, item by item.

    Args:
        items: by id.
        decisions: by the same ids; those that `find_faults` finds nothing wrong with.
        rules: what is to be weighed.
        today: an opinion is as old as it is on this day.
    """
    for name, decision in decisions.items():
        giving = decision.disposition is Disposition.GIVE
        find = _of_giving if giving else _of_withholding
        if name in items and (code := find(items[name], decision, rules, today)) is not None:
            yield Fault(code, name)


def _of_withholding(_item: Item, decision: Decision, rules: Rules, today: date) -> str | None:
    exemption = rules.exemption(decision.exemption)
    if exemption is None or exemption.test is not Test.SERIOUS_HARM:
        return None
    harm = decision.serious_harm
    if harm is None or not harm.reason.strip():
        return "SERIOUS_HARM_NOT_WEIGHED"
    return _of_opinion(harm, exemption, today) if harm.met else "SERIOUS_HARM_NOT_MET"


def _of_giving(item: Item, decision: Decision, rules: Rules, today: date) -> str | None:
    for row in rules.opinion_to_give:
        exemption = rules.exemption(row.by)
        concerns = (item.regime, item.kind) == (row.regime, row.kind)
        if exemption is not None and concerns:
            code = _of_giving_health(decision.serious_harm, exemption, today)
            if code is not None:
                return code
    if item.own or item.is_disclosure or is_given_all_the_same(item, rules):
        return None
    third = decision.third_party
    if third is None or not third.reason.strip():
        return "THIRD_PARTY_NOT_WEIGHED"
    return None if third.allows else "THIRD_PARTY_NOT_REASONABLE"


def _of_giving_health(harm: SeriousHarm | None, exemption: Exemption, today: date) -> str | None:
    if harm is None or not harm.reason.strip():
        return "SERIOUS_HARM_NOT_WEIGHED"
    return "SERIOUS_HARM_MET" if harm.met else _of_opinion(harm, exemption, today)


def _of_opinion(harm: SeriousHarm, exemption: Exemption, today: date) -> str | None:
    """What is wrong with an opinion, where one is needed."""
    if not exemption.opinion_months:
        return None
    if not harm.opinion_of.strip() or harm.opinion_on is None or harm.opinion_on > today:
        return "OPINION_MISSING"
    return "OPINION_TOO_OLD" if add_months(harm.opinion_on, exemption.opinion_months) < today else None
