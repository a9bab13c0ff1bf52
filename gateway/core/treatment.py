"""What becomes of one leaf. Each step may only lower it: release, mask, generalise, hold, withhold."""

from collections.abc import Callable, Collection, Iterable
from functools import reduce
from typing import NamedTuple

from gateway.core.flow import Firing, Leaf, least
from gateway.core.model import Effect, FiredRule, Tell
from gateway.core.rulebook_model import Telling

_DEFAULT = Telling()
_RANK = (Effect.RELEASE, Effect.MASK, Effect.GENERALISE, Effect.HOLD, Effect.WITHHOLD)


class Treatment(NamedTuple):
    """A leaf, what becomes of it, and by which rule.

    Attributes:
        function: the generalisation, where the effect is GENERALISE.
        prerequisite: what is waited for, where the effect is HOLD.
        by_floor: released because the minimum set may go, not because a clause covers it.
    """

    leaf: Leaf
    effect: Effect
    rule: FiredRule | None = None
    telling: Telling = _DEFAULT
    function: str = ""
    prerequisite: str = ""
    by_floor: bool = False

    def lower(self, effect: Effect, rule: FiredRule, telling: Telling, prerequisite: str = "") -> "Treatment":
        """The same leaf held or withheld. What is lower stays; of two that withhold, the quieter tells."""
        if _RANK.index(effect) < _RANK.index(self.effect):
            return self
        if self.rule is not None and effect is self.effect:
            telling = _quieter(self.telling, telling)
        return self._replace(
            effect=effect, rule=rule, telling=telling, prerequisite=prerequisite, function=""
        )

    def generalise(self, function: str, firing: FiredRule | None) -> "Treatment":
        """The same leaf in a coarser form."""
        return self._replace(effect=Effect.GENERALISE, rule=firing, function=function)


_RELEASED = (Effect.RELEASE, None, _DEFAULT, "", "", False)


def released(leaf: Leaf) -> Treatment:
    """A leaf that goes as it stands; as `Treatment(leaf, RELEASE)`, made quickly: most leaves by far do."""
    return tuple.__new__(Treatment, (leaf, *_RELEASED))


def treat_each(
    treatments: Iterable[Treatment],
    categories: Iterable[str],
    rules: Collection[Firing],
    names: Callable[[Firing, str], bool],
    treat: Callable[[Treatment, Firing], Treatment],
) -> tuple[Treatment, ...]:
    """Each leaf as the rules that name its category leave it, in their order.

    Args:
        treatments: as they stand.
        categories: of these leaves.
        rules: those that may change something.
        names: whether a rule is about a category.
        treat: what a rule makes of a leaf.
    """
    naming = {name: [each for each in rules if names(each, name)] for name in categories} if rules else {}
    if not any(naming.values()):
        return tuple(treatments)
    return tuple([reduce(treat, naming[each.leaf.kind.category], each) for each in treatments])


def withhold(treatment: Treatment, firing: Firing) -> Treatment:
    """Withheld by a rule of the rulebook."""
    return treatment.lower(Effect.WITHHOLD, firing.fired, firing.rule.tell)


def _quieter(first: Telling, second: Telling) -> Telling:
    sender: Tell = least(first.sender, second.sender)
    recipient: Tell = least(first.recipient, second.recipient)
    return Telling(sender=sender, recipient=recipient, citation=first.citation or second.citation or "both")
