"""`make audit`: known vulnerabilities of the locked packages, where somebody who knows them can be asked.

Says "not audited" and why where nobody can be asked, and ends well: what was not looked at is neither good
nor bad. Ends with 1 if something is known to be vulnerable, or one package among others is not known.
"""

import json
import shutil
import subprocess
import sys
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from tools.commands import PROGRAMS
from tools.parts import NPM_LOCKS, PYPI, list_parts
from tools.paths import ROOT

ADVISORIES: Final = "https://pypi.org/pypi/{name}/{version}/json"
PROBE: Final = "cryptography"
"""A locked package that every source knows: one that does not answer for it knows nothing of the others."""

_PROBE_S: Final = 8.0
_AUDIT_S: Final = 300.0
_VULNERABILITIES: Final = "vulnerabilities"


@dataclass(frozen=True, slots=True)
class Audit:
    """What came of asking.

    Attributes:
        subject: what was asked about.
        is_done: whether anybody answered.
        is_good: whether nothing is known against it; true if it was not done.
        says: what they said, or why nobody could be asked.
    """

    subject: str
    is_done: bool
    is_good: bool
    says: str


def audit_python(root: Path = ROOT, source: str = ADVISORIES) -> Audit:
    """Asks about the packages of uv.lock."""
    subject = "Python packages"
    version = next(part.version for part in list_parts(root) if (part.kind, part.name) == (PYPI, PROBE))
    why = find_obstacle(source.format(name=PROBE, version=version))
    uv = shutil.which("uv") or shutil.which("uv", path=str(root / "build/tools/bin"))
    if why is None and uv is None:
        why = "there is no uv to read the lock with"
    if why is not None:
        return Audit(subject, False, True, why)  # noqa: FBT003
    with TemporaryDirectory() as folder:
        listed = Path(folder) / "requirements.txt"
        form = ("--format", "requirements-txt", "--no-emit-project", "--all-groups")
        subprocess.run(
            [str(uv), "export", "--frozen", "--quiet", *form, "-o", str(listed)],
            cwd=root, check=True, capture_output=True, timeout=_AUDIT_S,
        )  # fmt: skip
        asked = ("--strict", "--disable-pip", "--require-hashes", "--progress-spinner", "off")
        return _run(subject, [str(PROGRAMS / "pip-audit"), *asked, "-r", str(listed)], root)


def find_obstacle(source: str) -> str | None:
    """Why an advisory source cannot be asked; None if it can."""
    try:
        with urllib.request.urlopen(source, timeout=_PROBE_S) as answer:  # noqa: S310  # the address is ours
            told = json.load(answer)
    except (OSError, ValueError) as error:
        return f"the advisory source cannot be reached ({type(error).__name__})"
    if not isinstance(told, dict) or _VULNERABILITIES not in told:
        return "what answers is no advisory source"
    return None


def audit_node(lock: str, root: Path = ROOT) -> Audit:
    """Asks about the packages of one package-lock.json."""
    npm = shutil.which("npm")
    if npm is None:
        return Audit(lock, False, True, "there is no npm to ask with")  # noqa: FBT003
    folder = (root / lock).parent
    command = [npm, "audit", "--json", "--fetch-retries=0", f"--fetch-timeout={int(_PROBE_S * 1000)}"]
    try:
        asked = subprocess.run(
            command, cwd=folder, capture_output=True, text=True, check=False, timeout=4 * _PROBE_S
        )
        return read_node(lock, asked.stdout)
    except subprocess.TimeoutExpired:
        return Audit(lock, False, True, "the advisory source does not answer")  # noqa: FBT003


def read_node(subject: str, answer: str) -> Audit:
    """What npm says; without a count of vulnerabilities nobody was asked."""
    try:
        counts = json.loads(answer)["metadata"][_VULNERABILITIES]
        total = int(counts["total"])
    except (ValueError, KeyError, TypeError):
        return Audit(subject, False, True, "the advisory source cannot be reached")  # noqa: FBT003
    told = ", ".join(f"{count} {level}" for level, count in counts.items() if count and level != "total")
    return Audit(subject, True, not total, told or "nothing is known against them")  # noqa: FBT003


def _run(subject: str, command: list[str], root: Path) -> Audit:
    asked = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False, timeout=_AUDIT_S)
    return Audit(subject, True, asked.returncode == 0, (asked.stdout + asked.stderr).strip())  # noqa: FBT003


def main() -> int:
    """Asks about everything; 1 if anything is known to be vulnerable, or an audit failed half-way."""
    audits = [audit_python(), *map(audit_node, NPM_LOCKS)]
    for audit in audits:
        print(f"{'audited' if audit.is_done else 'not audited'}: {audit.subject}: {audit.says}")
    return 0 if all(audit.is_good for audit in audits) else 1


if __name__ == "__main__":
    sys.exit(main())
