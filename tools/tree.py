"""Compares a generated folder with the committed one, and brings the committed one up to date."""

import shutil
from pathlib import Path


def find_differences(fresh: Path, committed: Path) -> list[str]:
    """Names the files that differ, are missing or are left over, relative to both folders, sorted."""
    ours, theirs = _read(fresh), _read(committed)
    return sorted(name for name in ours.keys() | theirs.keys() if ours.get(name) != theirs.get(name))


def replace(fresh: Path, committed: Path) -> list[str]:
    """Makes `committed` equal to `fresh`, touching only what differs; returns the names touched."""
    changed = find_differences(fresh, committed)
    for name in changed:
        _replace_file(fresh / name, committed / name)
    return changed


def _replace_file(fresh: Path, committed: Path) -> None:
    if not fresh.exists():
        committed.unlink()
        return
    committed.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(fresh, committed)


def _read(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}
