"""The agreements of an area: the demonstration's, signed before the first exchange; one ends soon."""

import re
import shutil
import tempfile
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from gateway.adapters.files import folder_texts
from gateway.adapters.papers import read_papers
from gateway.adapters.world import Grounds
from gateway.app.agreement_import import Paper

AGREEMENTS: Final = Path(__file__).resolve().parents[1] / "agreements"
ENDING: Final = "kent-dwp.yaml"
_ENDS_IN: Final = timedelta(days=25)
_EARLIER: Final = 3
"""Years by which everything was signed before it was in the demonstration."""

_BEGAN: Final = re.compile(r'((?:starts: |on: )")(\d{4})')


def area_papers(grounds: Grounds, now: datetime) -> list[Paper]:
    """The papers, checked; WorldError if they are not what agreements must be."""
    folder = Path(tempfile.mkdtemp(prefix="agreements-"))
    try:
        for name, text in folder_texts(AGREEMENTS).items():
            (folder / name).write_text(_dated(name, text, now), encoding="utf-8")
        return read_papers(folder, grounds)
    finally:
        shutil.rmtree(folder)


def proposal(now: datetime) -> str:
    """A next version of one of them, as its owner proposes it: with another review, signed by nobody yet."""
    text = folder_texts(AGREEMENTS)["kent-domestic-abuse.yaml"]
    starts, ends = now.date() + timedelta(days=60), now.date() + timedelta(days=60 + 3 * 365)
    text = re.sub(
        r'^version: "(\d+)"', lambda found: f'version: "{int(found[1]) + 1}"', text, flags=re.MULTILINE
    )
    text = re.sub(r"^state: \w+", "state: DRAFT", text, flags=re.MULTILINE)
    text = re.sub(r"^signatures:\n(?:  - .*\n)+", "", text, flags=re.MULTILINE)
    for name, day in (("starts", starts), ("review", ends - timedelta(days=365)), ("expiry", ends)):
        text = re.sub(rf'^{name}: ".*"', f'{name}: "{day.isoformat()}"', text, flags=re.MULTILINE)
    return text


def _dated(name: str, text: str, now: datetime) -> str:
    text = _BEGAN.sub(lambda found: f"{found[1]}{int(found[2]) - _EARLIER}", text)
    if name == ENDING:
        ends = (now + _ENDS_IN).date().isoformat()
        text = re.sub(r'^(review|expiry): ".*"', rf'\1: "{ends}"', text, flags=re.MULTILINE)
    return text
