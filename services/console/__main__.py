"""The console of one organisation: `python -m services.console --config FILE`."""

import argparse
import signal
import ssl
import sys
from pathlib import Path
from types import FrameType
from typing import Final

import structlog
from cheroot.wsgi import Server

from services.console.assets import AssetsError
from services.console.background import Background
from services.console.composition import compose
from services.console.server import make_server
from services.console.settings import Settings, load_settings
from services.kit.clock import SystemClock
from services.kit.credentials import CredentialError
from services.kit.directory import DirectoryError
from services.kit.directory_file import load_directory
from services.kit.logs import configure_logs
from services.kit.settings import SettingsError

CANNOT_START: Final = 2
FAILED: Final = 1

_log = structlog.get_logger(__name__)


def main(arguments: list[str]) -> int:
    """Serves until it is told to stop; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m services.console", description=__doc__)
    parser.add_argument("--config", type=Path, required=True, metavar="FILE", help="settings, TOML")
    given = parser.parse_args(arguments)
    background = Background()
    try:
        settings = load_settings(given.config)
        configure_logs(role="console", organisation=settings.organisation)
        server = _prepare(settings, background)
    except (SettingsError, CredentialError, DirectoryError, AssetsError) as refusal:
        return _say(f"console: {refusal}")
    except (OSError, ssl.SSLError) as error:
        return _say(f"console: cannot serve ({type(error).__name__}): see [listen] and [tls]")
    try:
        return _run(server, settings)
    finally:
        background.close()


def _prepare(settings: Settings, background: Background) -> Server:
    clock = SystemClock()
    load_directory(settings.directory, clock.now())  # and remembers its serial: an older one proves nothing
    server = make_server(compose(settings, background, clock), settings)
    server.prepare()
    return server


def _run(server: Server, settings: Settings) -> int:
    signal.signal(signal.SIGTERM, _stop)
    try:  # from here on the server's threads would outlive a signal that nobody minds
        _log.info("serving", host=settings.listen.host, port=server.bind_addr[1])
        server.serve()
    except (KeyboardInterrupt, SystemExit):
        server.stop()
    except Exception as fault:  # noqa: BLE001  # a traceback would print its text, which may quote anything
        _log.error("process_failed", exc_info=fault)
        return FAILED
    return 0


def _say(what: str) -> int:
    print(what, file=sys.stderr)  # noqa: T201  # for whoever starts it
    return CANNOT_START


def _stop(_number: int, _frame: FrameType | None) -> None:
    raise SystemExit


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
