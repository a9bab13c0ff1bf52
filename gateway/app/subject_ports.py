"""What the use cases need of the subject register in the database."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Protocol

from gateway.app.subject_rows import (
    DescriptionRow,
    EntryRow,
    Learnt,
    LinkRow,
    MentionRow,
    ReachedRow,
    ToldRow,
    TraceRow,
)
from gateway.core.subjects.linking import LinkState


class Subjects(Protocol):
    """The subject register: made-up ids, blind indexes, links, and encrypted descriptions.

    Every identifier is an entry of its own. Who is one person is found by following the links in force.
    """

    async def known(self, indexes: Collection[bytes]) -> dict[bytes, str]:
        """From blind index of an identifier to its entry, of those known."""

    async def recognised(self, indexes: Collection[bytes]) -> list[ReachedRow]:
        """For each entry that has one of these identifiers, all that are the same person; oldest first."""

    async def reached(self, subject_ids: Collection[str]) -> list[ReachedRow]:
        """For each of these entries that there is, all that are the same person; oldest first."""

    async def links_among(self, subject_ids: Collection[str]) -> list[LinkRow]:
        """The links whose two ends are both among these entries, whatever their state; oldest first."""

    async def case_texts(self, subject_ids: Collection[str]) -> list[DescriptionRow]:
        """Everybody whom exchanges describe that name one of these entries."""

    async def told(self, text_ids: Collection[bytes]) -> list[ToldRow]:
        """Who knows what these descriptions say."""

    async def add(self, entries: Sequence[EntryRow], mentions: Sequence[MentionRow]) -> None:
        """Adds entries, and whom an exchange names."""

    async def learn(self, learnt: Learnt) -> None:
        """Adds what an exchange says of people; what is there already stays."""

    async def mentioned(self, exchange_id: str) -> list[MentionRow]:
        """Whom an exchange names, as far as they have an entry."""

    async def descriptions(self, subject_ids: Collection[str]) -> list[DescriptionRow]:
        """What exchanges say of these entries themselves."""

    async def traces(self, subject_ids: Collection[str]) -> list[TraceRow]:
        """The traces of these entries."""

    async def traced(self, indexes: Collection[bytes], limit: int) -> list[TraceRow]:
        """Whoever has one of these traces, those with the strongest first."""

    async def find_link(self, link_id: str) -> LinkRow | None:
        """One link."""

    async def held_links(
        self, after: int, limit: int, concerning: Collection[str] | None = None
    ) -> list[LinkRow]:
        """Links that wait for a person, after a position, oldest first.

        Args:
            after: a position.
            limit: how many at most.
            concerning: only those found in an exchange that one of these organisations sent or was decided
                for; None: all.
        """

    async def concerning(self, subject_ids: Collection[str], organisations: Collection[str]) -> set[str]:
        """Of these entries, those named in an exchange that one of the organisations took part in."""

    async def add_link(self, row: LinkRow) -> None:
        """Adds a link."""

    async def settle_link(self, link_id: str, state: LinkState, at: datetime, settled_in: str) -> None:
        """Puts a link in another state: when, and in which scope the texts say who did so and why."""

    async def forget(self, subject_ids: Collection[str]) -> list[str]:
        """Deletes all that the register has on these entries.

        Returns:
            The scopes of the data keys and salts that are to be destroyed with it.
        """
