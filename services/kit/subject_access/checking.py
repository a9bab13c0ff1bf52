"""Whether decisions of items may be made: each with an exemption of its law and a reason of its own. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from services.kit.subject_access.model import Decision, Disposition, Item
from services.kit.subject_access.proposing import is_never_given
from services.kit.subject_access.rules import Rules


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with decisions: a stable code, and the item; empty where it is all of them."""

    code: str
    item: str = ""


def find_faults(
    items: Mapping[str, Item], decisions: Mapping[str, Decision], rules: Rules
) -> Iterator[Fault]:
    """What is wrong with decisions, item by item.

    Args:
        items: by id.
        decisions: by the same ids.
        rules: which exemptions there are.
    """
    for name, decision in decisions.items():
        item = items.get(name)
        if item is None:
            yield Fault("ITEM_UNKNOWN", name)
        elif (code := _fault(item, decision, rules)) is not None:
            yield Fault(code, name)


def is_blanket(decisions: Mapping[str, Decision]) -> bool:
    """Whether everything is withheld, and not each for a reason of its own: no blanket.

    A single item that is withheld is no blanket.
    """
    withheld = [each for each in decisions.values() if each.disposition is Disposition.WITHHOLD]
    if len(decisions) <= 1 or len(withheld) < len(decisions):
        return False
    return len({each.reason.strip().casefold() for each in withheld}) < len(withheld)


def _fault(item: Item, decision: Decision, rules: Rules) -> str | None:
    if decision.disposition is Disposition.GIVE:
        return _fault_of_giving(item, rules)
    exemption = rules.exemption(decision.exemption)
    if exemption is None:
        return "EXEMPTION_UNKNOWN"
    if exemption.regime is not item.regime:
        return "EXEMPTION_OF_OTHER_LAW"
    if not decision.reason.strip():
        return "REASON_MISSING"
    tells = decision.tell is not None and decision.tell.rank > exemption.tell.rank
    return "TELLS_TOO_MUCH" if tells else None


def _fault_of_giving(item: Item, rules: Rules) -> str | None:
    if is_never_given(item, rules):
        return "NEVER_GIVEN"
    return "ANSWERED_BY_SUMMARY" if rules.summary_of(item.document_type) is not None else None
