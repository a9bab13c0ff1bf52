"""What a rule does, in words."""

from collections.abc import Iterator

from gateway.core.rulebook import Rulebook
from gateway.core.rulebook_model import Hold, Rule
from gateway.core.wording.words import word, words


def effects(book: Rulebook, rule: Rule) -> Iterator[str]:
    """What a rule does, each part as a phrase."""
    if rule.prohibition:
        yield "prohibits, whatever is agreed" if rule.unless or rule.when else "always prohibits"
    if rule.permit_only is not None:
        yield f"lets through only {words(rule.permit_only)}" if rule.permit_only else "lets nothing through"
    if rule.withhold:
        yield f"withholds {words(rule.withhold)}"
    if rule.generalise:
        forms = (f"{word(category)} by {form}" for category, form in rule.generalise.items())
        yield f"coarsens {', '.join(forms)}"
    if rule.flag is not None:
        days = rule.flag.review_in_working_days
        yield f"flags it {word(rule.flag.name)}, for review in {days} working day{'' if days == 1 else 's'}"
    if rule.limit:
        yield f"makes it a condition of using {words(rule.limit)}"
    if rule.hold is not None:
        yield _hold(book, rule.hold)
    if rule.refuse is not None:
        instead = rule.refuse.instead
        yield f"refuses. Instead: {instead.explanation}" if instead else "refuses"


def _hold(book: Rulebook, hold: Hold) -> str:
    waits = book.prerequisites[hold.prerequisite]
    return f"holds {_what(hold)} until: {waits.title} ({word(waits.role)}; {waits.id})"


def _what(hold: Hold) -> str:
    if hold.scope == "EXCHANGE":
        return "the whole exchange"
    parts = [
        words(hold.categories) or "every item",
        "where free text" if hold.text_only else "",
        f"where taken from {hold.system}" if hold.system else "",
        "where another agency than the sender owns it" if hold.owner == "OTHER_THAN_SENDER" else "",
    ]
    return " ".join(part for part in parts if part)
