"""The rehearsal: every form is sent once, received, answered and left to its clocks, in the order of time.

What the gateway wrote of it is what later stands, under other ids and times, for two years of exchanges.
"""

import heapq
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from itertools import count
from random import Random
from typing import Final

from publicprotection.common.v1.organisation_pb2 import DeskReference
from publicprotection.exchange.v1.clock_pb2 import ClockCompletion, TelephoneDisclosure
from publicprotection.exchange.v1.gateway_documents_pb2 import HOLD_VERDICT_DECLINE, HOLD_VERDICT_GRANT
from publicprotection.exchange.v1.header_pb2 import Author
from publicprotection.exchange.v1.inbox_service_pb2 import (
    ACKNOWLEDGEMENT_KIND_RECEIVED,
    ACKNOWLEDGEMENT_KIND_UNDERSTOOD,
)
from publicprotection.exchange.v1.recall_pb2 import RECALL_KIND_SENT_IN_ERROR, ExchangeRecall

from deploy.area.forms import Form
from deploy.area.names import FAMILIES, GIVENS, Invented, invent
from deploy.area.stage import Stage
from gateway.app.rows import DeliveryRow
from services.kit.evidence.values import JsonValue

_HOUR: Final = timedelta(hours=1)
_DAY: Final = timedelta(days=1)
_JOBS: Final = {
    "kent-police": "POLICE_OFFENDER_MANAGER",
    "kent-probation": "COMMUNITY_OFFENDER_MANAGER",
    "marlfield-prison": "PRISON_OFFENDER_MANAGER",
    "kent-childrens": "SOCIAL_WORKER",
    "kent-adults": "SAFEGUARDING_ADULTS_MANAGER",
    "kent-mappa-unit": "MAPPA_COORDINATOR",
    "dwp-kent": "MAPPA_SINGLE_POINT_OF_CONTACT",
    "kent-housing": "HOUSING_OFFICER",
    "kent-marac": "MARAC_COORDINATOR",
    "kent-idva": "DUTY_ADVISER",
}
_NOT_RECEIVED: Final = 0.06
_ACKNOWLEDGED: Final = 0.75
_REPLIED: Final = 0.7
_ANSWERED: Final = 0.75
_GRANTED: Final = 0.7
_COMPLETED: Final = 0.7
_LOOKS: Final = (0.1, 0.8, 3, 9, 30, 90, 170, 300)
_NEAR: Final = _DAY / 2
_TELEPHONED: Final = 0.6
_RECALLED: Final = 0.03


@dataclass
class Thread:
    """What one form started.

    Attributes:
        about: the subject of its case, as it is called in the rehearsal.
        began: when it was sent.
        exchanges: id and sealed leaves of each, in order.
        sent: ids of everything sent in it, answers to holds included.
    """

    form: Form
    about: Invented
    began: datetime
    exchanges: dict[str, dict[str, JsonValue]] = field(default_factory=dict)
    sent: list[str] = field(default_factory=list)


Act = Callable[[], Awaitable[None]]


