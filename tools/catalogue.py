"""`docs/catalogue.md`: each document that agencies exchange, generated from the contract and the rulebook.

python -m tools.catalogue          write it
python -m tools.catalogue check    fail if it is not what would be written
"""

import sys
import tempfile
from pathlib import Path

import yaml
from publicprotection.privacy.v1 import privacy_pb2  # noqa: F401 - the image's options are parsed with it

from tools import catalogue_text
from tools.commands import CommandError
from tools.contract import Contract, read_contract
from tools.paths import PROTO, ROOT
from tools.protoc import build_image, read_image
from tools.requirements import RULEBOOK, read_labels, read_requirements

CATALOGUE = ROOT / "docs" / "catalogue.md"


def compile_contract() -> Contract:
    """Compiles the protos and reads what they say. CommandError if they do not compile."""
    with tempfile.TemporaryDirectory() as folder:
        image = Path(folder, "image.binpb")
        build_image(PROTO, image)
        return read_contract(read_image(image))


def read_recipients() -> dict[str, list[str]]:
    """The kinds of organisation for which the rulebook knows a need, by document, sorted."""
    needs = yaml.safe_load((RULEBOOK / "needs.yaml").read_text(encoding="utf-8"))["needs"]
    found: dict[str, set[str]] = {}
    for need in needs:
        for document in need.get("documents", ()):
            found.setdefault(document, set()).update(need.get("recipients", ()))
    return {document: sorted(kinds) for document, kinds in found.items()}


def compose() -> str:
    """The text of the catalogue as it should be."""
    source = catalogue_text.Source(compile_contract(), read_requirements(), read_labels(), read_recipients())
    return catalogue_text.compose(source)


def write() -> str:
    """Writes the catalogue; returns what it did."""
    CATALOGUE.write_text(compose(), encoding="utf-8")
    return f"wrote {CATALOGUE.relative_to(ROOT)}"


def check() -> str:
    """Raises `CommandError` if the committed catalogue is not what the contract says today."""
    if not CATALOGUE.exists() or CATALOGUE.read_text(encoding="utf-8") != compose():
        raise CommandError("docs/catalogue.md is out of date: run `make catalogue` and commit it")
    return "the catalogue says what the contract says"


def main(arguments: list[str]) -> int:
    """Writes or checks; returns the exit status."""
    try:
        print(check() if arguments == ["check"] else write())
    except CommandError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
