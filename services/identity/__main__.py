"""The provider: `python -m services.identity --config FILE`.

python -m services.identity password                    hash a password, which is typed or piped in
python -m services.identity key --config FILE [--after SECONDS]    add a key that signs from then on
"""

import argparse
import getpass
import signal
import ssl
import sys
from datetime import timedelta
from pathlib import Path
from types import FrameType

import structlog
from cheroot.wsgi import Server

from services.identity.application import make_application
from services.identity.keys import SigningKeys, make_key
from services.identity.passwords import PasswordError, hash_password
from services.identity.people import read_people
from services.identity.server import make_server
from services.identity.settings import Settings, load_settings
from services.kit.clock import SystemClock
from services.kit.credentials import CredentialError, read_tls
from services.kit.logs import configure_logs
from services.kit.settings import SettingsError

CANNOT_START = 2
FAILED = 1
PROGRAM = "python -m services.identity"
WARNING = "This identity provider is for development and tests only: it keeps nothing, and nobody audits it."

_KEY_AHEAD_S = 600  # longer than anybody keeps a key set before looking again

_log = structlog.get_logger(__name__)


def main(arguments: list[str]) -> int:
    """Runs what is asked for; the exit code."""
    try:
        if arguments[:1] == ["password"]:
            return _hash(arguments[1:])
        if arguments[:1] == ["key"]:
            return _add_key(arguments[1:])
        return _serve(arguments)
    except (SettingsError, PasswordError) as refusal:
        return _say(f"identity: {refusal}")


def _say(what: str) -> int:
    print(what, file=sys.stderr)  # noqa: T201  # for whoever starts it
    return CANNOT_START


def _parser(command: str = "") -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(prog=f"{PROGRAM} {command}".rstrip(), description=WARNING)
    made.add_argument("--config", type=Path, required=True, metavar="FILE", help="settings, TOML")
    return made


def _hash(arguments: list[str]) -> int:
    argparse.ArgumentParser(prog=f"{PROGRAM} password", description="Hashes a password.").parse_args(
        arguments
    )
    typed = getpass.getpass("Password: ") if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
    print(hash_password(typed))  # noqa: T201  # what was asked for
    return 0


def _add_key(arguments: list[str]) -> int:
    parser = _parser("key")
    parser.add_argument(
        "--after", type=int, default=_KEY_AHEAD_S, metavar="SECONDS",
        help=f"when it signs first; it is published at once (default: {_KEY_AHEAD_S})",
    )  # fmt: skip
    given = parser.parse_args(arguments)
    folder = load_settings(given.config).keys.folder
    path = make_key(folder, SystemClock().now() + timedelta(seconds=given.after))
    print(path)  # noqa: T201  # what was asked for
    return 0


def _serve(arguments: list[str]) -> int:
    settings = load_settings(_parser().parse_args(arguments).config)
    configure_logs(role="identity")
    clock = SystemClock()
    keys = SigningKeys(settings.keys.folder, clock.now)
    app = make_application(settings, read_people(settings.people.file, settings.clients), keys, clock)
    _check_tls(settings)
    try:
        server = make_server(app, settings)
        server.prepare()
    except (OSError, ssl.SSLError) as error:
        return _say(f"identity: cannot serve ({type(error).__name__}): see [listen] and [tls]")
    return _run(server, settings)


def _run(server: Server, settings: Settings) -> int:
    signal.signal(signal.SIGTERM, _stop)
    try:  # from here on the server's threads would outlive a signal that nobody minds
        _log.warning(
            "serving for development and tests only", host=settings.listen.host, port=server.bind_addr[1]
        )
        print(WARNING, file=sys.stderr)  # noqa: T201  # as _say
        server.serve()
    except (KeyboardInterrupt, SystemExit):
        server.stop()
    except Exception as fault:  # noqa: BLE001  # a traceback would print its text, which may quote anything
        _log.error("process_failed", exc_info=fault)
        return FAILED
    return 0


def _check_tls(settings: Settings) -> None:
    tls = settings.tls
    try:
        read_tls(tls.certificate_file, tls.key_file, tls.authority_file)
    except CredentialError as error:
        raise SettingsError(str(error)) from None


def _stop(_number: int, _frame: FrameType | None) -> None:
    raise SystemExit


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
