"""proto/buf.yaml on contracts that break its rules, by the commands that `make check` runs."""

from pathlib import Path

import pytest

from tests.unit.tools.protos import compile_proto
from tools.commands import CommandError, run
from tools.paths import BUF_CONFIG, PROTO_PACKAGE

GOOD = """
// A note.
message Note {
  // Its text.
  optional string text = 1;
  // Its title.
  optional string title = 2;
}
"""


def make_image(folder: Path, body: str) -> str:
    compile_proto(folder, body)
    return str(folder / "image.binpb")


def lint(image: str) -> str:
    return run("buf", "lint", image, "--config", str(BUF_CONFIG), "--path", f"{PROTO_PACKAGE}/trial")


def compare(image: str, released: str) -> str:
    return run("buf", "breaking", image, "--against", released, "--config", str(BUF_CONFIG))


def test_a_described_contract_passes(tmp_path: Path) -> None:
    assert "error" not in lint(make_image(tmp_path, GOOD))


def test_a_field_without_comment_fails(tmp_path: Path) -> None:
    image = make_image(tmp_path, GOOD.replace("  // Its title.\n", ""))
    with pytest.raises(CommandError, match='Field "title" should have a non-empty comment'):
        lint(image)


def test_a_field_added_since_the_release_is_compatible(tmp_path: Path) -> None:
    released = make_image(tmp_path / "a", GOOD)
    added = GOOD.replace("= 2;", "= 2;\n  // Its author.\n  optional string author = 3;")
    assert compare(make_image(tmp_path / "b", added), released) == ""


@pytest.mark.parametrize(("old", "new"), [("string title", "bytes title"), ("title = 2", "heading = 2")])
def test_a_field_changed_since_the_release_fails(tmp_path: Path, old: str, new: str) -> None:
    released = make_image(tmp_path / "a", GOOD)
    with pytest.raises(CommandError, match="title"):
        compare(make_image(tmp_path / "b", GOOD.replace(old, new)), released)