class Play:
    """Plays forms on a stage.

    Args:
        stage: with an empty register.
        forms: all there are, for replies.
        random: what happens when.
    """

    def __init__(self, stage: Stage, forms: list[Form], random: Random) -> None:
        self._stage = stage
        self._random = random
        self._queue: list[tuple[datetime, int, Act]] = []
        self._order = count()
        self._forms: dict[tuple[str, str], list[Form]] = {}
        for form in forms:
            self._forms.setdefault((form.document_type, form.sender), []).append(form)
        self.threads: list[Thread] = []
        self._desks = stage.cast.desks()

    def plan(self, forms: list[Form], monday: datetime) -> None:
        """Has each of these start a thread in the five days from a Monday's morning, in working hours."""
        for number, form in enumerate(forms):
            about = invent(900_000 + number, form.kind, self._random)
            at = (
                monday
                + _DAY * self._random.randrange(5)
                + timedelta(seconds=self._random.randrange(9 * 3600))
            )
            thread = Thread(form, about, at + timedelta(microseconds=self._random.randrange(10**6)))
            self.threads.append(thread)
            self._at(thread.began, partial(self._send, thread, form, ""))

    async def play_until(self, moment: datetime) -> None:
        """Everything that happens before a moment."""
        while self._queue and self._queue[0][0] < moment:
            at, _, act = heapq.heappop(self._queue)
            self._stage.clock.moment = at
            await self._stage.pass_time()
            await act()
        self._stage.clock.moment = moment
        await self._stage.pass_time()

    def _at(self, moment: datetime, act: Act) -> None:
        heapq.heappush(self._queue, (moment, next(self._order), act))

    def _later(self, least: timedelta, most: timedelta, act: Act) -> None:
        """Somewhere between; what people do is done in working hours."""
        at = self._stage.clock.moment + least + (most - least) * self._random.random()
        if least >= _HOUR:
            while at.weekday() >= 5 or not 8 <= at.hour < 18:  # noqa: PLR2004  # Saturday; hours of the day
                at += 3 * _HOUR
        self._at(at, act)

    async def _send(self, thread: Thread, form: Form, answered: str) -> None:
        header = form.build_header(self._author(form.sender), self._stage.new_id(), self._desks)
        if answered:
            header.in_reply_to = answered
        made = await self._stage.send(form.sender, header, form.build_document(thread.about))
        thread.exchanges[made.exchange_id] = dict(made.original.leaves)
        thread.sent.append(made.exchange_id)
        released = await self._stage.deliveries(made.exchange_id)
        for delivery in released:
            self._deliver(thread, form, delivery)
        if released and self._random.random() < _RECALLED:
            self._later(2 * _HOUR, 3 * _DAY, partial(self._recall, thread, form, made.exchange_id))
        if self._random.random() < _ANSWERED:
            most = 3 * _HOUR if self._random.random() < 1 / 2 else 6 * _DAY
            self._later(_HOUR, most, partial(self._answer_holds, thread, made.exchange_id))
        # What nobody answered at first is answered when it was escalated, or somebody clears the queue.
        self._later(8 * _DAY, 30 * _DAY, partial(self._answer_holds, thread, made.exchange_id))
        self._later(50 * _DAY, 70 * _DAY, partial(self._answer_holds, thread, made.exchange_id))
        self._look_at_clocks(thread, made.exchange_id)

    def _look_at_clocks(self, thread: Thread, matter: str) -> None:
        """Now and then somebody does what is owed outside the gateway, and says so."""
        for days in _LOOKS:
            act = partial(self._complete, thread, matter, _NEAR * days)
            self._later(_DAY * days, _DAY * days * 1.5, act)

    async def _complete(self, thread: Thread, matter: str, near: timedelta) -> None:
        for row in await self._stage.live_clocks(matter):
            if row.due_at is None or row.due_at > self._stage.clock.moment + near:
                continue
            if self._random.random() < _COMPLETED:
                document = ClockCompletion(
                    clock_id=row.clock_id, reason="Done by telephone and noted on file."
                )
                made = await self._stage.tell_gateway(
                    row.organisation, document, self._person(row.organisation)
                )
                thread.sent.append(made.exchange_id)

    def _deliver(self, thread: Thread, form: Form, delivery: DeliveryRow) -> None:
        if self._random.random() < _NOT_RECEIVED:
            told = partial(self._telephone, thread, form, delivery)
            if self._random.random() < _TELEPHONED:
                self._later(timedelta(minutes=5), timedelta(minutes=40), told)
            return
        self._later(timedelta(seconds=1), timedelta(seconds=20), partial(self._stage.receive, delivery))
        if self._random.random() < _ACKNOWLEDGED:
            self._later(_HOUR, 2 * _DAY, partial(self._acknowledge, delivery))
        reply = self._reply_to(form, delivery.organisation)
        if reply is not None and self._random.random() < _REPLIED:
            act = partial(self._send, thread, reply, delivery.exchange_id)
            self._later(3 * _HOUR, 12 * _DAY, act)

    def _reply_to(self, form: Form, organisation: str) -> Form | None:
        """A document by which an organisation answers a form."""
        found = [each for kind in form.replies for each in self._forms.get((kind, organisation), ())]
        fitting = [each for each in found if each.kind == form.kind]
        return replace(self._random.choice(fitting), to=(form.sender,)) if fitting else None

    async def _acknowledge(self, delivery: DeliveryRow) -> None:
        understood = self._random.random() < 1 / 2
        kind = ACKNOWLEDGEMENT_KIND_UNDERSTOOD if understood else ACKNOWLEDGEMENT_KIND_RECEIVED
        who = Author(**dict(zip(("name", "role"), self._author(delivery.organisation), strict=True)))
        await self._stage.acknowledge(delivery, kind, who)

    async def _answer_holds(self, thread: Thread, exchange_id: str) -> None:
        for hold in await self._stage.open_holds(exchange_id):
            granted = self._random.random() < _GRANTED
            verdict = HOLD_VERDICT_GRANT if granted else HOLD_VERDICT_DECLINE
            reason = "Agreed with the duty manager." if granted else "Not needed for what they have to do."
            made = await self._stage.answer(hold, verdict, self._person(hold.organisation), reason)
            thread.sent.append(made.exchange_id)
        for delivery in await self._stage.deliveries(exchange_id):
            if delivery.receipted_at is None and delivery.created_at == self._stage.clock.moment:
                self._deliver(thread, thread.form, delivery)

    async def _telephone(self, thread: Thread, form: Form, delivery: DeliveryRow) -> None:
        document = TelephoneDisclosure(
            exchange_id=delivery.exchange_id,
            recipient=DeskReference(organisation=delivery.organisation, desk=delivery.desk),
            person_told="Duty officer",
            told="Read out in full; they will look for the exchange when their service is back.",
        )
        document.told_at.FromDatetime(self._stage.clock.moment - timedelta(minutes=3))
        made = await self._stage.tell_gateway(form.sender, document, self._person(form.sender))
        thread.sent.append(made.exchange_id)

    async def _recall(self, thread: Thread, form: Form, exchange_id: str) -> None:
        document = ExchangeRecall(
            recalled_exchange_id=exchange_id,
            kind=RECALL_KIND_SENT_IN_ERROR,
            reason="It was sent about the wrong person.",
        )
        made = await self._stage.tell_gateway(form.sender, document, self._person(form.sender))
        thread.sent.append(made.exchange_id)
        self._look_at_clocks(thread, made.exchange_id)

    def _author(self, organisation: str) -> tuple[str, str]:
        return f"{self._random.choice(GIVENS)} {self._random.choice(FAMILIES)}", _JOBS[organisation]

    def _person(self, organisation: str) -> Author:
        name, role = self._author(organisation)
        return Author(name=name, role=role)
