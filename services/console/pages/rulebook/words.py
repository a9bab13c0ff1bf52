"""What kinds of entries and effects of rules are called on pages."""

import re
from typing import Final

from publicprotection.oversight.v1 import rulebook_service_pb2 as pb2

from services.console.words import document

KINDS: Final[dict[pb2.EntryKind.ValueType, tuple[str, str, str]]] = {
    pb2.ENTRY_KIND_RULE: ("rules", "Rule", "Rules"),
    pb2.ENTRY_KIND_CHECK: ("checks", "Built-in check", "Built-in checks"),
    pb2.ENTRY_KIND_PREREQUISITE: ("prerequisites", "Prerequisite", "Prerequisites"),
    pb2.ENTRY_KIND_TIME_LIMIT: ("time-limits", "Time limit", "Time limits"),
    pb2.ENTRY_KIND_NEED: ("needs", "What a document is needed for", "Needs"),
    pb2.ENTRY_KIND_LAWFUL_BASIS: ("bases", "Lawful basis", "Lawful bases"),
    pb2.ENTRY_KIND_PROTECTIVE: ("protective", "Protective category", "Protective categories"),
    pb2.ENTRY_KIND_BREACH_DUTY: ("breach-duties", "Duty after a breach", "Duties after a breach"),
    pb2.ENTRY_KIND_BREACH_STEP: ("breach-steps", "Step about a breach", "Steps about a breach"),
    pb2.ENTRY_KIND_CONTRADICTION: ("contradictions", "Settled contradiction", "Settled contradictions"),
}
"""By kind: its name in addresses, one of them, and all of them."""

NAMES: Final = {name: kind for kind, (name, _, _) in KINDS.items()}

EFFECTS: Final = {
    "REFUSE": ("Refuses", "red"),
    "HOLD": ("Holds", "yellow"),
    "WITHHOLD": ("Withholds", "orange"),
    "GENERALISE": ("Makes coarser", "turquoise"),
    "MASK": ("Masks", "turquoise"),
    "LIMIT": ("Limits use", "blue"),
    "FLAG": ("Flags", "purple"),
    "RELEASE": ("Lets go", "green"),
}
"""By effect: what a rule does, and the colour of its tag."""


_TYPE: Final = re.compile(r"\b(?:[A-Z][a-z]+){2,}\b")


def plainly(text: str) -> str:
    """A sentence with types of documents in plain words: `RestrictionNotice` becomes `restriction notice`."""
    return _TYPE.sub(lambda found: document(found[0]).lower(), text)


def one_of(kind: pb2.EntryKind.ValueType) -> str:
    """What one entry of a kind is called."""
    return KINDS[kind][1]


def name_of(kind: pb2.EntryKind.ValueType) -> str:
    """Its name in addresses."""
    return KINDS[kind][0]
