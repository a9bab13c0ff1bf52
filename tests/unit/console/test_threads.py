from hypothesis import given
from hypothesis import strategies as st
from publicprotection.oversight.v1.register_service_pb2 import RegisteredExchange

from services.console.pages.cases.threads import group_threads


def exchange(name: str, thread: str = "", at: int = 0) -> RegisteredExchange:
    made = RegisteredExchange(exchange_id=name, thread=thread, position=at)
    made.decided_at.FromSeconds(at)
    return made


def test_what_answers_each_other_is_one_thread_and_the_newest_comes_first() -> None:
    old = [exchange("ask", "ask", 1), exchange("answer", "ask", 5)]
    new = [exchange("more", "notice", 10), exchange("notice", "notice", 3), exchange("reply", "notice", 9)]
    first, second = group_threads([*old, *new])
    assert [each.exchange_id for each in first.exchanges] == ["notice", "reply", "more"]
    assert [each.exchange_id for each in second.exchanges] == ["ask", "answer"]
    assert not first.continues


def test_a_thread_whose_beginning_is_elsewhere_says_so() -> None:
    [thread] = group_threads([exchange("answer", "ask")])
    assert thread.continues


NAMES = st.sampled_from([f"e{number}" for number in range(8)])


@given(st.dictionaries(NAMES, NAMES | st.just(""), max_size=8))
def test_each_exchange_is_in_one_thread(threads: dict[str, str]) -> None:
    made = [exchange(name, thread, at) for at, (name, thread) in enumerate(threads.items())]
    shown = [each.exchange_id for thread in group_threads(made) for each in thread.exchanges]
    assert sorted(shown) == sorted(threads)
