"""Styles and scripts: read once, served under names that change with what is in them.

GOV.UK's typeface is licensed for GOV.UK alone, and crest and crown are the government's: neither is served.
Text is in the typeface of the reader's own system.
"""

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from flask import Blueprint, Response, abort, current_app, request

FOLDER: Final = Path(__file__).parent
EXTENSION: Final = "assets"
YEAR_S: Final = 365 * 24 * 3600

_NODE: Final = FOLDER / "node_modules"
_GOVUK: Final = _NODE / "govuk-frontend" / "dist" / "govuk"
_MOJ: Final = _NODE / "@ministryofjustice" / "frontend" / "moj"
_SOURCES: Final = {
    "govuk-frontend.css": _GOVUK / "govuk-frontend.min.css",
    "moj-frontend.css": _MOJ / "moj-frontend.min.css",
    "govuk-frontend.js": _GOVUK / "govuk-frontend.min.js",
    "moj-frontend.js": _MOJ / "moj-frontend.min.js",
    "console.css": FOLDER / "static" / "console.css",
    "console.js": FOLDER / "static" / "console.js",
    "supported.js": FOLDER / "static" / "supported.js",
    "icon.svg": FOLDER / "static" / "icon.svg",
}
_IMAGES: Final = _MOJ / "assets" / "images"
_TYPES: Final = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
_FACE: Final = re.compile(r"@font-face\{[^}]*\}")
_FONT: Final = "GDS Transport,arial,sans-serif"
_OWN_FONT: Final = "var(--app-font)"
_MAP: Final = re.compile(r"\n?/[/*]# sourceMappingURL=[^\n]*")
_IMAGE: Final = re.compile(r"url\(/assets/images/([a-z0-9-]+\.svg)\)")
_IMPORT: Final = re.compile(r'"@([a-z-]+\.js)"')
_DIGEST_LETTERS: Final = 16


class AssetsError(Exception):
    """A file of the styles or scripts is not there."""


@dataclass(frozen=True, slots=True)
class Asset:
    """One file.

    Attributes:
        name: as served, with a digest of its content.
        content: what is served.
        kind: its media type.
    """

    name: str
    content: bytes
    kind: str


class Assets:
    """Every file that pages may use, by its name before and after the digest.

    Raises:
        AssetsError: one is not there.
    """

    def __init__(self) -> None:
        self._by_own_name: Final[dict[str, Asset]] = {}
        for path in sorted(_IMAGES.glob("icon-*.svg")):
            self._add(path.name, path)
        for name, path in _SOURCES.items():
            self._add(name, path)
        self._by_name: Final = {asset.name: asset for asset in self._by_own_name.values()}

    def path_of(self, name: str) -> str:
        """The address of a file, such as `console.css`."""
        return f"/assets/{self._by_own_name[name].name}"

    def find(self, name: str) -> Asset | None:
        """The file that is served under a name."""
        return self._by_name.get(name)

    def _add(self, name: str, path: Path) -> None:
        try:
            content = self._prepare(path.read_text(encoding="utf-8")).encode()
        except OSError:
            raise AssetsError(f"{path.name}: is not there. Run `make setup`, which installs it") from None
        digest = hashlib.sha256(content).hexdigest()[:_DIGEST_LETTERS]
        stem, dot, suffix = name.rpartition(".")
        self._by_own_name[name] = Asset(f"{stem}.{digest}{dot}{suffix}", content, _TYPES[f".{suffix}"])

    def _prepare(self, text: str) -> str:
        """Our typeface, our addresses, and no map that would be looked for and not found."""
        text = _FACE.sub("", _MAP.sub("", text)).replace(_FONT, _OWN_FONT)
        text = _IMAGE.sub(lambda found: f"url({self._image(found[1])})", text)
        return _IMPORT.sub(lambda found: f'"{self.path_of(found[1])}"', text)

    def _image(self, name: str) -> str:
        return self.path_of(name) if name in self._by_own_name else "data:,"


BLUEPRINT: Final = Blueprint("assets", __name__)


@BLUEPRINT.get("/assets/<name>")
def serve(name: str) -> Response:
    """One file; it may be kept for a year, for its name is another when its content is."""
    assets: Assets = current_app.extensions[EXTENSION]
    found = assets.find(name)
    if found is None:
        abort(404)
    answer = Response(found.content, content_type=f"{found.kind}; charset=utf-8")
    answer.headers["Cache-Control"] = f"public, max-age={YEAR_S}, immutable"
    answer.set_etag(found.name)
    answer.make_conditional(request)
    return answer
