from collections.abc import Iterator
from pathlib import Path

import pytest
from selenium.webdriver.remote.webdriver import WebDriver

from tests.support.browser import open_chromium
from tests.support.provider import Provider, serving, write_provider


@pytest.fixture(scope="module")
def provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Provider]:
    with serving(write_provider(tmp_path_factory.mktemp("provider"))) as running:
        yield running


@pytest.fixture
def chromium(provider: Provider, tmp_path: Path) -> Iterator[WebDriver]:
    """A browser that nobody has used, and that believes the provider."""
    with open_chromium(tmp_path / "profile", [provider.folder / "tls" / "service.crt"]) as driver:
        yield driver
