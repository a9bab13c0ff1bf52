"""Step 9: what the sender must state: purpose, necessity, and a provenance that fits the document."""

from collections.abc import Iterator

from gateway.core.flow import DOCUMENT, Flow, Stop, refuse
from gateway.core.owners import contradicted, stated_owners


def check_statements(flow: Flow) -> Iterator[Stop]:
    """Sharing states what it is for and why it is needed (MAPPA 9.4, 9.8).

    A provenance entry that fits no part of the document would leave somebody else's information to look like
    the sender's own, and one with two owners like whichever suits, so both are refused (22.20).
    """
    if not flow.submission.purpose:
        yield refuse(flow.gates.no_purpose)
    if not flow.header.necessity.strip():
        yield refuse(flow.gates.no_necessity)
    if not _is_clear(flow):
        yield refuse(flow.gates.no_provenance)


def _is_clear(flow: Flow) -> bool:
    """Whether each entry names a part of the document, and no part has two owners."""
    entries = {(each.prefix, each.owner) for each in flow.header.provenance}
    prefixes = {prefix for prefix, _ in entries}
    fits = all(each.startswith(DOCUMENT) and each in flow.submission.parts for each in prefixes)
    case = flow.submission.case
    stated = stated_owners(case.document, case.leaves) if entries else {}
    return fits and len(prefixes) == len(entries) and not contradicted(case.header, stated)
