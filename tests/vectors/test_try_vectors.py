"""What a try says agrees with what was decided of each case of the vectors, where a try has words for it."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.core.cases import ReadCase, read_case
from gateway.core.decide import decide
from gateway.core.model import Desk, Ruling
from gateway.core.trying.parts import Treated, fates_of
from gateway.core.trying.trying import Tried, try_exchange
from services.kit.evidence.paths import shape_of
from tests.support.core_world import VECTORS, demo_world
from tests.support.trying import supposed_of, truths

FILES = sorted(VECTORS.rglob("*.yaml"))
_STRAY = "GATEWAY-PROVENANCE"
"""A provenance that fits no part of the document: a try states none that does not."""
_GOING = frozenset({Treated.RELEASED, Treated.GENERALISED})

Fates = dict[str, set[tuple[bool, str, str]]]


def asked(read: ReadCase) -> Iterator[tuple[Desk, Ruling, Tried]]:
    """Each recipient with what was decided, and what came of trying it with nothing of the values said."""
    for ruling in decide(read.case, read.world):
        supposed = supposed_of(read, ruling.recipient)
        if supposed is not None and not (ruling.reason and ruling.reason.rule == _STRAY):
            yield ruling.recipient, ruling, try_exchange(supposed, read.world, read.case.at)


def read(file: Path) -> ReadCase:
    return read_case(file.name, file.read_text(encoding="utf-8"), demo_world())


def fates(ruling: Ruling) -> Fates:
    """By path without labels: whether it goes, what it waits for, and what keeps it."""
    found: Fates = {}
    for path, fate in fates_of(ruling).items():
        goes = fate.treated in _GOING
        kept = "" if goes else fate.treated.value
        found.setdefault(shape_of(path), set()).add((goes, fate.prerequisite, kept))
    return found


def going(ruling: Ruling) -> set[str]:
    return {path for path, some in fates(ruling).items() if any(goes for goes, _, _ in some)}


@pytest.mark.parametrize("file", FILES, ids=lambda each: each.stem)
def test_a_try_of_the_same_shape_comes_to_the_same(file: Path) -> None:
    case = read(file)
    for recipient, ruling, tried in asked(case):
        real = truths(case.case, case.world, recipient)
        so = {circumstance.id: real[circumstance.id] for circumstance, _ in tried.alone}
        same = try_exchange(replace(tried.supposed, circumstances=so), case.world, case.case.at)
        assert same.ruling.outcome is ruling.outcome, recipient
        assert fates(same.ruling) == fates(ruling), recipient


@pytest.mark.parametrize("file", FILES, ids=lambda each: each.stem)
def test_what_was_decided_lies_between_the_best_and_the_worst_of_a_try(file: Path) -> None:
    for recipient, ruling, tried in asked(read(file)):
        assert going(tried.worst) <= going(ruling) <= going(tried.ruling), recipient


def test_most_cases_can_be_tried() -> None:
    """The two above would pass if a try had words for none."""
    tried = sum(any(True for _ in asked(read(file))) for file in FILES)
    assert tried > 0.8 * len(FILES)
