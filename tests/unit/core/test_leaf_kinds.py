"""Many leaves looked up at once are what each is by itself."""

import pytest

from gateway.core.categories import UNCLASSIFIED, kinds_of, leaf_kind, leaf_kinds
from gateway.core.documents import descriptor_of, document_types

LABEL = "[" + "0a" * 10 + "]"


@pytest.mark.parametrize("name", sorted(document_types()))
def test_each_is_what_it_is_alone(name: str) -> None:
    descriptor = descriptor_of(document_types()[name])
    shapes = [shape for shape, _ in leaf_kinds(descriptor)]
    labelled = [shape.replace(".", f"{LABEL}.").replace(f"document{LABEL}", "document") for shape in shapes]
    paths = [*shapes, *labelled, "document.nowhere", "document", *shapes]
    assert list(kinds_of(descriptor, paths)) == [leaf_kind(descriptor, path) for path in paths]


def test_a_path_that_leads_nowhere_does_not_shift_the_others() -> None:
    descriptor = descriptor_of(document_types()["ReleaseNotice"])
    paths = ("document.release_date", "document.nowhere\n", "document.release_date")
    first, nowhere, last = (kind.category for kind in kinds_of(descriptor, paths))
    assert nowhere == UNCLASSIFIED != first == last
