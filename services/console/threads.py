"""Exchanges as the conversations that they are: what answers what, oldest first within each."""

from collections.abc import Iterable
from dataclasses import dataclass

from publicprotection.oversight.v1.register_service_pb2 import RegisteredExchange


@dataclass(frozen=True, slots=True)
class Thread:
    """Exchanges that answer each other.

    Attributes:
        exchanges: in the order in which they were decided.
        continues: whether the first answers one that is not among those given.
    """

    exchanges: tuple[RegisteredExchange, ...]
    continues: bool

    @property
    def first(self) -> RegisteredExchange:
        """The one that began it, as far as is known here."""
        return self.exchanges[0]

    @property
    def last(self) -> RegisteredExchange:
        """The newest."""
        return self.exchanges[-1]


def group_threads(exchanges: Iterable[RegisteredExchange]) -> list[Thread]:
    """The threads of these exchanges, that with the newest exchange first."""
    known = {exchange.exchange_id: exchange for exchange in exchanges}
    rooted: dict[str, list[RegisteredExchange]] = {}
    for exchange in known.values():
        rooted.setdefault(_find_root(exchange, known).exchange_id, []).append(exchange)
    threads = [_make_thread(each) for each in rooted.values()]
    return sorted(threads, key=lambda thread: _moment(thread.last), reverse=True)


def _find_root(exchange: RegisteredExchange, known: dict[str, RegisteredExchange]) -> RegisteredExchange:
    """Follows what it answers; stops where that is not known, and where somebody made a ring of answers."""
    passed = {exchange.exchange_id}
    while (answered := known.get(exchange.in_reply_to)) and answered.exchange_id not in passed:
        passed.add(answered.exchange_id)
        exchange = answered
    return exchange


def _make_thread(exchanges: Iterable[RegisteredExchange]) -> Thread:
    ordered = tuple(sorted(exchanges, key=_moment))
    return Thread(ordered, continues=bool(ordered[0].in_reply_to))


def _moment(exchange: RegisteredExchange) -> tuple[int, int]:
    return exchange.decided_at.ToNanoseconds(), exchange.position
