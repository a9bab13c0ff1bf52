"""What is shown of agreements: to their parties, to a co-ordinator those of the area, to an auditor all."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Final

from publicprotection.oversight.v1 import agreement_service_pb2 as pb2

from gateway.app.agreement_history import read_history
from gateway.app.agreement_writing import write_yaml
from gateway.app.ports import Store
from gateway.app.tools import Tools
from gateway.core.agreement_book import SIGNATURES, AgreementVersion, Book, Standing
from gateway.core.agreement_diff import compare_agreements, describe_clause
from gateway.core.agreements import Agreement
from gateway.core.wording.agreements import NameOf, describe_end, headings_of
from services.kit.access.actor import Actor, Scope

REVIEW_AHEAD: Final = timedelta(days=30)
"""How long before its day a review is said to be due."""


class UnknownAgreementError(Exception):
    """There is no such agreement or version that the caller may see: the two look the same."""


class AgreementView:
    """Shows agreements.

    Args:
        store: where they are.
        tools: the means of the process.
    """

    def __init__(self, store: Store, tools: Tools) -> None:
        self._store = store
        self._tools = tools

    async def page(self, actor: Actor, request: pb2.ListAgreementsRequest) -> list[pb2.AgreementVersion]:
        """Those that the actor may see, by id and version."""
        book, today = await self._look()
        shown = [
            summarise(book, each, today)
            for each in sorted(book.versions, key=lambda one: (one.terms.id, one.key))
            if self.may_see(actor, each.terms)
        ]
        return [
            each
            for each in shown
            if (not request.standings or each.standing in request.standings)
            and (each.review_due or not request.review_due)
        ]

    async def get(self, actor: Actor, agreement: str, version: str) -> pb2.GetAgreementResponse:
        """One version; UnknownAgreementError if there is none, or none to be seen."""
        book, today = await self._look()
        found = self.require(actor, book, agreement, version)
        return pb2.GetAgreementResponse(
            agreement=summarise(book, found, today),
            yaml=write_yaml(book.shown(found, today)),
            clauses=list(_clauses(found.terms, self._name_of)),
            differences=differences_of(book, found),
            headings=[
                pb2.AgreementHeading(heading=name, text=text)
                for name, text in headings_of(found.terms, self._name_of)
            ],
            history=await read_history(self._store, self._tools, actor, found.terms),
            versions=[each.terms.version for each in book.of_agreement(found.terms.id)],
        )

    async def summary(self, agreement: str, version: str) -> pb2.AgreementVersion:
        """A version in short, for whoever just did something about it."""
        book, today = await self._look()
        found = book.find(agreement, version)
        if found is None:
            raise UnknownAgreementError
        return summarise(book, found, today)

    async def changes(self, agreement: str, version: str) -> list[pb2.AgreementDifference]:
        """What a version changes of the one before."""
        book, _ = await self._look()
        found = book.find(agreement, version)
        return [] if found is None else differences_of(book, found)

    async def compare(
        self, actor: Actor, request: pb2.CompareAgreementsRequest
    ) -> list[pb2.AgreementDifference]:
        """The differences of two versions; UnknownAgreementError if one of them is not to be seen."""
        book, _ = await self._look()
        old = self.require(actor, book, request.agreement_id, request.from_version)
        new = self.require(actor, book, request.agreement_id, request.to_version)
        return list(_differences(old.terms, new.terms))

    def may_see(self, actor: Actor, terms: Agreement) -> bool:
        """Whether an agreement is any business of the actor's."""
        if actor.scope is Scope.METADATA or terms.binds(actor.organisation):
            return True
        area = actor.person.area if actor.person else ""
        known = [self._tools.directory.organisation(each.organisation) for each in terms.parties]
        return actor.scope is Scope.AREA and any(each is not None and each.area == area for each in known)

    def require(self, actor: Actor, book: Book, agreement: str, version: str) -> AgreementVersion:
        """A version, the latest agreed for an empty one; UnknownAgreementError if it is not to be seen."""
        found = book.find(agreement, version) if version else book.in_line(agreement)
        if found is None or not self.may_see(actor, found.terms):
            raise UnknownAgreementError
        return found

    def _name_of(self, organisation: str) -> str:
        known = self._tools.directory.organisation(organisation)
        return known.name if known else organisation

    async def _look(self) -> tuple[Book, date]:
        async with self._store.reading() as unit:
            book = await self._tools.agreements.book(unit.agreements)
        return book, self._tools.clock.now().date()


def summarise(book: Book, version: AgreementVersion, today: date) -> pb2.AgreementVersion:
    """A version in short."""
    terms, standing = version.terms, book.standing(version, today)
    due = standing is Standing.IN_FORCE and terms.review - REVIEW_AHEAD <= today
    return pb2.AgreementVersion(
        agreement_id=terms.id,
        version=terms.version,
        title=terms.title,
        owner=terms.owner,
        standing=pb2.AgreementStanding.Value(f"AGREEMENT_STANDING_{standing.value}"),
        starts=terms.starts.isoformat(),
        review=terms.review.isoformat(),
        expiry=terms.expiry.isoformat(),
        review_due=due,
        digest=version.digest,
        parties=list(_parties(book, version)),
        imported=version.imported,
        proposed_by=version.proposed_by,
        refused_by=version.refused_by,
    )


def differences_of(book: Book, version: AgreementVersion) -> list[pb2.AgreementDifference]:
    """What a version changes of the last agreed one before it."""
    earlier = [each for each in book.of_agreement(version.terms.id) if each.key < version.key]
    agreed = [each for each in earlier if each.is_complete and not each.refused_by]
    return list(_differences(agreed[-1].terms, version.terms)) if agreed else []


def _parties(book: Book, version: AgreementVersion) -> Iterator[pb2.AgreementParty]:
    counted = [each.organisation for each in version.signed]
    for party in version.terms.parties:
        needed = party.organisation in version.signers and not version.imported
        yield pb2.AgreementParty(
            organisation=party.organisation,
            status=party.status,
            suspended=book.is_suspended(version.terms.id, party.organisation),
            signatures_needed=SIGNATURES if needed else 0,
            signatures_given=counted.count(party.organisation),
        )


def _clauses(terms: Agreement, name_of: NameOf) -> Iterator[pb2.ClauseInWords]:
    for each in terms.clauses:
        yield pb2.ClauseInWords(
            clause=each.id,
            paragraph=each.paragraph,
            words=describe_clause(each),
            sender=describe_end(each.from_, name_of),
            recipient=describe_end(each.to, name_of),
            documents=each.documents,
            purposes=each.purposes,
            lawful_bases=each.bases,
            categories=[
                pb2.ClauseCategory(category=name, only_by=each.generalise.get(name, ""))
                for name in each.categories
            ],
        )


def _differences(old: Agreement, new: Agreement) -> Iterator[pb2.AgreementDifference]:
    for each in compare_agreements(old, new):
        change = pb2.AgreementChange.Value(f"AGREEMENT_CHANGE_{each.change.value}")
        yield pb2.AgreementDifference(part=each.part, change=change, words=each.words)
