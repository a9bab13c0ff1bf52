from hypothesis import given
from hypothesis import strategies as st
from publicprotection.oversight.v1.register_service_pb2 import RegisteredExchange

from services.console.threads import group_threads


def exchange(name: str, answers: str = "", at: int = 0) -> RegisteredExchange:
    made = RegisteredExchange(exchange_id=name, in_reply_to=answers, position=at)
    made.decided_at.FromSeconds(at)
    return made


def test_what_answers_each_other_is_one_thread_and_the_newest_comes_first() -> None:
    old = [exchange("ask", at=1), exchange("answer", "ask", 5)]
    new = [exchange("notice", at=3), exchange("reply", "notice", 9), exchange("more", "reply", 10)]
    first, second = group_threads([*old, *new])
    assert [each.exchange_id for each in first.exchanges] == ["notice", "reply", "more"]
    assert [each.exchange_id for each in second.exchanges] == ["ask", "answer"]
    assert not first.continues


def test_a_thread_whose_beginning_is_elsewhere_says_so() -> None:
    [thread] = group_threads([exchange("answer", "unknown")])
    assert thread.continues


NAMES = st.sampled_from([f"e{number}" for number in range(8)])


@given(st.dictionaries(NAMES, NAMES | st.just("") | st.just("elsewhere"), max_size=8))
def test_each_exchange_is_in_one_thread_whatever_answers_what(answers: dict[str, str]) -> None:
    made = [exchange(name, answered, at) for at, (name, answered) in enumerate(answers.items())]
    shown = [each.exchange_id for thread in group_threads(made) for each in thread.exchanges]
    assert sorted(shown) == sorted(answers)
