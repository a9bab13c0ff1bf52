"""The files of the repository that people wrote: what git tracks or would track, without generated ones."""

import subprocess
from pathlib import Path

GENERATED = ("proto/gen/", "uv.lock", "package-lock.json")


def list_files(root: Path) -> list[Path]:
    """Every hand-written file, relative to `root`, committed or about to be."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    names = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True).stdout.split("\0")
    kept = {
        name for name in names if name and not name.startswith(GENERATED) and not name.endswith(GENERATED)
    }
    return sorted(Path(name) for name in kept if (root / name).is_file())


def read_text(path: Path) -> str | None:
    """The text of a file, or None if it is not text."""
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return None
