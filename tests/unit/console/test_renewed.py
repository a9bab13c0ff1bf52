"""What is made of the console's certificate is made anew once for each renewal, and kept if it cannot be."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from deploy.certificates import CertificateAuthority, IssuedFiles, write_private
from services.console.renewed import Renewed
from services.kit.clock import FixedClock
from services.kit.credentials import TlsIdentity, read_tls
from services.kit.settings import TlsFiles
from services.kit.shown import ShownCertificate

OWN = "kent-police"


@pytest.fixture
def authority() -> CertificateAuthority:
    return CertificateAuthority.create()


@pytest.fixture
def files(authority: CertificateAuthority, tmp_path: Path) -> IssuedFiles:
    return authority.issue_files(tmp_path, "console", OWN)


@pytest.fixture
def shown(files: IssuedFiles) -> ShownCertificate:
    named = TlsFiles(certificate_file=files.certificate, key_file=files.key, authority_file=files.authority)
    first = read_tls(files.certificate, files.key, files.authority)
    return ShownCertificate(named, first, FixedClock(datetime.now(UTC)))


def renew(files: IssuedFiles, authority: CertificateAuthority) -> bytes:
    certificate, key = authority.issue("console", OWN)
    write_private(files.key, key)
    write_private(files.certificate, certificate)
    return certificate


def test_it_is_made_once_until_the_files_are_renewed(
    shown: ShownCertificate, files: IssuedFiles, authority: CertificateAuthority
) -> None:
    made: list[bytes] = []

    def make(tls: TlsIdentity) -> bytes:
        made.append(tls.certificate)
        return tls.certificate

    renewed = Renewed(shown, make)
    assert renewed.get() == renewed.get() == files.certificate.read_bytes()

    certificate = renew(files, authority)

    assert renewed.get() == renewed.get() == certificate
    assert len(made) == 2


def test_several_are_told_of_the_same_renewal(
    shown: ShownCertificate, files: IssuedFiles, authority: CertificateAuthority
) -> None:
    both = [Renewed(shown, lambda tls: tls.certificate) for _ in range(2)]
    certificate = renew(files, authority)
    assert [each.get() for each in both] == [certificate, certificate]


def test_what_cannot_be_made_leaves_the_old_one_and_is_tried_again(
    shown: ShownCertificate, files: IssuedFiles, authority: CertificateAuthority
) -> None:
    faults = [False, True, False]

    def make(tls: TlsIdentity) -> bytes:
        if faults.pop(0):
            raise OSError
        return tls.certificate

    before = files.certificate.read_bytes()
    renewed = Renewed(shown, make)
    certificate = renew(files, authority)

    assert renewed.get() == before
    assert renewed.get() == certificate
