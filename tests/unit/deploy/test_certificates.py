import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509 import verification
from cryptography.x509.oid import ExtendedKeyUsageOID

from deploy.certificates import CertificateAuthority, Usage, write_private

BOTH = Usage()


def issued(usage: Usage = BOTH, lifetime: timedelta = timedelta(days=1)) -> tuple[x509.Certificate, bytes]:
    authority = CertificateAuthority.create(lifetime=lifetime)
    certificate, _ = authority.issue("prison", "kent-prison", usage=usage)
    return x509.load_pem_x509_certificate(certificate), authority.certificate_pem


def verifier(root: bytes) -> verification.PolicyBuilder:
    return verification.PolicyBuilder().store(verification.Store([x509.load_pem_x509_certificate(root)]))


def test_a_certificate_verifies_as_server_and_as_client_and_names_its_organisation() -> None:
    certificate, root = issued()
    verifier(root).build_server_verifier(x509.DNSName("localhost")).verify(certificate, [])
    client = verifier(root).build_client_verifier().verify(certificate, [])
    assert client.subjects is not None
    names = [name.value for name in client.subjects if isinstance(name, x509.UniformResourceIdentifier)]
    assert names == ["urn:publicprotection:organisation:kent-prison"]


def test_a_certificate_is_good_for_what_it_was_issued_for_only() -> None:
    certificate, _ = issued(Usage(server=False))
    purposes = list(certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value)
    assert purposes == [ExtendedKeyUsageOID.CLIENT_AUTH]


def test_keys_are_p256_and_lives_are_short() -> None:
    certificate, _ = issued(lifetime=timedelta(hours=3))
    assert isinstance(certificate.public_key(), ec.EllipticCurvePublicKey)
    assert certificate.not_valid_after_utc - datetime.now(UTC) <= timedelta(hours=3)
    certificate_pem, key_pem = CertificateAuthority.create().issue("a", "b")
    key = serialization.load_pem_private_key(key_pem, None)
    assert key.public_key() == x509.load_pem_x509_certificate(certificate_pem).public_key()


def test_files_are_readable_by_their_owner_only_even_when_replaced(tmp_path: Path) -> None:
    files = CertificateAuthority.create().issue_files(tmp_path / "tls", "prison", "kent-prison")
    files.key.chmod(0o644)
    write_private(files.key, b"other")
    assert stat.S_IMODE((tmp_path / "tls").stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "tls").iterdir()} == {0o600}
    assert files.key.read_bytes() == b"other"
