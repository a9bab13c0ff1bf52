"""Why something was withheld, held or refused: each rule once, with what it bore on and its paragraph."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from publicprotection.exchange.v1 import decision_pb2
from publicprotection.exchange.v1.decision_pb2 import Decision, Held, RuleReference

from services.console.words import code, document, organisation
from services.kit.words import categories_words, plain

_LABEL: Final = re.compile(r"\[[^\]]*\]|\{[^}]*\}")
_EFFECTS: Final = {
    "RELEASE": "Lets it go",
    "GENERALISE": "Makes it coarser",
    "MASK": "Masks it",
    "WITHHOLD": "Withholds it",
    "HOLD": "Holds it",
    "REFUSE": "Refuses it",
}
_FLAGS: Final = {
    decision_pb2.DECISION_FLAG_NO_AGREEMENT: (
        "There is no agreement: only the minimum went, and somebody reviews it within one working day."
    ),
    decision_pb2.DECISION_FLAG_SUPPLEMENTARY: "It follows an earlier release of the same exchange.",
    decision_pb2.DECISION_FLAG_AGREEMENT_EXPIRED: "The agreement has expired.",
    decision_pb2.DECISION_FLAG_PROTECTIVE_HELD: (
        "Something that keeps people safe waits, although nothing permits it yet. The owner of the agreement "
        "was told."
    ),
    decision_pb2.DECISION_FLAG_FACT_IGNORED: (
        "A fact was stated by somebody who may not state it, and counted for nothing."
    ),
    decision_pb2.DECISION_FLAG_URGENT: (
        "It could not wait: it went without what is usually asked for first, and is reviewed afterwards."
    ),
}
_DEFAULT: Final = "Nothing permits it: what no rule and no agreement lets go stays where it is."


@dataclass(frozen=True, slots=True)
class Why:
    """A rule or clause, and what it says.

    Attributes:
        what: categories that it bears on, in words; empty for the whole.
        reason: in plain English.
        rule: its id; empty where nobody may be told.
        paragraph: what it rests on.
        fields: of the document, in words.
        waits_for: what a hold waits for, and of whom.
        hold_id: of that hold.
    """

    what: str
    reason: str
    rule: str = ""
    paragraph: str = ""
    fields: tuple[str, ...] = ()
    waits_for: str = ""
    hold_id: str = ""


@dataclass(frozen=True, slots=True)
class Reasons:
    """Why a decision is as it is.

    Attributes:
        whole: why all of it waits or is refused.
        withheld: what was not released.
        held: what waits.
        instead: what to do instead.
        clause: agreement, version and clause that it went by.
        notes: what is remarkable.
        rules: every rule that fired: what it did.
    """

    whole: Why | None
    withheld: tuple[Why, ...]
    held: tuple[Why, ...]
    instead: str
    clause: str
    notes: tuple[str, ...]
    rules: tuple[tuple[str, Why], ...]


def read_reasons(decision: Decision) -> Reasons:
    """The reasons of a decision, in plain words."""
    return Reasons(
        whole=_why(decision.reason) if decision.HasField("reason") else None,
        withheld=tuple(_withheld(decision)),
        held=tuple(_held(each) for each in decision.held),
        instead=_instead(decision),
        clause=_clause(decision),
        notes=tuple(_FLAGS[flag] for flag in decision.flags if flag in _FLAGS),
        rules=tuple((_EFFECTS.get(each.effect, code(each.effect)), _why(each)) for each in decision.rules),
    )


def field_words(path: str) -> str:
    """A leaf's place in a document, in words: `subject, name, family`."""
    bare = _LABEL.sub("", path.partition("#")[0].removeprefix("document."))
    words = ", ".join(plain(part).lower() for part in bare.split("."))
    return f"{words} (coarser)" if "#" in path else words


def fields_of(paths: Iterable[str]) -> tuple[str, ...]:
    """The places of leaves of the document in words, each once, sorted."""
    return tuple(sorted({field_words(path) for path in paths if path.startswith("document.")}))


def _withheld(decision: Decision) -> Iterable[Why]:
    """Each rule once, with all that it withheld."""
    grouped: dict[tuple[str, str, str], list[decision_pb2.Withheld]] = {}
    for each in decision.withheld:
        key = (each.rule.rule, each.rule.paragraph, each.rule.reason)
        grouped.setdefault(key, []).append(each)
    for items in grouped.values():
        paths = [path for each in items for path in each.paths]
        yield _why(items[0].rule, [each.category for each in items], paths)


def _held(held: Held) -> Why:
    why = _why(held.rule, held.categories, held.paths)
    owner = organisation(held.organisation) if held.organisation else "nobody that the directory lists"
    return Why(
        what=why.what or "all of it",
        reason=why.reason,
        rule=why.rule,
        paragraph=why.paragraph,
        fields=why.fields,
        waits_for=f"{code(held.prerequisite)}, by {owner}",
        hold_id=held.hold_id,
    )


def _why(rule: RuleReference, categories: Sequence[str] = (), paths: Sequence[str] = ()) -> Why:
    return Why(
        what=categories_words(categories),
        reason=rule.reason or _DEFAULT,
        rule=rule.rule,
        paragraph=rule.paragraph,
        fields=fields_of(paths),
    )


def _instead(decision: Decision) -> str:
    if not decision.HasField("instead"):
        return ""
    what = (
        document(decision.instead.document_type)
        if decision.instead.document_type
        else decision.instead.workflow
    )
    return f"{what}: {decision.instead.explanation}" if what else decision.instead.explanation


def _clause(decision: Decision) -> str:
    if not decision.HasField("agreement") or not decision.agreement.agreement:
        return ""
    used = decision.agreement
    return f"Agreement {used.agreement}, version {used.version}" + (
        f", clause {used.clause}" if used.clause else ""
    )
