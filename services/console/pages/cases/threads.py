"""Exchanges as the conversations that they are: what answers what, oldest first within each."""

from collections.abc import Iterable
from dataclasses import dataclass

from publicprotection.oversight.v1.register_service_pb2 import RegisteredExchange


@dataclass(frozen=True, slots=True)
class Thread:
    """Exchanges that answer each other.

    Attributes:
        id: of the thread: that of its first exchange.
        exchanges: in the order in which they were decided.
    """

    id: str
    exchanges: tuple[RegisteredExchange, ...]

    @property
    def continues(self) -> bool:
        """Whether it began with an exchange that is not among these."""
        return self.first.exchange_id != self.id

    @property
    def first(self) -> RegisteredExchange:
        """The oldest of them."""
        return self.exchanges[0]

    @property
    def last(self) -> RegisteredExchange:
        """The newest."""
        return self.exchanges[-1]


def group_threads(exchanges: Iterable[RegisteredExchange]) -> list[Thread]:
    """The threads of these exchanges, that with the newest exchange first."""
    grouped: dict[str, list[RegisteredExchange]] = {}
    for exchange in exchanges:
        grouped.setdefault(exchange.thread or exchange.exchange_id, []).append(exchange)
    threads = [Thread(name, tuple(sorted(each, key=_moment))) for name, each in grouped.items()]
    return sorted(threads, key=lambda thread: _moment(thread.last), reverse=True)


def _moment(exchange: RegisteredExchange) -> tuple[int, int]:
    return exchange.decided_at.ToNanoseconds(), exchange.position
