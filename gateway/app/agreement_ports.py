"""What the use cases about agreements need of the store."""

from collections.abc import Collection
from typing import Protocol

from gateway.app.agreement_rows import AbstractRow, AgreementRow, FlowCountRow


class AgreementEvents(Protocol):
    """All that ever happened to agreements; only ever added to."""

    async def head(self) -> str | None:
        """Record hash of the newest event: another one says that agreements changed; None without any."""

    async def keep_still(self, lock: str) -> None:
        """Keeps whoever takes that lock out until this unit ends; many units may do so at once."""

    async def all(self) -> list[AgreementRow]:
        """All events, oldest first."""

    async def add(self, row: AgreementRow) -> None:
        """Adds one."""


class Abstracts(Protocol):
    """Past decisions without their content."""

    async def add(self, row: AbstractRow) -> None:
        """Keeps one of an exchange that has none yet."""

    async def replace(self, row: AbstractRow) -> None:
        """Keeps one in the place of an earlier one of the same exchange."""

    async def newest(self, organisations: Collection[str], limit: int) -> list[AbstractRow]:
        """The newest in which one of these organisations took part, newest first."""


class Flows(Protocol):
    """Exchanges by who sends to whom."""

    async def under_way(self, organisations: Collection[str]) -> list[str]:
        """Exchanges between two of these of which something waits, or is decided and not yet published."""

    async def tried(self) -> list[FlowCountRow]:
        """By flow, first decisions that waited for an agreement or went without one."""

    async def waiting(self, prerequisite: str) -> list[FlowCountRow]:
        """By flow, exchanges that wait for a prerequisite now."""
