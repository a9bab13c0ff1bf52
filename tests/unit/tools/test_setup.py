"""tools/setup.sh on machines that lack something; a made-up PATH stands in for the machine."""

import shutil
import subprocess
from pathlib import Path

import pytest

# What the script takes from any machine.
ALWAYS = ("bash", "dirname", "tr", "cut", "sort", "head", "rm", "chmod", "tee", "env")


@pytest.fixture
def machine(tmp_path: Path, repository: Path) -> Path:
    """A bare machine with a checkout, whose user is nobody in particular and has no sudo."""
    programs = tmp_path / "bin"
    programs.mkdir()
    for name in ALWAYS:
        (programs / name).symlink_to(shutil.which(name) or pytest.fail(f"no {name} here"))
    (tmp_path / "tools").mkdir()
    shutil.copy(repository / "tools/setup.sh", tmp_path / "tools/setup.sh")
    add_program(tmp_path, "id", "echo 1000")
    return tmp_path


def add_program(machine: Path, name: str, script: str) -> None:
    path = machine / "bin" / name
    path.write_text(f"#!{shutil.which('bash')}\n{script}\n")
    path.chmod(0o755)


def run_setup(machine: Path) -> subprocess.CompletedProcess[str]:
    command = [str(machine / "tools/setup.sh")]
    environment = {"PATH": str(machine / "bin")}
    return subprocess.run(
        command, cwd="/", env=environment, capture_output=True, text=True, check=False, timeout=60
    )


def test_without_rights_it_prints_the_one_line_to_run(machine: Path) -> None:
    add_program(machine, "apt-get", "echo installed >>called")
    result = run_setup(machine)
    line = result.stderr.splitlines()[-1]
    assert result.returncode == 1
    assert line.startswith("sudo apt-get update && sudo apt-get install -y --no-install-recommends ")
    assert {"python3", "python3-venv", "nodejs", "npm"} <= set(line.split())
    assert not (machine / "called").exists()


def test_elsewhere_than_debian_it_says_what_to_install(machine: Path) -> None:
    result = run_setup(machine)
    assert result.returncode == 1
    assert "neither Debian nor Ubuntu" in result.stderr
    assert "nodejs" in result.stderr


def test_with_rights_it_installs_what_is_missing_and_lets_no_service_start(machine: Path) -> None:
    add_program(machine, "sudo", 'echo "$*" >>calls; [ "$2" != tee ] || while read -r _; do :; done')
    add_program(machine, "apt-get", "echo 'not as root' >&2; exit 1")
    result = run_setup(machine)
    calls = (machine / "calls").read_text().splitlines()
    install = next(call for call in calls if "apt-get install" in call)
    assert {"python3", "python3-venv", "nodejs", "npm"} <= set(install.split())
    assert "not as root" not in result.stderr
    # The database's package would make a cluster, too, and start that.
    for path in ("/usr/sbin/policy-rc.d", "/etc/postgresql-common/createcluster.d/publicprotection.conf"):
        if not Path(path).exists():
            steps = [f"-n tee {path}", install, f"-n rm -f {path}"]
            assert [call for call in calls if call in steps][:3] == steps


def test_a_database_server_is_installed_unless_it_is_there(machine: Path) -> None:
    add_program(machine, "apt-get", "exit 0")
    words = run_setup(machine).stderr.splitlines()[-1].split()
    assert ("postgresql" in words) is not any(Path("/usr/lib/postgresql").glob("*/bin/initdb"))


def test_a_python_that_is_too_old_does_not_count(machine: Path) -> None:
    add_program(machine, "python3", "exit 1")
    add_program(machine, "apt-get", "exit 0")
    add_program(machine, "apt-cache", '[ "$2" = python3.12-venv ]')
    line = run_setup(machine).stderr.splitlines()[-1]
    assert {"python3.12", "python3.12-venv"} <= set(line.split())
    assert "python3" not in line.split()
