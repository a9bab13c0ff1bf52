"""The certificate that a process shows is renewed by its files, whole or not at all."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from deploy.certificates import CertificateAuthority, IssuedFiles, write_private
from services.kit.clock import FixedClock
from services.kit.credentials import read_tls
from services.kit.settings import TlsFiles
from services.kit.shown import ShownCertificate, certificate_checks

OWN = "kent-police"


@pytest.fixture
def authority() -> CertificateAuthority:
    return CertificateAuthority.create()


@pytest.fixture
def files(authority: CertificateAuthority, tmp_path: Path) -> IssuedFiles:
    return authority.issue_files(tmp_path, "service", OWN)


def show(files: IssuedFiles, clock: FixedClock | None = None) -> ShownCertificate:
    named = TlsFiles(certificate_file=files.certificate, key_file=files.key, authority_file=files.authority)
    first = read_tls(files.certificate, files.key, files.authority)
    return ShownCertificate(named, first, clock or FixedClock(datetime.now(UTC)))


def renew(files: IssuedFiles, authority: CertificateAuthority, organisation: str = OWN) -> bytes:
    certificate, key = authority.issue("service", organisation)
    write_private(files.key, key)
    write_private(files.certificate, certificate)
    return certificate


def test_nothing_is_new_until_the_files_are(files: IssuedFiles, authority: CertificateAuthority) -> None:
    shown = show(files)
    assert shown.renew() is None

    certificate = renew(files, authority)

    found = shown.renew()
    assert found is not None
    assert found.certificate == certificate
    assert shown.renew() is None


def test_health_may_find_the_new_one_first(files: IssuedFiles, authority: CertificateAuthority) -> None:
    shown = show(files)
    certificate = renew(files, authority)

    assert shown.is_latest()

    found = shown.renew()
    assert found is not None
    assert found.certificate == certificate


@pytest.mark.parametrize(
    "fault", ["another's", "another authority", "half a pair", "torn", "gone", "over", "open"]
)
async def test_what_cannot_be_shown_changes_nothing_and_health_says_so(
    files: IssuedFiles, authority: CertificateAuthority, fault: str
) -> None:
    shown = show(files)
    checks = certificate_checks(shown)
    before = shown.identity
    spoil(files, authority, fault)

    with capture_logs() as logs:
        assert shown.renew() is None
        assert shown.renew() is None

    assert shown.identity is before
    assert not await checks["certificate-is-latest"]()
    assert [entry["event"] for entry in logs] == ["certificate_refused"]
    files.certificate.unlink(missing_ok=True)
    good = renew(files, authority)
    assert await checks["certificate-is-latest"]()
    assert shown.identity.certificate == good


def spoil(files: IssuedFiles, authority: CertificateAuthority, fault: str) -> None:
    if fault == "another's":
        renew(files, authority, "kent-probation")
    elif fault == "another authority":
        renew(files, CertificateAuthority.create())
    elif fault == "half a pair":
        write_private(files.key, authority.issue("service", OWN)[1])
    elif fault == "torn":
        write_private(files.certificate, files.certificate.read_bytes()[:100])
    elif fault == "over":
        renew(files, replace(authority, lifetime=timedelta(seconds=-1)))
    elif fault == "open":
        renew(files, authority)
        files.key.chmod(0o644)
    else:
        files.certificate.unlink()


async def test_one_that_is_about_to_end_is_said_once_a_day(files: IssuedFiles) -> None:
    clock = FixedClock(datetime.now(UTC))
    shown = show(files, clock)
    check = certificate_checks(shown)["certificate-is-lasting"]
    assert await check()
    clock.moment += timedelta(days=17)

    with capture_logs() as logs:
        assert not await check()
        assert not await check()
        clock.moment += timedelta(days=1)
        assert not await check()

    assert [(entry["event"], entry["days"]) for entry in logs] == [
        ("certificate_ends", 12),
        ("certificate_ends", 11),
    ]
