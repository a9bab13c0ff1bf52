"""The certificate that a process shows: read again when its files were renewed, without a restart.

A new pair is looked at whole before it takes the place of the old one: it must name the same organisation,
fit its key, be vouched for and be valid now. One that does not changes nothing, and health says so.
"""

from datetime import timedelta
from pathlib import Path
from threading import Lock
from typing import Final

import structlog

from services.kit.certificates import CertificateState, inspect_certificate
from services.kit.clock import Clock
from services.kit.credentials import CredentialError, TlsIdentity, read_tls
from services.kit.rpc.health import Check
from services.kit.settings import TlsFiles

_log = structlog.get_logger(__name__)
_WARN_AGAIN: Final = timedelta(days=1)

_Stamp = tuple[tuple[int, int, int], ...]


class ShownCertificate:
    """What is shown to callers. Asked at each handshake, by gRPC on a thread of its own.

    Args:
        files: where certificate, key and authority are.
        first: what the process started with.
        clock: the time.
    """

    def __init__(self, files: TlsFiles, first: TlsIdentity, clock: Clock) -> None:
        self._files = files
        self._identity = first
        self._clock = clock
        self._turn = Lock()
        self._stamp = self._look()
        self._warned = clock.now() - _WARN_AGAIN
        self._is_latest = True
        self._given = first

    @property
    def identity(self) -> TlsIdentity:
        """What is shown now."""
        return self._identity

    def look(self) -> TlsIdentity:
        """What is to be shown now, after a look at the files; the same object until they are renewed."""
        with self._turn:
            self._look_again()
            return self._identity

    def renew(self) -> TlsIdentity | None:
        """What is to be shown from now on, if it is another than this last gave; otherwise None."""
        with self._turn:
            self._look_again()
            if self._given is self._identity:
                return None
            self._given = self._identity
            return self._identity

    def is_latest(self) -> bool:
        """Whether what is shown is what lies in the files."""
        with self._turn:
            self._look_again()
            return self._is_latest

    def is_lasting(self) -> bool:
        """Whether the certificate outlasts the time of warning; says in the log, once a day, if not."""
        state = inspect_certificate(self._identity)
        now = self._clock.now()
        if state.not_after - now >= timedelta(days=self._files.warn_days):
            return True
        if now - self._warned >= _WARN_AGAIN:
            self._warned = now
            _log.warning("certificate_ends", days=max((state.not_after - now).days, 0))
        return False

    def _look_again(self) -> None:
        stamp = self._look()
        if stamp != self._stamp or not self._is_latest:
            was_latest, self._stamp = self._is_latest, stamp
            found = self._read()
            self._is_latest = found is not None
            if found is not None and found != self._identity:
                self._identity = found
                _log.info("certificate_in_force")
            elif found is None and was_latest:
                _log.error("certificate_refused", reason="FILES")

    def _read(self) -> TlsIdentity | None:
        """What lies in the files; None if it cannot be shown."""
        files = self._files
        try:
            found = read_tls(files.certificate_file, files.key_file, files.authority_file)
            return found if self._is_good(inspect_certificate(found)) else None
        except CredentialError:
            return None

    def _is_good(self, state: CertificateState) -> bool:
        return (
            state.organisations == {self._identity.organisation()}
            and state.is_paired
            and state.is_chained
            and state.not_before <= self._clock.now() < state.not_after
        )

    def _look(self) -> _Stamp:
        files = self._files
        return tuple(_stamp(path) for path in (files.certificate_file, files.key_file, files.authority_file))


def certificate_checks(shown: ShownCertificate) -> dict[str, Check]:
    """The parts of a process's health that tell of its certificate."""

    async def is_latest() -> bool:
        return shown.is_latest()

    async def is_lasting() -> bool:
        return shown.is_lasting()

    return {"certificate-is-latest": is_latest, "certificate-is-lasting": is_lasting}


def _stamp(path: Path) -> tuple[int, int, int]:
    """What tells a file that was written anew; zeros for one that cannot be asked."""
    try:
        state = path.stat()
    except OSError:
        return (0, 0, 0)
    return (state.st_mtime_ns, state.st_size, state.st_ino)
