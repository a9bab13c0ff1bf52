"""Step 11, last: a filter that reads nothing from agreements and can only remove.

What is prohibited is withheld, not held: no prerequisite could ever release it.
"""

from collections.abc import Iterable
from functools import partial

from gateway.core.flow import Firing, Flow
from gateway.core.treatment import Treatment, treat_each, withhold


def prohibit(flow: Flow, treatments: Iterable[Treatment]) -> tuple[Treatment, ...]:
    """Removes whatever a prohibition covers."""
    firing = [each for each in flow.firing if each.rule.prohibition]
    return treat_each(treatments, flow.submission.categories, firing, _removes, partial(_prohibit, flow))


def _prohibit(flow: Flow, treatment: Treatment, firing: Firing) -> Treatment:
    return withhold(treatment, firing) if flow.looks_at(firing.rule, treatment.leaf) else treatment


def _removes(firing: Firing, category: str) -> bool:
    if firing.rule.permit_only is not None:
        return category not in firing.rule.permit_only
    return category in firing.rule.withhold
