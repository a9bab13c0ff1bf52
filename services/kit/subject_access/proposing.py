"""What the rules propose for an item before anybody decides. Nothing proposed: a person decides. Pure."""

from services.kit.subject_access.model import Decision, Disposition, Item
from services.kit.subject_access.rules import Delayed, Rules, Tell

_GIVE = Decision(Disposition.GIVE)


def propose(item: Item, rules: Rules) -> Decision | None:
    """What is proposed; None where a person must decide, case by case."""
    if item.is_disclosure:
        return _propose_disclosure(item, rules)
    if is_never_given(item, rules):
        return _third_party(item, rules)
    if is_given_all_the_same(item, rules):
        return _GIVE
    if not item.own:
        return _third_party(item, rules)
    return None if _is_judged(item, rules) else _GIVE


def is_withheld_by_rule(item: Item, rules: Rules) -> bool:
    """Whether the rules withhold it: nobody has to be asked before that is done."""
    proposed = propose(item, rules)
    return proposed is not None and proposed.disposition is Disposition.WITHHOLD


def is_never_given(item: Item, rules: Rules) -> bool:
    """Whether nobody may give it."""
    return any(each.about == item.about for each in rules.never)


def _propose_disclosure(item: Item, rules: Rules) -> Decision:
    row = _delay(item, rules)
    if row is None:
        return _GIVE
    return Decision(Disposition.WITHHOLD, row.exemption[item.regime], row.reason, row.tell)


def _third_party(item: Item, rules: Rules) -> Decision:
    code = rules.third_parties.exemption[item.regime]
    # That there is somebody else of a kind may itself tell who: the person is not told item by item.
    return Decision(Disposition.WITHHOLD, code, rules.third_parties.reasons[item.about], Tell.NOTHING)


def _is_judged(item: Item, rules: Rules) -> bool:
    """Whether a person decides of what is about the person who asks, and why nobody else can."""
    if item.kind in rules.judged or (item.is_text and rules.judged_texts):
        return True
    # What somebody's part as victim or child in another's case says may be about another victim or child;
    # and that there was an exchange for some purposes may itself be what must not be told.
    return not item.is_case or _delay(item, rules) is not None


def _delay(item: Item, rules: Rules) -> Delayed | None:
    return next((each for each in rules.delayed if item.purpose in each.purposes), None)


def is_given_all_the_same(item: Item, rules: Rules) -> bool:
    """Whether it is given in its document, though it is about somebody else."""
    return any(
        item.document_type == each.document and item.category in each.categories
        for each in rules.given_all_the_same
    )
