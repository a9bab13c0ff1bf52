"""Parties whom the gateway knows of a subject from earlier exchanges, and of whom a text must not tell.

They are treated like the document's own: whether this recipient may learn of them is found by the same steps
of the decision, as if the document held a leaf of each kind about them. A party only ever adds to what is
masked, and each is looked for on its own, so that knowing one more never unmasks anything.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from gateway.core.flow import KNOWN_KINDS
from gateway.core.freetext.folding import words_of
from gateway.core.freetext.identifiers import squeeze
from gateway.core.freetext.mask import mask_text
from gateway.core.freetext.model import PartyNames, Span, SpanKind
from gateway.core.model import Desk, Effect, KnownParty
from gateway.core.treatment import Treatment

Parties = tuple[PartyNames, ...]

_THEIRS: Final = frozenset(SpanKind) - {SpanKind.STRANGER, SpanKind.PLACE, SpanKind.POSTCODE}
_NOBODY: Final = PartyNames("")


def hidden_parties(
    parties: Sequence[KnownParty], treatments: Iterable[Treatment], document: Parties, recipient: Desk
) -> Parties:
    """The known parties, as far as the recipient may not learn of them.

    Args:
        parties: in the order of the case.
        treatments: of their leaves (`Submission.known`), after every step of the decision.
        document: whom the document itself names: what it says of somebody is not asked again.
        recipient: whoever was told before is not kept from it.
    """
    hidden = {each.leaf.path for each in treatments if each.effect is not Effect.RELEASE}
    said = _Said((*document, *(_told(party, recipient) for party in parties)))
    limited = (said.rest(_limit(index, party.names, hidden)) for index, party in enumerate(parties))
    return tuple(dict.fromkeys(each for each in limited if each != _NOBODY))


def find_known(text: str, hidden: Parties, kept: Parties, *, places_stay: bool = False) -> Iterator[Span]:
    """What a text says of known parties; what it says of others is for the document's own rule.

    `places_stay`: where they live stays, as it does for the document's own parties.
    """
    for party in hidden:
        homes = squeeze(" ".join(party.addresses))
        for span in mask_text(text, (party,), kept, places_stay=places_stay):
            own = span.kind is SpanKind.POSTCODE and squeeze(text[span.start : span.end]) in homes
            if own or span.kind in _THEIRS:
                yield span


def _limit(index: int, names: PartyNames, hidden: set[str]) -> PartyNames:
    """The parts of a party that stay hidden."""
    return _part(names, *(f"known[{index}].{kind}" in hidden for kind in KNOWN_KINDS))


def _told(party: KnownParty, recipient: Desk) -> PartyNames:
    """The parts of a party that the recipient was told of before."""
    return _part(party.names, *((recipient, kind) in party.told for kind in KNOWN_KINDS))


def _part(names: PartyNames, named: bool, housed: bool, reached: bool) -> PartyNames:  # noqa: FBT001  # KNOWN_KINDS
    """Parts of a party: what names them, where they live, how to reach them."""
    return PartyNames(
        name=names.name if named else "",
        family=names.family if named else "",
        aliases=names.aliases if named else (),
        addresses=names.addresses if housed else (),
        towns=names.towns if housed else (),
        phones=names.phones if reached else (),
        identifiers=names.identifiers if named or reached else (),
        births=names.births if named else (),
    )


class _Said:
    """What the document says of its parties, to tell what a known party adds."""

    def __init__(self, parties: Parties) -> None:
        self._names = {words_of(name) for each in parties for name in (each.name, *each.aliases)}
        self._homes = {squeeze(home) for each in parties for home in each.addresses}
        self._values = {squeeze(one) for each in parties for one in (*each.phones, *each.identifiers)}
        self._births = {day for each in parties for day in each.births}

    def rest(self, names: PartyNames) -> PartyNames:
        """A party without what the document says of somebody."""
        named = words_of(names.name) in self._names
        addresses = tuple(each for each in names.addresses if squeeze(each) not in self._homes)
        return PartyNames(
            name="" if named else names.name,
            family="" if named else names.family,
            aliases=tuple(each for each in names.aliases if words_of(each) not in self._names),
            addresses=addresses,
            towns=names.towns if addresses else (),
            phones=tuple(each for each in names.phones if squeeze(each) not in self._values),
            identifiers=tuple(each for each in names.identifiers if squeeze(each) not in self._values),
            births=tuple(day for day in names.births if day not in self._births),
        )
