"""Chromium without a window, and axe-core in it: for any tests of pages, through `open_chromium`.

Debian's packages `chromium` and `chromium-driver`, or Google's of the same; nothing is fetched from anywhere.
"""

import os
import shutil
from base64 import b64encode
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from selenium.webdriver import Chrome, ChromeOptions, ChromeService
from selenium.webdriver.remote.webdriver import WebDriver

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome") or "/usr/bin/chromium"
DRIVER = shutil.which("chromedriver") or "/usr/bin/chromedriver"
AXE = Path(__file__).parents[1] / "browser" / "node_modules" / "axe-core" / "axe.min.js"
TAGS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice")
"""WCAG 2.2, levels A and AA, and what axe's authors recommend besides."""

PAGE_LIMIT_S = 30
_FLAGS = (
    "--headless=new",
    "--no-sandbox",  # the tests may run as root, in a container
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-sync",
    "--no-first-run",
    "--no-default-browser-check",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
    "--window-size=1280,1024",
)


@contextmanager
def open_chromium(folder: Path, certificates: Sequence[Path] = ()) -> Iterator[WebDriver]:
    """A browser with nothing in it.

    Args:
        folder: for its profile; an empty one.
        certificates: of servers that it believes although it does not know their authority; nobody else's.
    """
    for needed in (CHROMIUM, DRIVER, str(AXE)):
        assert Path(needed).exists(), f"{needed} is missing: run `make setup`"
    options = ChromeOptions()
    options.binary_location = CHROMIUM
    pins = ",".join(_pin(path) for path in certificates)
    pinned = [f"--ignore-certificate-errors-spki-list={pins}"] if pins else []
    for flag in (*_FLAGS, f"--user-data-dir={folder}", *pinned):
        options.add_argument(flag)
    environment = os.environ | {"SE_OFFLINE": "true", "SE_AVOID_STATS": "true"}
    driver = Chrome(options=options, service=ChromeService(DRIVER, env=environment))
    driver.set_page_load_timeout(PAGE_LIMIT_S)
    try:
        yield driver
    finally:
        driver.quit()


def find_faults(driver: WebDriver, tags: Sequence[str] = TAGS) -> list[str]:
    """What axe-core finds on the page that is open: rule, what it wants, and where."""
    driver.execute_script(_read_axe())
    run = (
        "const [tags, done] = arguments; axe.run(document, {runOnly: tags, preload: false})"
        ".then(done, error => done({error: String(error)}));"
    )
    found: dict[str, Any] = driver.execute_async_script(run, list(tags))
    assert "error" not in found, found
    assert found["passes"], "axe looked at nothing"
    return [
        f"{rule['id']}: {rule['help']}: {', '.join(str(node['target']) for node in rule['nodes'])}"
        for rule in found["violations"]
    ]


@cache
def _read_axe() -> str:
    return AXE.read_text(encoding="utf-8")


def _pin(path: Path) -> str:
    key = x509.load_pem_x509_certificate(path.read_bytes()).public_key()
    spki = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return b64encode(sha256(spki).digest()).decode()
