"""Whoever is suspended gets nothing, whatever the case: over every vector of the decision."""

from dataclasses import replace

import pytest

from gateway.core.decide import decide
from gateway.core.model import Outcome
from tests.support.core_world import VECTORS, vector

CASES = sorted(path.stem for path in VECTORS.glob("*.yaml"))


@pytest.mark.parametrize("name", CASES)
def test_a_suspended_recipient_gets_nothing_whatever_else_permits_it(name: str) -> None:
    read = vector(name)
    sender = read.case.header.sender.organisation
    for ruling in decide(read.case, read.world):
        to = ruling.recipient.organisation
        stopped = tuple(
            each.model_copy(update={"suspended": (to,)}) if each.binds(sender, to) else each
            for each in read.world.agreements
        )
        bound = any(each.binds(sender, to) for each in stopped)
        again = decide(read.case, replace(read.world, agreements=stopped))
        found = next(each for each in again if each.recipient == ruling.recipient)
        if bound:
            assert found.outcome is Outcome.REFUSED
            assert not found.released
            assert not found.held
        else:
            assert found.outcome is ruling.outcome
