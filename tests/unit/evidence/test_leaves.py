import base64
import itertools
from typing import Any

import pytest
from google.protobuf.any_pb2 import Any as AnyMessage

from services.kit.evidence.errors import (
    BadValueError,
    ConflictingLeavesError,
    LeafError,
    LimitExceededError,
    MalformedPathError,
    UnknownPathError,
    UnsupportedFieldError,
)
from services.kit.evidence.leaves import Limits, flatten, unflatten
from tests.support.specimen import Dice, Specimen

LABEL = "0" * 19 + "1"
SECRET = "Marsh"


def _flatten(**members: Any) -> dict[str, Any]:
    return flatten(Specimen(**members), prefix="document", entropy=Dice())


def _refuse(error: type[LeafError], leaves: dict[str, Any]) -> LeafError:
    with pytest.raises(error) as caught:
        unflatten(leaves, Specimen, prefix="document")
    assert type(caught.value) is error
    assert SECRET not in str(caught.value)
    return caught.value


def test_absent_fields_are_no_leaves_and_present_defaults_are() -> None:
    assert _flatten(flag=False, implicit_small=0) == {"document.flag": False}


def test_a_message_without_fields_is_an_empty_leaf() -> None:
    assert _flatten() == {"document": {}}
    assert _flatten(child=Specimen()) == {"document.child": {}}


def test_an_empty_element_and_an_empty_entry_are_empty_leaves() -> None:
    message = Specimen(children=[Specimen()])
    message.by_number[-3].SetInParent()

    (element, entry) = flatten(message, prefix="document", entropy=Dice()).items()

    assert element[0].startswith("document.children[")
    assert element[1] == {}
    assert entry == ('document.by_number{"-3"}', {})


def test_unknown_fields_never_enter() -> None:
    wide = Specimen(text="kept", number=1.5)
    wide.MergeFromString(b"\xfa\x3f\x06hidden")
    assert b"hidden" in wide.SerializeToString()

    leaves = flatten(wide, prefix="document")

    assert leaves == {"document.text": "kept", "document.number": 1.5}
    assert b"hidden" not in unflatten(leaves, Specimen, prefix="document").SerializeToString()


@pytest.mark.parametrize(
    "members",
    [{"any": AnyMessage()}, {"loose": {}}, {"wrapped": {"value": "x"}}, {"anys": [AnyMessage()]}],
    ids=["any", "struct", "wrapper", "list"],
)
def test_what_hides_its_fields_is_refused(members: dict[str, Any]) -> None:
    message = Specimen()
    (name,) = members
    message.child.MergeFromString(Specimen(text="x").SerializeToString())
    if name == "anys":
        message.child.anys.add()
    else:
        getattr(message.child, name).SetInParent()

    with pytest.raises(UnsupportedFieldError) as caught:
        flatten(message, prefix="document")

    assert caught.value.shape == f"document.child.{name}"
    _refuse(UnsupportedFieldError, {f"document.{name}": {}})


@pytest.mark.parametrize(
    "gap", [{"month": 3}, {"year": 2026, "day": 3}, {"day": 3}, {"year": 2026, "month": 13}]
)
def test_a_date_with_a_gap_or_off_the_calendar_has_no_form(gap: dict[str, int]) -> None:
    with pytest.raises(BadValueError) as caught:
        _flatten(born=gap)

    assert caught.value.shape == "document.born"


def test_a_time_beyond_the_year_9999_has_no_form() -> None:
    with pytest.raises(BadValueError):
        _flatten(at={"seconds": 253402300800})


def test_limits_hold_both_ways() -> None:
    deep = Specimen()
    step = deep
    for _ in range(40):
        step = step.child
    step.text = SECRET
    with pytest.raises(LimitExceededError):
        flatten(deep, prefix="document")
    _refuse(LimitExceededError, {"document" + ".child" * 40 + ".text": "x"})

    with pytest.raises(LimitExceededError):
        flatten(Specimen(words=["a"] * 5_000), prefix="document")
    with pytest.raises(LimitExceededError):
        flatten(Specimen(labels={"k" * 2_000: "v"}), prefix="document")
    with pytest.raises(LimitExceededError):
        unflatten(
            {"document.text": "a", "document.flag": True},
            Specimen,
            prefix="document",
            limits=Limits(leaves=1),
        )


