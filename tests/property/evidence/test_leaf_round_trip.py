import math
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from services.kit.evidence.leaves import flatten, labels, unflatten
from services.kit.evidence.paths import is_path, parse_path, shape_of
from tests.support.specimen import Dice, Specimen

INT32 = st.integers(-(2**31), 2**31 - 1)
INT64 = st.integers(-(2**63), 2**63 - 1)
UINT32 = st.integers(0, 2**32 - 1)
UINT64 = st.integers(0, 2**64 - 1)
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
COLOURS = st.one_of(st.integers(0, 2), INT32)
DATES = st.one_of(
    st.just({}),
    st.builds(lambda day: {"year": day.year}, st.dates()),
    st.builds(lambda day: {"year": day.year, "month": day.month}, st.dates()),
    st.builds(lambda day: {"year": day.year, "month": day.month, "day": day.day}, st.dates()),
)
STAMPS = st.fixed_dictionaries(
    {}, optional={"seconds": st.integers(-62135596800, 253402300799), "nanos": st.integers(0, 999_999_999)}
)
LENGTHS = st.one_of(
    st.builds(lambda s, n: {"seconds": s, "nanos": n}, st.integers(0, 10**9), st.integers(0, 999_999_999)),
    st.builds(lambda s, n: {"seconds": -s, "nanos": -n}, st.integers(0, 10**9), st.integers(0, 999_999_999)),
)
SCALARS: dict[str, st.SearchStrategy[Any]] = {
    "text": TEXT,
    "flag": st.booleans(),
    "small": INT32,
    "large": INT64,
    "natural": UINT32,
    "large_natural": UINT64,
    # The leaf form has one NaN; the other bit patterns come back as that one.
    "single": st.floats(width=32, allow_nan=False) | st.just(math.nan),
    "number": st.floats(allow_nan=False) | st.just(math.nan),
    "data": st.binary(max_size=12),
    "colour": COLOURS,
    "at": STAMPS,
    "lasting": LENGTHS,
    "born": DATES,
    "implicit_text": TEXT,
    "implicit_small": INT32,
    "words": st.lists(TEXT, max_size=4),
    "colours": st.lists(COLOURS, max_size=3),
    "dates": st.lists(DATES, max_size=3),
    "labels": st.dictionaries(TEXT, TEXT, max_size=3),
    "by_flag": st.dictionaries(st.booleans(), COLOURS),
    "zigzag": INT64,
    "fixed": UINT32,
}


def _nested(below: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
    several = {
        "child": below,
        "children": st.lists(below, max_size=3),
        "by_number": st.dictionaries(INT64, below, max_size=2),
    }
    choice = st.one_of(
        st.just({}), st.fixed_dictionaries({"first": TEXT}), st.fixed_dictionaries({"second": below})
    )
    rest = st.fixed_dictionaries({}, optional={**SCALARS, **several})
    return st.builds(lambda members, chosen: {**members, **chosen}, rest, choice)


TREES = st.recursive(st.fixed_dictionaries({}, optional=SCALARS), _nested, max_leaves=5)


def _build(tree: dict[str, Any]) -> Any:
    message = Specimen()
    for name, value in tree.items():
        field = message.DESCRIPTOR.fields_by_name[name]
        if name == "by_number":
            for key, below in value.items():
                message.by_number[key].CopyFrom(_build(below))
        elif (
            field.message_type is not None
            and not isinstance(value, list)
            and name not in ("labels", "by_flag")
        ):
            target = getattr(message, name)
            target.SetInParent()
            target.CopyFrom(
                _build(value) if field.message_type == message.DESCRIPTOR else type(target)(**value)
            )
        elif name == "children":
            message.children.extend(_build(below) for below in value)
        elif isinstance(value, list):
            container = getattr(message, name)
            container.extend(value) if field.message_type is None else [container.add(**one) for one in value]
        elif isinstance(value, dict):
            getattr(message, name).update(value)
        else:
            setattr(message, name, value)
    return message


SPECIMENS = TREES.map(_build)


def _ordinals(leaves: dict[str, Any]) -> dict[str, Any]:
    """The leaves with each label replaced by its position in its list: equal for equal messages."""
    lists: dict[str, set[str]] = {}
    for path in leaves:
        for start, end in _labels(path):
            lists.setdefault(path[:start], set()).add(path[start:end])
    places = {
        before + label: f"{position}"
        for before, found in lists.items()
        for position, label in enumerate(sorted(found))
    }
    return {_renumber(path, places): repr(value) for path, value in leaves.items()}


def _labels(path: str) -> list[tuple[int, int]]:
    found, position = [], len(parse_path(path).prefix)
    for segment in parse_path(path).segments:
        position += 1 + len(segment.name)
        if segment.label is not None:
            found.append((position + 1, position + 21))
            position += 22
        elif segment.key is not None:
            position = path.index("}", _end_of_key(path, position)) + 1
    return found


def _end_of_key(path: str, start: int) -> int:
    position = start + 2
    while path[position] != '"':
        position += 2 if path[position] == "\\" else 1
    return position


def _renumber(path: str, places: dict[str, str]) -> str:
    out, last = "", 0
    for start, end in _labels(path):
        out += path[last:start] + places[path[:end]]
        last = end
    return out + path[last:]


@given(SPECIMENS, st.integers(0, 2**32))
def test_a_whole_message_comes_back_as_it_was(message: Any, seed: int) -> None:
    leaves = flatten(message, prefix="document", entropy=Dice(seed))

    built = unflatten(leaves, Specimen, prefix="document")

    # Bytes, because a NaN is not equal to itself.
    assert built.SerializeToString(deterministic=True) == message.SerializeToString(deterministic=True)


@given(SPECIMENS, st.data())
def test_what_is_left_of_a_message_comes_back_and_nothing_else(message: Any, data: st.DataObject) -> None:
    leaves = flatten(message, prefix="document", entropy=Dice())
    kept = {path: value for path, value in leaves.items() if data.draw(st.booleans())}

    built = unflatten(kept, Specimen, prefix="document")

    again = flatten(built, prefix="document", entropy=Dice(1))
    assert _ordinals(again) == _ordinals(kept or {"document": {}})


@given(SPECIMENS)
def test_every_path_is_in_the_grammar_and_leads_to_its_field(message: Any) -> None:
    for path in flatten(message, prefix="header", entropy=Dice()):
        assert is_path(path)
        assert parse_path(path).shape == shape_of(path)


@given(st.integers(0, 300), st.integers(0, 2**32))
def test_labels_increase_and_fit(count: int, seed: int) -> None:
    made = list(labels(count, Dice(seed)))

    assert made == sorted(set(made))
    assert all(len(label) == 20 for label in made)


def test_labels_fit_at_their_worst() -> None:
    *_, last = labels(4_096, lambda count: b"\xff" * count)

    assert len(last) == 20


@given(st.text(max_size=40))
def test_no_text_upsets_the_reader_of_paths(text: str) -> None:
    if is_path(text):
        parse_path(text)
