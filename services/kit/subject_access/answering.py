"""Working on a case, from what was found to the answer: items, owners, masks, approval, the pack."""

from base64 import b64encode
from collections.abc import Iterable, Mapping
from typing import Any

from publicprotection.common.v1.person_pb2 import PersonName
from publicprotection.exchange.v1 import subject_access_documents_pb2 as documents
from publicprotection.exchange.v1 import subject_access_service_pb2 as pb2

from services.kit.rpc.errors import Violation
from services.kit.subject_access import obstacles
from services.kit.subject_access.casebook import Casebook, refuse
from services.kit.subject_access.cases import Case, Kind
from services.kit.subject_access.casework import last_day
from services.kit.subject_access.checking import Fault, find_faults, is_blanket
from services.kit.subject_access.errors import BlanketExemptionError, DecisionsRefusedError
from services.kit.subject_access.forms import write_decision, write_item
from services.kit.subject_access.gathering import Question, gather, questions_of, write_enquiry
from services.kit.subject_access.model import (
    ADDED,
    Decision,
    Disposition,
    Event,
    Item,
    ItemState,
    Settled,
    Who,
)
from services.kit.subject_access.pack import Law
from services.kit.subject_access.publishing import publish
from services.kit.subject_access.rules import Regime
from services.kit.subject_access.settling import settle
from services.kit.subject_access.weighing import find_unweighed
from services.kit.subject_access.wire import read_decision, read_subject, require_past


class Answering:
    """Steps of a case whose data was located.

    Args:
        book: the organisation's cases.
        law: rules and wording.
    """

    def __init__(self, book: Casebook, law: Law) -> None:
        self._book = book
        self._law = law

    def settle(self, case: Case) -> tuple[Settled, ...]:
        """The items of a case as they stand today."""
        return settle(case, self._law.rules, self._book.today)

    def open_points(self, case: Case) -> list[str]:
        """What stands in the way of an answer."""
        return obstacles.to_answer(case, self.settle(case), self._law.rules)

    async def collect(self, case_id: str, who: Who) -> tuple[Case, list[str]]:
        """Gathers items and asks their owners; done again, it asks only those who were not asked yet.

        Returns:
            The case, and whom it asked.
        """
        items = await self._gather(case_id)

        def step(case: Case) -> Event:
            refuse(_to_collecting(case))
            return self._book.event(Kind.COLLECTED, who, items=[write_item(each) for each in items])

        case = await self._book.change(case_id, step)
        questions = list(questions_of(case, self._law.rules))
        for question in questions:
            await self._ask(case, question, who)
        return await self._book.read(case_id), sorted({each.owner for each in questions})

    async def decide(self, request: pb2.DecideItemsRequest, who: Who) -> Case:
        """Decides items.

        Raises:
            DecisionsRefusedError: an exemption of another law, no reason, an owner who has not answered.
        """
        decisions = {each.item_id: read_decision(each) for each in request.decisions}

        def step(case: Case) -> Event:
            refuse(obstacles.to_work(case))
            require_sound(case.items, decisions, self._law)
            _raise(list(find_unweighed(case.items, decisions, self._law.rules, self._book.today)))
            self._require_owners(case, decisions)
            written = {item: write_decision(each) for item, each in decisions.items()}
            return self._book.event(Kind.DECIDED, who, decisions=written)

        return await self._book.change(request.case_id, step)

    async def add(self, request: pb2.AddItemRequest, who: Who) -> tuple[Case, str]:
        """Adds what stands in a case system; the case, and the item's id."""
        on = require_past(request.on, self._book.today, "on")
        number, own = self._book.participant.new_id(), self._book.participant.organisation
        added = Item(
            item_id=number,
            exchange_id=f"{ADDED}{request.record}",
            document_type="",
            path=f"{ADDED}{number}",
            category=request.category,
            title=request.record,
            label=request.label,
            value=request.text,
            shown=request.text,
            is_text=True,
            owner=own,
            sender=own,
            regime=Regime(request.regime),
            on=on,
            own=request.category.startswith("SUBJECT_"),
            is_case=True,
        )

        def step(case: Case) -> Event:
            refuse(obstacles.to_locating(case))
            return self._book.event(Kind.ADDED, who, item=write_item(added))

        return await self._book.change(request.case_id, step), number

    async def mask(self, case_id: str, who: Who) -> tuple[Case, int]:
        """Sends texts that are given to be masked; how many. None waits: nothing is sent."""
        case = await self._book.read(case_id)
        refuse(_to_collecting(case))
        texts = [each.item for each in self.settle(case) if _needs_mask(case, each)]
        if not texts:
            return case, 0

        def step(now: Case) -> Event:
            refuse(_to_collecting(now))
            return self._book.event(Kind.MASKING_ASKED, who, items=[each.item_id for each in texts])

        document = documents.TextMasking(
            location_id=case.location_id,
            texts=[documents.AccessText(item=each.item_id, text=str(each.value)) for each in texts],
            others=list(_others(case)),
            subject=read_subject(case.opened),
        )
        return await self._book.send(case_id, who, document, step), len(texts)

    async def prepare(self, case_id: str, who: Who) -> Case:
        """Hands the response to the data protection officer; AccessRefusedError while anything is open."""

        def step(case: Case) -> Event:
            refuse(obstacles.to_work(case) or next(iter(self.open_points(case)), None))
            return self._book.event(Kind.PREPARED, who)

        return await self._book.change(case_id, step)

    async def give_back(self, case_id: str, reason: str, who: Who) -> Case:
        """Gives a response back to be worked on."""

        def step(case: Case) -> Event:
            refuse(obstacles.to_work(case) or obstacles.to_approval(case, who))
            return self._book.event(Kind.RETURNED, who, reason=reason)

        return await self._book.change(case_id, step)

    async def approve(self, case_id: str, who: Who) -> Case:
        """Approves a response: the pack is made, signed and kept with the case.

        Raises:
            AccessRefusedError: not the officer, or the one who prepared it; or something is open again.
        """
        case = await self._book.read(case_id)
        self._require_ready(case, who)
        json, pdf = await publish(self._book.participant, case, self.settle(case), self._law)
        pack = {"json": json.decode(), "pdf": b64encode(pdf).decode()}

        def step(now: Case) -> Event:
            self._require_ready(now, who)
            refuse("CHANGED_MEANWHILE" if len(now.events) != len(case.events) else None)
            return self._book.event(Kind.ANSWERED, who, pack=pack)

        return await self._book.change(case_id, step)

    async def _gather(self, case_id: str) -> list[Item]:
        book = self._book
        case = await book.read(case_id)
        refuse(_to_collecting(case))
        law = (self._law.rules, self._law.wording)
        async with book.records.store.read() as connection:
            return await gather(connection, book.participant, book.records, case, law)

    async def _ask(self, case: Case, question: Question, who: Who) -> None:
        answer_by = last_day(self._book.today, self._law.rules)
        detail = {
            "owner": question.owner,
            "exchange_id": question.exchange_id,
            "items": [each.item_id for each in question.items],
            "answer_by": answer_by.isoformat(),
        }
        document = write_enquiry(case, question, answer_by)
        await self._book.send(
            case.case_id, who, document, lambda _: self._book.event(Kind.OWNER_ASKED, who, **detail)
        )

    def _require_owners(self, case: Case, decisions: Mapping[str, Decision]) -> None:
        waiting = {each.item.item_id for each in self.settle(case) if each.state is ItemState.OWNER_ASKED}
        unasked = {item for item in decisions if _is_unasked(case, item, decisions[item])}
        _raise([Fault("OWNER_HAS_NOT_ANSWERED", item) for item in decisions if item in waiting | unasked])

    def _require_ready(self, case: Case, who: Who) -> None:
        refuse(obstacles.to_work(case) or obstacles.to_approval(case, who))
        refuse(next(iter(self.open_points(case)), None))


