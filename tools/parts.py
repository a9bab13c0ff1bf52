"""What this project is made of that others made: Python's and npm's locked packages, and Debian's."""

import json
import re
import shutil
import subprocess
import tomllib
from base64 import b64decode
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from tools.paths import ROOT

PYPI, NPM, DEBIAN = "pypi", "npm", "deb"
OWN: Final = "public-protection-gateway"
NPM_LOCKS: Final = tuple(
    f"{folder}/package-lock.json"
    for folder in ("services/console", "tests/interop/node", "tests/browser", "examples/node")
)
_MISSING: Final = re.compile(r"^list_missing\(\) \{\n(.*?)^\}", re.MULTILINE | re.DOTALL)
_PACKAGE: Final = re.compile(r"echo ([a-z][a-z0-9.+-]+)$", re.MULTILINE)
_NODE_MODULES: Final = "node_modules/"
_PYTHON: Final = "python3"  # list_missing asks for the version that there is


@dataclass(frozen=True, slots=True)
class Archive:
    """A file that a part comes as.

    Attributes:
        algorithm: of its digest: `sha256` or `sha512`.
        digest: hexadecimal.
    """

    algorithm: str
    digest: str


@dataclass(frozen=True, slots=True)
class Part:
    """A package of others.

    Attributes:
        kind: PYPI, NPM or DEBIAN.
        name: as its registry writes it.
        version: as locked; of Debian's as installed here, empty if it is not.
        needed: whether a running system needs it; otherwise it builds, tests or shows.
        licence: what the lock says; empty where it does not.
        archives: what it comes as.
        needs: names of parts of its kind.
    """

    kind: str
    name: str
    version: str
    needed: bool
    licence: str = ""
    archives: tuple[Archive, ...] = ()
    needs: tuple[str, ...] = field(default=())


def list_parts(root: Path = ROOT) -> list[Part]:
    """Every part, in a fixed order."""
    return [*_list_python(root), *_list_node(root), *_list_debian(root)]


def normalise(name: str) -> str:
    """A Python package's name as registries compare it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _list_python(root: Path) -> list[Part]:
    locked = tomllib.loads((root / "uv.lock").read_text(encoding="utf-8"))["package"]
    by_name = {entry["name"]: entry for entry in locked}
    needed = _reach(by_name, OWN)
    return [_read_python(entry, needed) for entry in locked if entry["name"] != OWN]


def _reach(by_name: Mapping[str, Any], start: str) -> set[str]:
    """What a package needs to run, directly or not, on any system."""
    found, waiting = set[str](), [start]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += _needs(by_name[name])
    return found


def _needs(entry: Mapping[str, Any]) -> list[str]:
    extras = entry.get("optional-dependencies", {}).values()
    listed = [*entry.get("dependencies", ()), *(each for extra in extras for each in extra)]
    return [each["name"] for each in listed]


def _read_python(entry: Mapping[str, Any], needed: set[str]) -> Part:
    files = [entry[kind] for kind in ("sdist",) if kind in entry] + entry.get("wheels", [])
    archives = tuple(_read_archive(file["hash"]) for file in files)
    name = entry["name"]
    return Part(PYPI, name, entry["version"], name in needed, archives=archives, needs=tuple(_needs(entry)))


def _read_archive(digest: str) -> Archive:
    algorithm, _, value = digest.partition(":")
    return Archive(algorithm, value)


def _list_node(root: Path) -> list[Part]:
    found: dict[tuple[str, str], Part] = {}
    for lock in NPM_LOCKS:
        packages = json.loads((root / lock).read_text(encoding="utf-8"))["packages"]
        for place, entry in packages.items():
            if place:
                part = _read_node(place.rpartition(_NODE_MODULES)[2], entry)
                found[part.name, part.version] = part
    return [found[key] for key in sorted(found)]


def _read_node(name: str, entry: Mapping[str, Any]) -> Part:
    algorithm, _, digest = entry["integrity"].partition("-")
    archive = Archive(algorithm, b64decode(digest).hex())
    # None of them runs in the system: they test it, and show how it is called.
    needs = tuple(sorted(entry.get("dependencies", ())))
    return Part(NPM, name, entry["version"], False, entry.get("license", ""), (archive,), needs)  # noqa: FBT003


def _list_debian(root: Path) -> Iterator[Part]:
    script = (root / "tools/setup.sh").read_text(encoding="utf-8")
    listed = _MISSING.search(script)
    names = {_PYTHON, *_PACKAGE.findall(listed.group(1) if listed else "")}
    versions = _ask_debian(sorted(names))
    for name in sorted(names):
        yield Part(DEBIAN, name, versions.get(name, ""), True)  # noqa: FBT003


def _ask_debian(names: Iterable[str]) -> dict[str, str]:
    """Versions of what is installed here; nothing on a system that is not Debian's."""
    query = shutil.which("dpkg-query")
    if query is None:
        return {}
    form = "${Package} ${Version}\n"
    answer = subprocess.run(
        [query, "--show", f"--showformat={form}", *names], capture_output=True, text=True, check=False
    )
    return dict(line.split(" ", 1) for line in answer.stdout.splitlines() if not line.endswith(" "))
