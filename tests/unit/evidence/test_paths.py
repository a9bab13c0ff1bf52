import pytest

from services.kit.evidence.errors import MalformedPathError, UnknownPathError
from services.kit.evidence.paths import (
    Segment,
    covers,
    fields_along,
    is_path,
    label_path,
    parse_path,
    shape_of,
)
from tests.support.specimen import Specimen

A, B = "0123456789abcdef0123", "f" * 20


def test_a_path_is_taken_apart() -> None:
    path = parse_path(f'document.children[{A}].labels{{"a.b[{B}]\\"}}"}}')

    assert path.prefix == "document"
    assert path.segments == (Segment("children", label=A), Segment("labels", key=f'a.b[{B}]"}}'))
    assert path.shape == "document.children.labels"


@pytest.mark.parametrize(
    "text",
    [
        "document.a[0]",
        f"document.a[{A.upper()}]",
        f"document.a[{A}][{B}]",
        f"document[{A}]",
        "document.a{b}",
        'document.a{"b"',
        'document.a{"\\u0041"}',
        'document.a{"\\/"}',
        'document.a{"\\u000a"}',
        'document.a{"\x01"}',
        'document.a{"\ud800"}',
        "document.é",
        "document.a\n",
        "document." + "a" * 1_100,
    ],
)
def test_one_form_only(text: str) -> None:
    assert not is_path(text)
    with pytest.raises(MalformedPathError):
        parse_path(text)


def test_the_shape_leaves_out_labels_and_keys() -> None:
    assert shape_of(f'document.children[{A}].by_number{{"}}.x["}}.text') == "document.children.by_number.text"
    assert shape_of("document.a.b") == "document.a.b"


def test_the_fields_along_a_path() -> None:
    path = f'document.children[{A}].by_number{{"4"}}.text'

    names = [field.name for field in fields_along(path, Specimen.DESCRIPTOR)]

    assert names == ["children", "by_number", "text"]
    assert fields_along("document", Specimen.DESCRIPTOR) == ()


@pytest.mark.parametrize("path", ["document.nothing", "document.text.more", "document.labels.value"])
def test_no_fields_along_a_path_to_nowhere(path: str) -> None:
    with pytest.raises(UnknownPathError):
        fields_along(path, Specimen.DESCRIPTOR)


def test_a_prefix_covers_whole_steps() -> None:
    assert all(
        covers("document.a", path) for path in ("document.a", "document.a.b", "document.a[", 'document.a{"')
    )
    assert not covers("document.a", "document.ab")
    assert not covers("document.a", "document")


def test_indices_become_labels() -> None:
    paths = [
        f"document.x[{B}].y[{A}]",
        f"document.x[{A}].z",
        f"document.x[{A}].y[{B}].w",
        f"document.x[{A}].y[{A}]",
    ]

    assert label_path("document.x[1].y[0]", paths) == f"document.x[{B}].y[{A}]"
    assert label_path("document.x[0].y[1].w", paths) == f"document.x[{A}].y[{B}].w"
    assert label_path(f"document.x[{A}]", paths) == f"document.x[{A}]"
    with pytest.raises(UnknownPathError):
        label_path("document.x[2]", paths)
    with pytest.raises(MalformedPathError):
        label_path("document.x[-1]", paths)
