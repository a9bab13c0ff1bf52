"""Everything that an exchange seals has a leaf form: by reflection, so that a new field is covered too."""

import importlib
import pkgutil
from collections.abc import Iterator

import pytest
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from publicprotection import documents
from publicprotection.common.v1.date_pb2 import Date
from publicprotection.exchange.v1.header_pb2 import Header

from services.kit.evidence.plans import plan_of


def _roots() -> Iterator[Descriptor]:
    yield Header.DESCRIPTOR
    for module in pkgutil.walk_packages(documents.__path__, "publicprotection.documents."):
        if module.name.endswith("_pb2"):
            yield from importlib.import_module(module.name).DESCRIPTOR.message_types_by_name.values()


def _fields(descriptor: Descriptor, seen: set[str]) -> Iterator[FieldDescriptor]:
    if descriptor.full_name in seen:
        return
    seen.add(descriptor.full_name)
    for field in descriptor.fields:
        yield field
        plan = plan_of(field)
        if field.message_type is not None and plan.encode is None:
            yield from _fields(field.message_type, seen)


ROOTS = list(_roots())


@pytest.mark.parametrize("root", ROOTS, ids=lambda root: str(root.full_name))
def test_every_field_of_the_contract_has_a_leaf_form(root: Descriptor) -> None:
    assert len(list(_fields(root, set()))) > 0


def test_the_date_of_the_contract_is_one_leaf() -> None:
    dates = [
        field for root in ROOTS for field in _fields(root, set()) if field.message_type is Date.DESCRIPTOR
    ]

    assert dates
    assert all(plan_of(field).encode is not None for field in dates)