def require_sound(items: Mapping[str, Item], decisions: Mapping[str, Decision], law: Law) -> None:
    """DecisionsRefusedError, or BlanketExemptionError, unless the decisions may be made."""
    _raise(list(find_faults(items, decisions, law.rules)))
    if set(decisions) == set(items) and is_blanket(decisions):
        raise BlanketExemptionError


def _raise(faults: list[Fault]) -> None:
    if faults:
        raise DecisionsRefusedError([Violation(each.item, each.code) for each in faults])


def _is_unasked(case: Case, item_id: str, decision: Decision) -> bool:
    """Whether somebody would give what is another's, and about others, which no owner was asked about."""
    item = case.items[item_id]
    asked = any(item_id in each.items for each in case.asked.values())
    return decision.disposition is Disposition.GIVE and item.owner != case.organisation and not asked


def _to_collecting(case: Case) -> str | None:
    return obstacles.to_work(case) or ("NOT_LOCATED" if case.located is None else None)


def _needs_mask(case: Case, settled: Settled) -> bool:
    item = settled.item
    known = item.item_id in case.masked or item.item_id in case.to_mask
    return settled.state is ItemState.GIVEN and item.is_text and not known and bool(item.value)


def _others(case: Case) -> Iterable[PersonName]:
    """Everybody else whom the documents held here name in fields of their own."""
    named: dict[str, dict[str, Any]] = {}
    for item in case.items.values():
        prefix, _, field = item.path.rpartition(".")
        if not item.own and item.kind == "IDENTITY" and field in ("family", "given"):
            named.setdefault(f"{item.exchange_id} {prefix}", {})[field] = item.value
    unique = {(each.get("family", ""), each.get("given", "")) for each in named.values()}
    for family, given in sorted(unique):
        yield PersonName(family=family or None, given=given or None)
