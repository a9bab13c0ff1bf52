"""A process that fails says where and what kind, and never the text of what it choked on."""

import logging
from collections.abc import Callable, Iterator

import pytest
import structlog

import gateway.__main__ as gateway_main
from services.kit import launcher

SECRET = "Marlon Quillfeather"


async def fail(*_: object) -> None:
    raise RuntimeError(SECRET)


def run_agency() -> int:
    arguments = ["partner", "--config", "settings.toml"]
    return launcher.launch(arguments, package="services", assemble=NotImplemented)


def run_gateway() -> int:
    return gateway_main.main(["--config", "settings.toml"])


@pytest.fixture(autouse=True)
def logs_as_they_were() -> Iterator[None]:
    handlers, level = logging.root.handlers[:], logging.root.level
    yield
    structlog.reset_defaults()
    logging.basicConfig(handlers=handlers, level=level, force=True)


@pytest.mark.parametrize("run", [run_agency, run_gateway])
def test_a_fault_is_told_without_its_text(
    run: Callable[[], int], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = type("Settings", (), {"organisation": "own-body"})()
    monkeypatch.setattr(launcher, "load_settings", lambda _path: settings)
    monkeypatch.setattr(launcher, "_run", fail)
    monkeypatch.setattr(gateway_main, "_run", fail)
    assert run() not in (0, launcher.CANNOT_START)
    printed = "".join(capsys.readouterr())
    assert "process_failed" in printed
    assert "RuntimeError" in printed
    assert SECRET not in printed
