"""What is made of the console's certificate, and made anew when its files are renewed, without a restart."""

from collections.abc import Callable
from threading import Lock
from typing import Final, Generic, TypeVar

import structlog

from services.kit.credentials import CredentialError, TlsIdentity
from services.kit.shown import ShownCertificate

EXTENSION: Final = "certificate"
"""Under which an application keeps its ShownCertificate."""

_Made = TypeVar("_Made")
_log = structlog.get_logger(__name__)


class Renewed(Generic[_Made]):
    """One thing made of the certificate. May be asked by any thread.

    Args:
        shown: looks at the files.
        make: makes it; CredentialError or OSError where files change under its hands.

    Raises:
        CredentialError, OSError: it cannot be made of what the console starts with.
    """

    def __init__(self, shown: ShownCertificate, make: Callable[[TlsIdentity], _Made]) -> None:
        self._shown: Final = shown
        self._make: Final = make
        self._turn: Final = Lock()
        self._identity = shown.look()
        self._made = make(self._identity)

    def get(self) -> _Made:
        """Of what lies in the files now; of what was there before, if that cannot be used."""
        with self._turn:
            found = self._shown.look()
            if found is not self._identity:
                self._renew(found)
            return self._made

    def _renew(self, found: TlsIdentity) -> None:
        try:
            self._made = self._make(found)
        except (CredentialError, OSError) as error:
            _log.error("certificate_refused", reason="FILES", error=type(error).__name__)
            return  # and tried again when it is asked for next
        self._identity = found
