"""A thread with an event loop, for what the kit offers as coroutines."""

import asyncio
from collections.abc import Coroutine
from concurrent.futures import TimeoutError as FutureTimeoutError
from threading import Thread
from typing import Any, Final, TypeVar

_Result = TypeVar("_Result")
_STOP_S: Final = 5


class Background:
    """Runs coroutines for threads that have no loop. Lasts until `close`."""

    def __init__(self) -> None:
        self._loop: Final = asyncio.new_event_loop()
        self._thread: Final = Thread(target=self._loop.run_forever, name="background", daemon=True)
        self._thread.start()

    def run(self, coroutine: Coroutine[Any, Any, _Result], timeout_s: float = 15) -> _Result:
        """The result of a coroutine; TimeoutError if there is none in time."""
        future = asyncio.run_coroutine_threadsafe(coroutine, self._loop)
        try:
            return future.result(timeout_s)
        except FutureTimeoutError:
            future.cancel()
            raise

    def close(self) -> None:
        """Ends the thread."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(_STOP_S)
        self._loop.close()
