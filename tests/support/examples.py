"""Documents that are valid, from the validation vectors: rules across fields need more than filling in."""

from functools import cache
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).parents[1] / "vectors" / "validation"


@cache
def find_examples() -> dict[str, dict[str, Any]]:
    """The first passing example of each document that has one, as ProtoJSON, by the document's name."""
    files = (yaml.safe_load(path.read_text("utf-8")) for path in sorted(FOLDER.glob("*.yaml")))
    return {file["document_type"]: file["valid"][0]["document"] for file in files}
