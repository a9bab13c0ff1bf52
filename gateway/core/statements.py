"""Step 9: what the sender must state: purpose, necessity, and a provenance that fits the document."""

from collections.abc import Iterator

from gateway.core.flow import DOCUMENT, Flow, Stop, refuse
from services.kit.evidence.paths import covers


def check_statements(flow: Flow) -> Iterator[Stop]:
    """Sharing states what it is for and why it is needed (MAPPA 9.4, 9.8).

    A provenance entry that fits no part of the document would leave somebody else's information to look like
    the sender's own, so it is refused rather than passed over (22.20).
    """
    if not flow.submission.purpose:
        yield refuse(flow.gates.no_purpose)
    if not flow.header.necessity.strip():
        yield refuse(flow.gates.no_necessity)
    if not all(_fits(flow, each.prefix) for each in flow.header.provenance):
        yield refuse(flow.gates.no_provenance)


def _fits(flow: Flow, prefix: str) -> bool:
    return prefix.startswith(DOCUMENT) and any(covers(prefix, leaf.path) for leaf in flow.submission.leaves)
