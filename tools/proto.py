"""`make proto`: stubs, image, lint and compatibility of the wire contract.

python -m tools.proto            write proto/gen and build/image.binpb, then lint
python -m tools.proto lint       build the image and lint it
python -m tools.proto drift      fail if proto/gen is not what the protos generate
python -m tools.proto release    make the image of today the one that later changes are compared with
"""

import shutil
import sys
import tempfile
from pathlib import Path

from tools import tree
from tools.commands import CommandError, run
from tools.paths import BUF_CONFIG, IMAGE, PROTO, PROTO_PACKAGE, RELEASED_IMAGE, ROOT, STUBS
from tools.protoc import build_image, generate_stubs


def generate() -> str:
    """Brings proto/gen up to date; returns what it did."""
    with tempfile.TemporaryDirectory() as folder:
        generate_stubs(PROTO, Path(folder))
        changed = tree.replace(Path(folder), STUBS)
    return f"{len(changed)} generated files changed"


def check_drift() -> str:
    """Raises `CommandError` naming the generated files that are not what the protos generate."""
    with tempfile.TemporaryDirectory() as folder:
        generate_stubs(PROTO, Path(folder))
        changed = tree.find_differences(Path(folder), STUBS)
    if changed:
        message = "run `make proto` and commit; out of date in proto/gen:\n" + "\n".join(changed)
        raise CommandError(message)
    return "stubs are what the protos generate"


def lint() -> str:
    """Builds the image, lints it and compares it with the last release; returns what was compared.

    Raises:
        CommandError: the findings, one a line.
    """
    build_image(PROTO, IMAGE)
    limits = ["--config", str(BUF_CONFIG), "--path", PROTO_PACKAGE]
    run("buf", "lint", str(IMAGE), *limits)
    if not RELEASED_IMAGE.exists():
        return "lint passed; no release yet, so nothing to break"
    run("buf", "breaking", str(IMAGE), "--against", str(RELEASED_IMAGE), *limits)
    return "lint passed; compatible with the last release"


def release() -> str:
    """Keeps today's image as the last release."""
    build_image(PROTO, IMAGE)
    shutil.copyfile(IMAGE, RELEASED_IMAGE)
    return f"wrote {RELEASED_IMAGE.relative_to(ROOT)}"


ACTIONS = {"write": (generate, lint), "lint": (lint,), "drift": (check_drift,), "release": (release,)}


def main(arguments: list[str]) -> int:
    """Runs one action; returns the exit status."""
    try:
        for action in ACTIONS[arguments[0] if arguments else "write"]:
            print(action())
    except CommandError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
