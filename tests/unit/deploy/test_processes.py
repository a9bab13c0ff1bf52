import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from deploy.local.processes import Process, ProcessError

SLEEPER = "import time; print('up', flush=True); time.sleep(60)"
STUBBORN = "import signal, time; signal.signal(15, signal.SIG_IGN); print('up', flush=True); time.sleep(60)"
PARENT = f"""
import sys, time
from pathlib import Path
from deploy.local.processes import Process
process = Process("a", [sys.executable, "-c", {SLEEPER!r}], log=Path("log"), directory=Path("."))
process.start()
Path("pid").write_text(str(process.pid))
time.sleep(60)
"""
FAILING = "import sys; print('the key is missing', flush=True); sys.exit(3)"


@pytest.fixture
def launch(tmp_path: Path) -> Iterator[Callable[[str], Process]]:
    made: list[Process] = []

    def make(code: str) -> Process:
        process = Process(
            "kent-police", [sys.executable, "-c", code], log=tmp_path / "log", directory=tmp_path
        )
        made.append(process)
        process.start()
        return process

    yield make
    for process in made:
        process.kill()


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)


def watch(process: Process) -> None:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        process.raise_if_ended()
        time.sleep(0.02)


def until_up(process: Process) -> int:
    until(lambda: process.log.exists() and b"up" in process.log.read_bytes())
    assert process.pid is not None
    return process.pid


def test_a_stopped_process_is_gone(launch: Callable[[str], Process]) -> None:
    process = launch(SLEEPER)
    pid = until_up(process)

    process.stop()

    assert not is_alive(pid)
    assert process.pid is None


def test_one_that_does_not_listen_is_killed(launch: Callable[[str], Process]) -> None:
    process = launch(STUBBORN)
    pid = until_up(process)

    process.stop(timeout_s=0.2)

    assert not is_alive(pid)


def test_one_that_ended_says_what_it_last_wrote(launch: Callable[[str], Process]) -> None:
    process = launch(FAILING)

    with pytest.raises(ProcessError, match="ended with code 3") as caught:
        watch(process)

    assert str(process.log) in str(caught.value)
    assert "the key is missing" in str(caught.value)


def test_a_running_one_raises_nothing_and_starts_only_once(launch: Callable[[str], Process]) -> None:
    process = launch(SLEEPER)

    process.raise_if_ended()

    with pytest.raises(ProcessError, match="already running"):
        process.start()


def test_the_log_is_for_its_owner_only_and_kept_over_a_restart(launch: Callable[[str], Process]) -> None:
    process = launch(SLEEPER)
    until_up(process)
    process.stop()
    process.start()

    until(lambda: process.log.read_bytes().count(b"up") == 2)
    assert stat.S_IMODE(process.log.stat().st_mode) == 0o600


def test_a_child_ends_with_a_parent_that_is_killed(tmp_path: Path) -> None:
    parent = subprocess.Popen([sys.executable, "-c", PARENT], cwd=tmp_path)
    until(lambda: (tmp_path / "log").exists() and b"up" in (tmp_path / "log").read_bytes())
    pid = int((tmp_path / "pid").read_text())

    parent.send_signal(signal.SIGKILL)
    parent.wait()

    until(lambda: not is_alive(pid))
