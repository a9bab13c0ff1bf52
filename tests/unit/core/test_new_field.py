"""A field added to a document needs no code: with no clause it is withheld, or held if it is protective."""

from dataclasses import replace
from typing import Any

import pytest
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from google.protobuf.message import Message
from publicprotection.documents.v1 import custody_pb2
from publicprotection.privacy.v1 import privacy_pb2

from gateway.core.decide import decide
from gateway.core.model import Case, Ruling
from services.kit.evidence.leaves import flatten
from tests.support.core_world import vector


def with_field(about: int, kind: int) -> type[Message]:
    """ReleaseNotice as a later contract might have it: with the text field `extra`."""
    pool: Any = descriptor_pool.DescriptorPool()
    added: set[str] = set()

    def add(file: descriptor_pb2.FileDescriptorProto, original: Any) -> None:
        for dependency in original.dependencies:
            if dependency.name not in added:
                copied = descriptor_pb2.FileDescriptorProto()
                dependency.CopyToProto(copied)
                add(copied, dependency)
        added.add(file.name)
        pool.Add(file)

    file = descriptor_pb2.FileDescriptorProto()
    custody_pb2.DESCRIPTOR.CopyToProto(file)
    notice = next(message for message in file.message_type if message.name == "ReleaseNotice")
    field = notice.field.add(name="extra", number=9_000, type=9, label=1, json_name="extra")
    options: Any = field.options.Extensions
    if about:
        options[privacy_pb2.about] = about
    if kind:
        options[privacy_pb2.kind] = kind
    add(file, custody_pb2.DESCRIPTOR)
    return message_factory.GetMessageClass(
        pool.FindMessageTypeByName("publicprotection.documents.v1.ReleaseNotice")
    )


def decided(about: int, kind: int) -> tuple[Ruling, ...]:
    read = vector("story-1-release-notice")
    document: Any = with_field(about, kind)()
    document.MergeFromString(read.case.document.SerializeToString())
    document.extra = "something new"
    header = {path: value for path, value in read.case.leaves.items() if not path.startswith("document.")}
    case: Case = replace(
        read.case, document=document, leaves={**header, **flatten(document, prefix="document")}
    )
    assert "document.extra" in case.leaves
    return decide(case, read.world)


@pytest.mark.parametrize(
    ("about", "kind", "category"),
    [
        (privacy_pb2.ABOUT_SUBJECT, privacy_pb2.KIND_VIEWS, "SUBJECT_VIEWS"),
        (privacy_pb2.ABOUT_OTHER, privacy_pb2.KIND_HEALTH, "OTHER_HEALTH"),
        (0, privacy_pb2.KIND_VIEWS, "UNCLASSIFIED"),
        (privacy_pb2.ABOUT_SUBJECT, 0, "UNCLASSIFIED"),
    ],
)
def test_a_field_that_no_clause_permits_is_withheld(about: int, kind: int, category: str) -> None:
    for ruling in decided(about, kind):
        assert ruling.outcome == "RELEASED"
        assert "document.extra" not in ruling.released
        assert ("document.extra", category) in {(each.path, each.category) for each in ruling.withheld}


def test_a_protective_field_that_no_clause_permits_is_held() -> None:
    for ruling in decided(privacy_pb2.ABOUT_CHILD, privacy_pb2.KIND_SAFEGUARDING):
        assert "document.extra" not in ruling.released
        held = [each for each in ruling.held if "document.extra" in each.paths]
        assert [each.prerequisite for each in held] == ["PROTECTIVE_REVIEW"]
        assert [each.organisation for each in held] == ["kent-mappa-unit"]


def test_a_permitted_category_passes_with_no_code_changed() -> None:
    police = decided(privacy_pb2.ABOUT_SUBJECT, privacy_pb2.KIND_RISK)[0]
    assert "document.extra" in police.released
