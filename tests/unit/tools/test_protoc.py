import importlib
import sys
from pathlib import Path
from typing import Any

import protovalidate
import pytest
from google.protobuf import runtime_version
from google.protobuf.message import Message

from tests.unit.tools.protos import HEAD_LINES, compile_proto, write_proto
from tools.commands import CommandError
from tools.protoc import build_image, find_protos, generate_stubs

NOTE = """
// A note.
message Note {
  // Its text.
  optional string text = 1 [(buf.validate.field).required = true, (buf.validate.field).string.min_len = 3];
  // When it was written.
  google.protobuf.Timestamp written = 2;
}
"""
SERVICE = """
// Takes notes.
service NoteService {
  // Takes one.
  rpc Take(Note) returns (Note);
}
"""


@pytest.fixture(scope="module")
def trial(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("trial")
    write_proto(folder / "proto", "trial.v1", NOTE + SERVICE)
    generate_stubs(folder / "proto", folder / "gen")
    return folder / "gen"


@pytest.fixture
def stubs(trial: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    # Last on the path: the annotations come from proto/gen, as they do in every process.
    monkeypatch.setattr(sys, "path", [*sys.path, str(trial)])
    return importlib.import_module("trial.v1.trial_pb2")


def find_rules(message: Message) -> list[str]:
    return [violation.proto.rule_id for violation in protovalidate.collect_violations(message)]


def test_a_generated_message_is_validated_by_its_annotations(stubs: Any) -> None:
    assert find_rules(stubs.Note(text="long enough")) == []
    assert find_rules(stubs.Note(text="no")) == ["string.min_len"]
    assert find_rules(stubs.Note()) == ["required"]


def test_annotations_are_the_ones_of_the_installed_protovalidate(stubs: Any) -> None:
    from buf.validate import validate_pb2  # noqa: PLC0415 - what generated code imports when it is imported

    options = stubs.Note.DESCRIPTOR.fields_by_name["text"].GetOptions()
    assert options.Extensions[validate_pb2.field].string.min_len == 3


def test_stubs_are_no_newer_than_the_runtime(trial: Path) -> None:
    text = (trial / "trial/v1/trial_pb2.py").read_text()
    version = next(line for line in text.splitlines() if line.startswith("# Protobuf Python Version: "))
    written = tuple(int(part) for part in version.rpartition(" ")[2].split("."))
    assert written <= (runtime_version.MAJOR, runtime_version.MINOR, runtime_version.PATCH)


def test_only_protos_with_a_service_have_grpc_stubs(trial: Path) -> None:
    grpc = {str(path.relative_to(trial)) for path in trial.rglob("*_grpc.py*")}
    assert grpc == {"trial/v1/trial_pb2_grpc.py", "trial/v1/trial_pb2_grpc.pyi"}


def test_every_message_stub_is_typed_and_in_a_package(trial: Path) -> None:
    stubs = list(trial.rglob("*_pb2.py"))
    assert len(stubs) == 4
    assert all(stub.with_suffix(".pyi").exists() and (stub.parent / "__init__.py").exists() for stub in stubs)


def test_an_image_keeps_comments_and_imports(tmp_path: Path) -> None:
    image = compile_proto(tmp_path, NOTE)
    assert "buf/validate/validate.proto" in {file.name for file in image.file}
    assert any(place.leading_comments == " A note.\n" for place in image.file[-1].source_code_info.location)


def test_a_proto_that_does_not_compile_says_where(tmp_path: Path) -> None:
    write_proto(tmp_path, "trial.v1", "message Note { strng text = 1; }")
    with pytest.raises(CommandError, match=f"trial.proto:{HEAD_LINES + 1}:.*strng"):
        build_image(tmp_path, tmp_path / "image.binpb")


def test_generated_folders_hold_no_protos(tmp_path: Path) -> None:
    for name in ("gen/a.proto", "b.proto", "c/gen/d.proto"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    assert find_protos(tmp_path) == ["b.proto", "c/gen/d.proto"]
