"""The list of parts: all of them, as locked, in a form that others' tools read."""

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest

from tools.licences import read_table
from tools.parts import DEBIAN, NPM, NPM_LOCKS, OWN, PYPI, list_parts
from tools.sbom import build_sbom, find_fault, main


@pytest.fixture(scope="module")
def text() -> str:
    return build_sbom(list_parts(), read_table())


@pytest.fixture(scope="module")
def listed(text: str) -> dict[str, dict[str, Any]]:
    return {each["bom-ref"]: each for each in json.loads(text)["components"]}


def test_it_is_as_the_schema_wants_it(text: str) -> None:
    assert find_fault(text) is None


def test_what_is_not_as_the_schema_wants_it_is_found(text: str) -> None:
    broken = json.loads(text)
    broken["components"][0]["type"] = "nonsense"

    assert find_fault(json.dumps(broken)) is not None


def test_it_has_every_package_of_the_locks_with_every_digest(
    listed: dict[str, dict[str, Any]], repository: Path
) -> None:
    locked = tomllib.loads((repository / "uv.lock").read_text())["package"]
    for entry in locked:
        if entry["name"] != OWN:
            component = listed[f"pypi:{entry['name']}@{entry['version']}"]
            digests = {each["content"] for each in component["hashes"]}
            wheels = {wheel["hash"].removeprefix("sha256:") for wheel in entry.get("wheels", ())}
            assert wheels <= digests, entry["name"]
            assert digests, entry["name"]
    assert any(name.startswith("npm:@sd-jwt/core@") for name in listed)


def test_no_lock_is_left_out(repository: Path) -> None:
    found = {
        path.relative_to(repository).as_posix()
        for folder in ("tests", "examples", "services", "deploy")
        for path in (repository / folder).rglob("package-lock.json")
        if "node_modules" not in path.parts
    }

    assert found == set(NPM_LOCKS)


def test_it_has_what_the_setup_installs_from_debian(
    listed: dict[str, dict[str, Any]], repository: Path
) -> None:
    script = (repository / "tools/setup.sh").read_text()
    found = {part.name for part in list_parts() if part.kind == DEBIAN}

    assert found == {"ca-certificates", "nodejs", "npm", "postgresql", "python3", "rabbitmq-server"}
    assert all(name in script for name in found)
    assert sum(name.startswith("deb:") for name in listed) == len(found)


def test_what_runs_is_told_from_what_tests(listed: dict[str, dict[str, Any]]) -> None:
    scopes = {each["name"]: each["scope"] for each in listed.values()}

    assert scopes["cryptography"] == scopes["cffi"] == "required"  # the latter is needed by the former
    assert scopes["pytest"] == scopes["pip-audit"] == scopes["core"] == "excluded"


def test_the_same_parts_have_the_same_number(text: str) -> None:
    again = build_sbom(list_parts(), read_table())

    assert json.loads(again)["serialNumber"] == json.loads(text)["serialNumber"]
    fewer = [part for part in list_parts() if part.kind in (PYPI, NPM)]
    assert json.loads(build_sbom(fewer, read_table()))["serialNumber"] != json.loads(text)["serialNumber"]


def test_the_command_writes_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "build" / "sbom.cdx.json"

    assert main(file) == 0
    assert json.loads(file.read_text())["bomFormat"] == "CycloneDX"
    assert f"{len(list_parts())} parts" in capsys.readouterr().out
