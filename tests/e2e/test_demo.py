"""The command itself, as somebody at a terminal runs it."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

READY = "Ctrl-C stops all of it."


def command(module: str, *arguments: str) -> list[str]:
    return [sys.executable, "-m", f"deploy.demo{module}", *arguments]


def processes_of(folder: Path) -> list[str]:
    """Command lines of all processes that speak of a folder."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            line = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if entry.name != str(os.getpid()) and str(folder) in line:
            found.append(line)
    return found


@pytest.fixture
def demo(tmp_path: Path, repository: Path) -> Iterator[subprocess.Popen[str]]:
    started = subprocess.Popen(
        command("", "--folder", str(tmp_path / "demo")), cwd=repository, stdout=subprocess.PIPE, text=True
    )
    yield started
    if started.poll() is None:
        started.terminate()
        started.wait(30)


def read_until(demo: subprocess.Popen[str], text: str) -> str:
    """What it prints up to a text; pytest's own time limit bounds the wait."""
    assert demo.stdout is not None
    read = ""
    for line in demo.stdout:
        read += line
        if text in line:
            return read
    pytest.fail(f"ended early\n{read}")


def test_it_stays_up_answers_and_leaves_nothing_running(
    demo: subprocess.Popen[str], tmp_path: Path, repository: Path
) -> None:
    printed = read_until(demo, READY)
    inbox = subprocess.run(
        command(".inbox", "dwp-kent", "--folder", str(tmp_path / "demo")),
        cwd=repository,
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
    )
    running = processes_of(tmp_path)

    demo.send_signal(signal.SIGTERM)

    assert demo.wait(60) == 0
    assert processes_of(tmp_path) == []
    assert len(running) > 8
    assert "RestrictionNotice from kent-probation" in inbox.stdout
    assert "Assault" not in inbox.stdout
    assert "ended as stated, and the record agrees" in printed
    assert "NOT AS STATED" not in printed


def test_a_folder_that_holds_other_things_ends_it_with_an_error(tmp_path: Path, repository: Path) -> None:
    (tmp_path / "thesis.txt").write_text("do not delete", encoding="utf-8")

    ended = subprocess.run(
        command("", "--once", "--folder", str(tmp_path)),
        cwd=repository,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert ended.returncode == 1
    assert "is not empty" in ended.stdout
    assert (tmp_path / "thesis.txt").exists()
