import re
from pathlib import Path

import pytest

from tests.architecture.sources import list_files, read_text

# Long by nature: data and prose, not code.
CODE = {".py", ".proto", ".sh", ".js", ".mjs"}
MOST_LINES = 500

# A path of the machine of whoever wrote it: there it works, elsewhere it does not.
MACHINE_PATH = re.compile(r"(?<![\w.~/-])/(?:work|root|home)/")
THIS_FILE = Path("tests/architecture/test_sources.py")


def find_machine_paths(text: str) -> list[str]:
    return MACHINE_PATH.findall(text)


def test_no_hand_written_file_is_too_long(repository: Path) -> None:
    code = [path for path in list_files(repository) if path.suffix in CODE]
    assert Path("tools/check.py") in code
    lengths = {str(path): len((read_text(repository / path) or "").splitlines()) for path in code}
    assert {name: lines for name, lines in lengths.items() if lines > MOST_LINES} == {}


def test_no_file_names_a_path_of_a_developers_machine(repository: Path) -> None:
    files = [path for path in list_files(repository) if path != THIS_FILE]
    guilty = [str(path) for path in files if find_machine_paths(read_text(repository / path) or "")]
    assert guilty == []


def test_no_lock_of_npm_names_the_registry_it_was_made_with(repository: Path) -> None:
    folders = ("tests/interop/node", "examples/node")
    locks = [lock for folder in folders for lock in repository.glob(f"{folder}/package-lock.json")]
    assert len(locks) == 2
    assert [str(path) for path in locks if '"resolved": "http' in path.read_text()] == []


@pytest.mark.parametrize("text", ["cd /work/tree", 'open("/root/key")', "(/home/sam/x)"])
def test_a_path_of_a_machine_is_recognised(text: str) -> None:
    assert find_machine_paths(text)


@pytest.mark.parametrize("text", ["https://example.org/home/", "var/root/x", "a work/home/root"])
def test_other_paths_are_not(text: str) -> None:
    assert not find_machine_paths(text)
