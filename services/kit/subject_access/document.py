"""The pack as a document: PDF/UA-1, tagged for screen readers; the same pack gives the same bytes."""

from pathlib import Path
from typing import Any, Final

import typst

from services.kit.evidence.canonical import canonical

_LETTER: Final = (Path(__file__).resolve().parent / "letter.typ").read_bytes()


def write_document(pack: dict[str, Any]) -> bytes:
    """A pack as PDF. Fonts come with the library, so that a machine's own change nothing."""
    made = typst.compile(
        _LETTER,
        format="pdf",
        sys_inputs={"pack": canonical(pack).decode()},
        pdf_standards="ua-1",
        ignore_system_fonts=True,
    )
    if not isinstance(made, bytes):
        raise TypeError("one document was asked for")
    return made
