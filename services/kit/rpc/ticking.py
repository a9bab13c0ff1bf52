"""Answers on a fixed tick: how long a look-up took does not tell what it found (docs/adr/0020).

It is the second half of hiding that something exists. The first is that whoever looks makes the same calls to
the store in the same order, whether there is nothing, or nothing for this caller.
"""

import asyncio
from collections.abc import Awaitable
from dataclasses import dataclass
from math import floor
from typing import TypeVar

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class FixedTick:
    """Holds answers, refusals among them, until whole ticks have passed since the call came.

    Attributes:
        methods: those whose time would tell something, `/package.Service/Method`; others answer at once.
        tick_s: longer than these methods take unless the machine is overloaded.
    """

    methods: frozenset[str]
    tick_s: float

    async def answer(self, method: str, work: Awaitable[_T]) -> _T:
        """The answer, or what was raised in its place, at the next tick. Cancelling waits for nothing."""
        if method not in self.methods:
            return await work
        clock = asyncio.get_running_loop().time
        began = clock()
        try:
            answer = await work
        except Exception:
            await self._wait(clock() - began)
            raise
        await self._wait(clock() - began)
        return answer

    async def _wait(self, elapsed_s: float) -> None:
        ticks = floor(elapsed_s / self.tick_s) + 1
        await asyncio.sleep(ticks * self.tick_s - elapsed_s)
