"""A console, by its settings."""

from datetime import UTC, datetime

from services.kit.console_settings import Settings
from services.kit.doctor.patient import ConsolePatient


def console_patient(settings: Settings, now: datetime | None = None) -> ConsolePatient:
    """What is examined of a console."""
    return ConsolePatient(
        owner=settings.organisation,
        settings=settings,
        listen=settings.listen,
        tls=settings.tls,
        directory=settings.directory,
        identity=settings.identity,
        client=settings.identity.client,
        gateway=settings.gateway.address,
        agency=settings.agency.address,
        issuer=settings.sign_in.issuer,
        address=settings.address,
        now=now or datetime.now(UTC),
    )
