from pathlib import Path

from tools.tree import find_differences, replace


def write(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        path = folder / name.replace("__", "/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


def test_equal_trees_have_no_differences(tmp_path: Path) -> None:
    fresh, committed = write(tmp_path / "a", x__y="1"), write(tmp_path / "b", x__y="1")
    assert find_differences(fresh, committed) == []


def test_changed_missing_and_left_over_files_are_named(tmp_path: Path) -> None:
    fresh = write(tmp_path / "a", same="1", changed="1", missing="1")
    committed = write(tmp_path / "b", same="1", changed="2", left="1")
    assert find_differences(fresh, committed) == ["changed", "left", "missing"]


def test_what_python_compiled_is_not_compared(tmp_path: Path) -> None:
    committed = write(tmp_path / "b")
    (committed / "__pycache__").mkdir(parents=True)
    (committed / "__pycache__/x.pyc").touch()
    assert find_differences(write(tmp_path / "a"), committed) == []


def test_replacing_makes_them_equal_and_leaves_the_rest_alone(tmp_path: Path) -> None:
    fresh = write(tmp_path / "a", same="1", changed="1", new__deep="1")
    committed = write(tmp_path / "b", same="1", changed="2", left="1")
    before = (committed / "same").stat().st_mtime_ns
    assert replace(fresh, committed) == ["changed", "left", "new/deep"]
    assert find_differences(fresh, committed) == []
    assert (committed / "same").stat().st_mtime_ns == before
