"""Puts an area of data into the gateway of a private system, before that is started.

    python -m deploy.area --folder build/area --subjects 5000 --exchanges 200000 --seed 1

The folder is one that `deploy.local` made and in which nothing runs. Everybody in it is invented.
"""

import argparse
import asyncio
import json
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from deploy.area.loader import Size, Target, load_area
from deploy.local.keys import KEY_FOLDER
from deploy.local.roster import read_organisations
from services.kit.directory import GATEWAY
from services.kit.evidence.keys import DecryptionKey, SigningKey


def main() -> int:
    """Loads as asked; 0 if it could."""
    asked = _arguments()
    started = time.monotonic()
    target = target_of(asked.folder, asked.url)
    size = Size(asked.subjects, asked.exchanges, asked.seed)
    records = asyncio.run(load_area(target, size, show_progress, datetime.now(UTC)))
    print(f"\n{asked.exchanges:,} exchanges, {records:,} records in {time.monotonic() - started:.0f} s")
    return 0


def target_of(folder: Path, url: str = "") -> Target:
    """The gateway of a private system, and the keys of everybody in it."""
    organisations = read_organisations()
    owners = [*(entry.organisation for entry in organisations), GATEWAY]
    keys = {owner: folder / owner / KEY_FOLDER for owner in owners if (folder / owner / KEY_FOLDER).is_dir()}
    return Target(
        url=url or f"sqlite+aiosqlite:///{(folder / GATEWAY / 'gateway.db').absolute()}",
        key_store=folder / GATEWAY / "key-store" / "keys.db",
        organisations=tuple(organisations),
        signing={
            owner: SigningKey.from_jwk(_read(at / "signing.jwk"), owner=owner) for owner, at in keys.items()
        },
        decryption={
            owner: DecryptionKey.from_jwk(_read(at / "encryption.jwk"), owner=owner)
            for owner, at in keys.items()
        },
    )


def show_progress(what: str, done: int, of: int) -> None:
    """One line, written over."""
    sys.stderr.write(f"\r{what}: {done:,} of {of:,}".ljust(60))
    sys.stderr.flush()


def _read(path: Path) -> dict[str, str]:
    jwk: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
    return jwk


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m deploy.area", description=__doc__)
    parser.add_argument("--folder", type=Path, required=True, help="of a private system that is not running")
    parser.add_argument("--subjects", type=int, default=200, help="people whose cases it is about")
    parser.add_argument("--exchanges", type=int, default=2000, help="over the last two years")
    parser.add_argument("--seed", type=int, default=1, help="the same seed, the same exchanges")
    parser.add_argument("--url", default="", help="of the gateway's database, if it is not the one in there")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
