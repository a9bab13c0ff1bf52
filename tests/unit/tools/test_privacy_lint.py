from pathlib import Path

import pytest

from tests.unit.tools.protos import HEAD_LINES, compile_proto
from tools import privacy_lint
from tools.image_types import index_messages
from tools.paths import PROTO_PACKAGE
from tools.privacy_lint import find_faults, main

# Line 2 of a body holds the field under test; {} is replaced by it.
DOCUMENT = """message Trial { option (privacy.v1.document) = {title: "Trial"};
  %s
}
message Name {
  optional string family = 1 [(privacy.v1.kind) = KIND_IDENTITY];
  Name former = 2;
}
enum Colour { COLOUR_UNSPECIFIED = 0; }
message Empty {}
"""
ABOUT = "(privacy.v1.about) = ABOUT_SUBJECT"
KIND = "(privacy.v1.kind) = KIND_IDENTITY"
PLACE = f"{PROTO_PACKAGE}/trial/v1/trial.proto:{HEAD_LINES + 2}: Trial.x: "


def find(folder: Path, field: str) -> list[str]:
    image = compile_proto(folder, DOCUMENT % field)
    return [str(fault) for fault in find_faults(image)]


@pytest.mark.parametrize(
    "field",
    [
        f"optional string x = 1 [{ABOUT}, {KIND}];",
        f"optional Colour x = 1 [{ABOUT}, {KIND}];",
        f"repeated string x = 1 [{ABOUT}, {KIND}];",
        f"oneof either {{ string x = 1 [{ABOUT}, {KIND}]; }}",
        f"common.v1.Date x = 1 [{ABOUT}, {KIND}];",
        f"google.protobuf.Timestamp x = 1 [{ABOUT}, {KIND}];",
        f"map<string, int32> x = 1 [{ABOUT}, {KIND}];",
        f"Name x = 1 [{ABOUT}];",
        f"repeated Name x = 1 [{ABOUT}];",
        f"map<string, Name> x = 1 [{ABOUT}];",
        f"Empty x = 1 [{ABOUT}];",
    ],
)
def test_an_annotated_field_passes(tmp_path: Path, field: str) -> None:
    assert find(tmp_path, field) == []


@pytest.mark.parametrize(
    "field",
    [
        f"optional string x = 1 [{ABOUT}];",
        f"common.v1.Date x = 1 [{ABOUT}];",
        f"google.protobuf.Timestamp x = 1 [{ABOUT}];",
        f"repeated bool x = 1 [{ABOUT}];",
        f"map<string, int32> x = 1 [{ABOUT}];",
        f"optional string x = 1 [{ABOUT}, (privacy.v1.kind) = KIND_UNSPECIFIED];",
    ],
)
def test_a_leaf_without_kind_fails(tmp_path: Path, field: str) -> None:
    assert find(tmp_path, field) == [f"{PLACE}state what it holds: (privacy.v1.kind) = KIND_..."]


@pytest.mark.parametrize(
    "field", [f"optional string x = 1 [{KIND}];", f"common.v1.Date x = 1 [{KIND}];", "Name x = 1;"]
)
def test_a_leaf_of_nobody_fails_where_it_is_used(tmp_path: Path, field: str) -> None:
    faults = find(tmp_path, field)
    assert len(faults) == 1
    assert faults[0].startswith(f"{PLACE}state whose data it is: (privacy.v1.about) = ABOUT_...")


def test_the_leaf_that_belongs_to_nobody_is_named(tmp_path: Path) -> None:
    assert find(tmp_path, "Name x = 1;")[0].endswith("(or inside it; nothing says so for x.family)")


@pytest.mark.parametrize("kind", ["string", "bool", "Colour", "int64", "bytes"])
def test_a_single_value_that_is_not_optional_fails(tmp_path: Path, kind: str) -> None:
    faults = find(tmp_path, f"{kind} x = 1 [{ABOUT}, {KIND}];")
    assert faults == [f"{PLACE}write `optional`: withheld, it would read as a zero"]


@pytest.mark.parametrize("kind", ["google.protobuf.Any", "map<string, google.protobuf.Any>"])
def test_a_type_without_a_leaf_form_fails(tmp_path: Path, kind: str) -> None:
    faults = find(tmp_path, f"{kind} x = 1 [{ABOUT}, {KIND}];")
    assert faults == [f"{PLACE}use a scalar, an enum, a Timestamp, a Date, a Duration or a message"]


def test_a_fault_inside_a_shared_message_is_reported_once_where_it_is_written(tmp_path: Path) -> None:
    body = f"""message One {{ option (privacy.v1.document) = {{title: "One"}}; Inner x = 1 [{ABOUT}]; }}
message Two {{ option (privacy.v1.document) = {{title: "Two"}}; repeated Inner x = 1 [{ABOUT}]; }}
message Inner {{
  message Deep {{ string y = 1; }}
  Deep deep = 1;
}}
"""
    faults = [str(fault) for fault in find_faults(compile_proto(tmp_path, body))]
    place = f"{PROTO_PACKAGE}/trial/v1/trial.proto:{HEAD_LINES + 4}: Deep.y: "
    assert [fault.startswith(place) for fault in faults] == [True, True]


def test_a_message_that_is_no_document_may_say_nothing(tmp_path: Path) -> None:
    assert find_faults(compile_proto(tmp_path, "message Plain { string x = 1; }")) == []


def test_the_header_is_checked_like_a_document(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    image = compile_proto(tmp_path, "message Trial { string x = 1; }")
    monkeypatch.setattr(
        privacy_lint, "HEADER", next(name for name in index_messages(image) if "Trial" in name)
    )
    assert len(find_faults(image)) == 3


def test_the_command_prints_findings_and_fails(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    compile_proto(tmp_path, DOCUMENT % "optional string x = 1;")
    assert main([str(tmp_path / "image.binpb")]) == 1
    assert capsys.readouterr().out.count(PLACE) == 2
    compile_proto(tmp_path, DOCUMENT % f"optional string x = 1 [{ABOUT}, {KIND}];")
    assert main([str(tmp_path / "image.binpb")]) == 0