def test_depth_may_reach_its_limit() -> None:
    path = "document" + ".child" * 31 + ".text"

    built = unflatten({path: "x"}, Specimen, prefix="document")

    assert flatten(built, prefix="document") == {path: "x"}


@pytest.mark.parametrize(
    "path",
    [
        "header.text",
        "document.nothing",
        f"document.nothing.{SECRET}",
        "document.text.more",
        "document.born.year",
        f"document.text[{LABEL}]",
        "document.words",
        'document.words{"a"}',
        "document.labels",
        f"document.labels[{LABEL}]",
        f"document.child[{LABEL}]",
        'document.child{"a"}.text',
        "document.children.text",
    ],
)
def test_a_path_to_nowhere_is_refused(path: str) -> None:
    _refuse(UnknownPathError, {path: SECRET})


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("text", 1),
        ("text", {}),
        ("flag", 1),
        ("flag", "true"),
        ("small", True),
        ("small", 1.0),
        ("small", 2**31),
        ("small", "1"),
        ("natural", -1),
        ("large", 1),
        ("large", "01"),
        ("large", "+1"),
        ("large", "-0"),
        ("large", str(2**63)),
        ("large", "\u0661"),
        ("large_natural", "-1"),
        ("single", 1e39),
        ("number", "1"),
        ("number", "nan"),
        ("number", True),
        ("number", 10**400),
        ("data", "YQ"),
        ("data", "YR=="),
        ("data", "Y Q=="),
        ("data", "_-8="),
        ("colour", SECRET),
        ("colour", 2**31),
        ("colour", True),
        ("at", "2026-11-23T09:30:00+00:00"),
        ("at", "2026-11-23T09:30:00.1Z"),
        ("at", "2026-11-23"),
        ("at", {}),
        ("lasting", "3.5s"),
        ("lasting", "3"),
        ("born", "2026-2-3"),
        ("born", "2026-02-30"),
        ("born", "0000"),
        ("born", "2026-11-23T00:00:00Z"),
        ("born", 2026),
        ("child", SECRET),
        ("child", {"text": SECRET}),
        ('by_number{"01"}', {}),
        ('by_number{"Marsh"}.text', "x"),
        ('by_flag{"True"}', 0),
    ],
)
def test_a_value_not_in_its_one_form_is_refused(path: str, value: Any) -> None:
    _refuse(BadValueError, {f"document.{path}": value})


def test_leaves_that_exclude_each_other_are_refused() -> None:
    _refuse(ConflictingLeavesError, {"document.first": SECRET, "document.second.text": SECRET})
    _refuse(ConflictingLeavesError, {"document.child": {}, "document.child.text": SECRET})


@pytest.mark.parametrize(
    "path", ["document.", "document..text", "document.text ", "", "document.words[1]", "Document"]
)
def test_a_malformed_path_is_refused(path: str) -> None:
    expected = UnknownPathError if path == "Document" else MalformedPathError
    _refuse(expected, {path: SECRET})


def test_a_number_is_read_for_an_enum_value_that_the_sender_did_not_know() -> None:
    assert unflatten({"document.colour": 2}, Specimen, prefix="document").colour == 2
    assert _flatten(colour=99) == {"document.colour": 99}


def test_elements_stand_in_the_order_of_their_labels() -> None:
    leaves = {f"document.words[{digit * 20}]": digit for digit in "c1a"}

    assert list(unflatten(leaves, Specimen, prefix="document").words) == ["1", "a", "c"]


def test_labels_are_new_each_time() -> None:
    message = Specimen(words=["a"])

    assert flatten(message, prefix="document") != flatten(message, prefix="document")


def test_the_distance_of_neighbours_spreads_over_all_magnitudes() -> None:
    leaves = flatten(Specimen(words=["a"] * 4_000), prefix="document", entropy=Dice())
    marks = sorted(int(path[-21:-1], 16) for path in leaves)
    octaves = [(after - before).bit_length() for before, after in itertools.pairwise(marks)]

    assert set(octaves) == set(range(1, 65))
    assert max(octaves.count(octave) for octave in range(1, 65)) < 2 * 4_000 / 64


def test_bytes_are_standard_base64() -> None:
    data = bytes(range(250, 256))

    assert _flatten(data=data) == {"document.data": base64.b64encode(data).decode()}
