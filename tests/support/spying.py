"""Who calls what of the store, in which order: for what is to be the same whatever exists."""

import inspect
from collections.abc import Sequence
from typing import Any

import pytest


class Spy:
    """Notes each call of some classes' public methods, as `Class.method`, while it is on."""

    def __init__(
        self, patch: pytest.MonkeyPatch, classes: Sequence[type], without: Sequence[str] = ()
    ) -> None:
        self._calls: list[str] = []
        for each in classes:
            for name, method in list(vars(each).items()):
                hidden = name.startswith("_") or f"{each.__name__}.{name}" in without
                if inspect.iscoroutinefunction(method) and not hidden:
                    patch.setattr(each, name, self._wrap(f"{each.__name__}.{name}", method))

    def take(self) -> list[str]:
        """The calls since the last time."""
        taken, self._calls = self._calls, []
        return taken

    def _wrap(self, name: str, method: Any) -> Any:
        async def call(*arguments: Any, **named: Any) -> Any:
            self._calls.append(name)
            return await method(*arguments, **named)

        return call
