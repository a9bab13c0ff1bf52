"""The decision of a notice without free text: in all, and by step."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import wraps
from importlib import import_module
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any, Final
from unittest.mock import patch

from gateway.adapters.files import read_agreements, read_directory, read_rulebook
from gateway.core import effects, flow, needs, owners, prohibitions
from gateway.core.conditions import Condition
from gateway.core.decide import decide
from gateway.core.directory import index_directory
from gateway.core.flow import Flow
from gateway.core.model import Case, Outcome
from gateway.core.world import World
from tests.bench.measure import Times, time_calls
from tests.bench.workload import make_case

_DECIDE: Final = import_module("gateway.core.decide")
_ROOT: Final = Path(__file__).resolve().parents[2]
_RUNS: Final = 1_000
_STEPS: Final[tuple[tuple[str, Any, str], ...]] = (
    ("parties, owners, facts", _DECIDE, "prepare"),
    ("standing, release kind", _DECIDE, "check_standing"),
    ("standing, release kind", _DECIDE, "check_release_kind"),
    ("lawful basis, conditions for data", _DECIDE, "covering_bases"),
    ("lawful basis, conditions for data", _DECIDE, "check_basis"),
    ("lawful basis, conditions for data", _DECIDE, "check_conditions"),
    ("agreement", _DECIDE, "find_cover"),
    ("agreement", _DECIDE, "check_agreement"),
    ("marking", _DECIDE, "check_marking"),
    ("which rules fire", Flow, "_firing"),
    ("conditions in CEL", Condition, "evaluate"),
    ("statements", _DECIDE, "check_statements"),
    ("kinds and owners of leaves", flow, "_read_leaves"),
    ("needs", needs, "needed_by"),
    ("needs", needs, "limit"),
    ("owners", owners, "wait_for_owners"),
    ("effects", effects, "apply_rules"),
    ("effects", effects, "derive_values"),
    ("prohibitions", prohibitions, "prohibit"),
    ("the ruling, header leaves", _DECIDE, "released"),
)


def measure_decision() -> tuple[Times, dict[str, float]]:
    """The whole, and each step's own median microseconds, what it calls of the others left out."""
    world, case = _world(), make_case()
    if [ruling.outcome for ruling in decide(case, world)] != [Outcome.RELEASED]:
        raise AssertionError("the workload is not released: the agreements or the rulebook have changed")
    return time_calls(lambda: decide(case, world)), _split(case, world)


def _world() -> World:
    directory = read_directory(_ROOT / "deploy" / "directory" / "organisations.yaml")
    return World(
        index_directory(directory), read_agreements(_ROOT / "deploy" / "agreements"), read_rulebook()
    )


def _split(case: Case, world: World) -> dict[str, float]:
    totals: dict[str, list[float]] = {name: [] for name, _, _ in _STEPS}
    watch = _Watch()
    with watch.on_steps():
        for _ in range(_RUNS):
            watch.spent = {}
            decide(case, world)
            for name, values in totals.items():
                values.append(watch.spent.get(name, 0.0))
    return {name: median(values) * 1e6 for name, values in totals.items()}


class _Watch:
    """Times steps within steps; each step's own time only."""

    def __init__(self) -> None:
        self.spent: dict[str, float] = {}
        self._inner: list[float] = []

    @contextmanager
    def on_steps(self) -> Iterator[None]:
        """Puts the watch on every step."""
        with ExitStack() as stack:
            for name, owner, attribute in _STEPS:
                timed = self._timed(name, getattr(owner, attribute))
                stack.enter_context(patch.object(owner, attribute, timed))
            yield

    def _timed(self, name: str, step: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(step)
        def timed(*args: Any) -> Any:
            self._inner.append(0.0)
            begun = perf_counter()
            found = step(*args)
            result = list(found) if isinstance(found, Iterator) else found  # a check runs as it is read
            taken = perf_counter() - begun
            self.spent[name] = self.spent.get(name, 0.0) + taken - self._inner.pop()
            if self._inner:
                self._inner[-1] += taken
            return result

        return timed
