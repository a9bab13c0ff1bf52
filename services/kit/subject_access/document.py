"""The pack as a document: PDF/UA-1, tagged for screen readers; the same pack gives the same bytes."""

from pathlib import Path
from typing import Any, Final

import typst

from services.kit.evidence.canonical import canonical

_LETTER: Final = (Path(__file__).resolve().parent / "letter.typ").read_bytes()


def write_document(pack: dict[str, Any], *, preview: bool = False) -> bytes:
    """A pack as PDF; a preview says on each page that it is one.

    Fonts come with the library, so that a machine's own change nothing.
    """
    marked = {"preview": "yes"} if preview else {}
    made = typst.compile(
        _LETTER,
        format="pdf",
        sys_inputs={"pack": canonical(pack).decode(), **marked},
        pdf_standards="ua-1",
        ignore_system_fonts=True,
    )
    if not isinstance(made, bytes):
        raise TypeError("one document was asked for")
    return made
