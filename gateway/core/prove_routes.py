"""Which routes the proof tries: from each kind to each kind for each purpose, those alike tried once.

In the most permissive world only prohibitions look at kinds and purposes. Two kinds, or two purposes, that
each prohibition on a document names together or not at all are decided alike, so one stands for all.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import product
from typing import Final

from gateway.core.prove_world import Route, all_kinds, all_purposes
from gateway.core.rulebook_model import Applies

_PURPOSE: Final = "header.purpose"

Group = tuple[str, ...]


class Routes:
    """The routes to try for what applies where.

    Args:
        prohibitions: of the rulebook: where each applies, and its condition's text.
        every: each kind of recipient and each purpose is a group of its own.
    """

    def __init__(self, prohibitions: Sequence[tuple[Applies, str]], *, every: bool = False) -> None:
        self._prohibitions, self._every = prohibitions, every
        self._groups: dict[str, tuple[list[Group], list[Group], list[Group]]] = {}

    def of(self, document: str, applies: Applies) -> Iterator[Route]:
        """One route of a document for each combination of groups to which something applies."""
        if document not in self._groups:
            self._groups[document] = self._alike(document)
        senders, recipients, purposes = self._groups[document]
        some = product(
            _within(senders, applies.senders),
            _within(recipients, applies.recipients, (*applies.except_recipients, *applies.lacking)),
            _within(purposes, applies.purposes),
        )
        for sender, recipient, purpose in some:
            count = len(sender) * len(recipient) * len(purpose)
            yield Route(sender[0], recipient[0], purpose[0], count)

    def _alike(self, document: str) -> tuple[list[Group], list[Group], list[Group]]:
        concerning = [each for each in self._prohibitions if _concerns(each[0], document)]
        applies = [each for each, _ in concerning]
        told = self._every or any(_PURPOSE in text for _, text in concerning)
        looked_at = [some for each in applies for some in _recipients_of(each)]
        return (
            _alike(all_kinds(), [each.senders for each in applies]),
            _alone(all_kinds()) if self._every else _alike(all_kinds(), looked_at),
            _alone(all_purposes()) if told else _alike(all_purposes(), [each.purposes for each in applies]),
        )


def _concerns(applies: Applies, document: str) -> bool:
    return document not in applies.except_documents and document in (applies.documents or (document,))


def _recipients_of(applies: Applies) -> tuple[Iterable[str], ...]:
    return applies.recipients, applies.except_recipients, applies.lacking


def _alike(names: Iterable[str], lists: Sequence[Iterable[str]]) -> list[Group]:
    groups: dict[tuple[bool, ...], Group] = {}
    sets = [frozenset(each) for each in lists]
    for name in names:
        told = tuple(name in each for each in sets)
        groups[told] = (*groups.get(told, ()), name)
    return list(groups.values())


def _alone(names: Iterable[str]) -> list[Group]:
    return [(name,) for name in names]


def _within(groups: Iterable[Group], named: Iterable[str], excluded: Iterable[str] = ()) -> list[Group]:
    wanted, unwanted = frozenset(named), frozenset(excluded)
    kept = (
        tuple(name for name in group if (not wanted or name in wanted) and name not in unwanted)
        for group in groups
    )
    return [group for group in kept if group]
