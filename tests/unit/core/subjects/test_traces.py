"""By what people may be known again, and by what they must not be."""

import pytest

from gateway.core.freetext.model import PartyNames
from gateway.core.subjects.matching import Basis, basis_of
from gateway.core.subjects.people import Birth, GivenName, StatedPerson
from gateway.core.subjects.traces import TraceKind, traces_of, traces_of_name

BORN = Birth(1984, 3, 9)


def common(one: GivenName, other: GivenName, born: Birth = BORN, also: Birth = BORN) -> Basis | None:
    shared = traces_of_name(one, born) & traces_of_name(other, also)
    return basis_of(trace.kind for trace in shared)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("Callum", "Fenwick-Marr"), ("callum rhys", "FENWICK MARR")),
        (("Zo\u00eb", "O'Dwyer"), ("Zoe", "ODwyer")),
        (("Ana", "D\u2019Souza"), ("ANA", "d'souza")),
    ],
)
def test_the_same_name_however_written(one: tuple[str, str], other: tuple[str, str]) -> None:
    assert common(GivenName(*one), GivenName(*other)) is Basis.NAME_AND_BIRTH


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Catherall", "Katheral"),
        ("Philpotts", "Filpots"),
        ("Macauley", "McAuley"),
        ("Fenwick-Marr", "Marr"),
    ],
)
def test_what_sounds_alike(one: str, other: str) -> None:
    assert common(GivenName("Cal", one), GivenName("Callum", other)) is Basis.SOUND_AND_YEAR


def test_births_in_the_same_ten_years_are_the_weakest_likeness() -> None:
    one, other = GivenName("Cal", "Marr"), GivenName("Callum", "Mar")
    assert common(one, other, Birth(1984, 3, 9), Birth(1988)) is Basis.SOUND_AND_DECADE
    assert common(one, other, Birth(1984, 3, 9), Birth(1990)) is None


@pytest.mark.parametrize("other", ["Branwhite", "Oakenshaw", "Holloway"])
def test_other_names_have_nothing_in_common(other: str) -> None:
    assert common(GivenName("Cal", "Fenwick-Marr"), GivenName("Cal", other)) is None


def test_another_initial_is_another_person() -> None:
    assert common(GivenName("Cal", "Marr"), GivenName("Rhys", "Marr")) is None


def test_a_name_in_another_script_stands_for_itself() -> None:
    name = GivenName("\u0421\u043e\u0444\u0438\u044f", "\u041a\u043e\u0432\u0430\u043b\u044c")
    assert common(name, name) is Basis.NAME_AND_BIRTH
    assert common(name, GivenName("\u0421\u0430\u0448\u0430", name.family)) is Basis.SOUND_AND_YEAR


def person(birth: Birth | None) -> StatedPerson:
    names = (GivenName("Cal", "Marr"),)
    return StatedPerson("SUBJECT", True, (), names, birth, PartyNames("Cal Marr"), "kent-police")  # noqa: FBT003


def test_without_a_birth_there_is_no_trace() -> None:
    assert traces_of(person(None)) == frozenset()


def test_a_year_alone_gives_no_name_with_a_birth_and_no_birthday() -> None:
    kinds = {trace.kind for trace in traces_of(person(Birth(1984)))}
    assert kinds == {TraceKind.SOUND_AND_YEAR, TraceKind.SOUND_AND_DECADE}


def test_a_birthday_alone_finds_nobody() -> None:
    assert TraceKind.BIRTH in {trace.kind for trace in traces_of(person(BORN))}
    assert TraceKind.BIRTH not in {trace.kind for trace in traces_of_name(GivenName("Cal", "Marr"), BORN)}
    assert basis_of([TraceKind.BIRTH]) is None
