"""The form of retention.yaml: how long records are kept, by class, and what becomes of them then."""

from collections import Counter
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Annotated, Final, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from gateway.core.documents import document_class, shareable_documents
from gateway.core.log.clock_specs import CLOCK_SPECS
from gateway.core.log.entries import RecordType
from gateway.core.log.exchange_specs import EXCHANGE_SPECS
from gateway.core.rulebook_model import Entry, RequirementId, Text
from gateway.core.vocabulary import DocumentName, KindName, Listed

ClassId = Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Z0-9_]{2,63}$")]
RecordName = Annotated[str, Listed("record", lambda: [kind.value for kind in RecordType])]


class RetentionClass(Entry):
    """One class of records.

    Attributes:
        authority: TEXT where the guidance says how long, POLICY where it leaves it to the agencies.
        applies: whether it does; a policy may be switched off: its records are then kept as long as the log.
        documents: records about exchanges with one of these.
        records: types of other records.
        starts: with what the period begins.
        event: what that is, where only a person can know it.
        years: how long it is.
        then: PRUNE by the gateway itself, REVIEW by a person, or KEEP as long as the log.
    """

    id: ClassId
    title: Text
    authority: Literal["TEXT", "POLICY"]
    applies: bool = True
    paragraph: Text
    implements: tuple[RequirementId, ...] = ()
    documents: tuple[DocumentName, ...] = ()
    records: tuple[RecordName, ...] = ()
    starts: Literal["RECORD", "EXCHANGE", "BIRTH", "EVENT"]
    event: Text | None = None
    years: int | None = Field(default=None, ge=1, le=150)
    then: Literal["PRUNE", "REVIEW", "KEEP"]

    @property
    def is_pruned(self) -> bool:
        """Whether the gateway deletes its records by itself."""
        return self.applies and self.then == "PRUNE"

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.authority == "TEXT" and not self.applies:
            raise ValueError("applies: only a policy can be switched off, this is what the guidance says")
        if bool(self.documents) == bool(self.records):
            raise ValueError("documents: give either documents or records")
        if (self.starts == "EVENT") != (self.event is not None):
            raise ValueError("event: say which one where the class starts with an EVENT, and nowhere else")
        return self._check_period()

    def _check_period(self) -> Self:
        timed = self.then != "KEEP" and self.starts != "EVENT"
        if timed != (self.years is not None):
            raise ValueError("years: say how many, except where records are kept, or wait for an event")
        if self.then == "PRUNE" and self.starts not in {"RECORD", "EXCHANGE"}:
            raise ValueError("then: what starts with a birth or an event is reviewed by a person")
        if self.then == "PRUNE" and (self.starts == "EXCHANGE") != bool(self.documents):
            raise ValueError("starts: records about exchanges go together, after the last one, others alone")
        return self


# Whose class is that of the document: records about an exchange that was taken.
ABOUT_EXCHANGES: Final = frozenset({**EXCHANGE_SPECS, **CLOCK_SPECS}) - {
    RecordType.REJECTION,
    RecordType.SUBMISSION_REFUSED,
    RecordType.PREVIEW,
    RecordType.PREVIEW_REJECTED,
}


class Ending(Entry):
    """A document whose own dates say from when a recipient must not use it any more.

    Attributes:
        document: which one.
        recipients: kinds of organisation to whom that applies.
        parts: its list of parts, each of which ends; the last end counts.
        day: the field of a part with its last day; on that day it is over.
        endless: the field of a part that says that it has none.
    """

    document: DocumentName
    recipients: tuple[KindName, ...] = Field(min_length=1)
    parts: str
    day: str
    endless: str
    paragraph: Text
    implements: tuple[RequirementId, ...] = ()

    @model_validator(mode="after")
    def _check_fields(self) -> Self:
        known = document_class(self.document).DESCRIPTOR.fields_by_name
        parts = known.get(self.parts)
        if parts is None or parts.message_type is None:
            raise ValueError(f"parts: {self.document} has no list {self.parts}")
        for name in (self.day, self.endless):
            if name not in parts.message_type.fields_by_name:
                raise ValueError(f"day, endless: a part of {self.parts} has no field {name}")
        return self


class Retention(Entry):
    """retention.yaml: every document and every other type of record stands in exactly one class."""

    classes: tuple[RetentionClass, ...] = Field(min_length=1)
    endings: tuple[Ending, ...] = ()

    @model_validator(mode="after")
    def _check_whole(self) -> Self:
        _check_once("id", (each.id for each in self.classes))
        documents = _check_once("documents", (name for each in self.classes for name in each.documents))
        records = _check_once("records", (name for each in self.classes for name in each.records))
        for name in sorted(set(shareable_documents()) - documents):
            raise ValueError(f"documents: {name} has no class: put it into one")
        others = {kind.value for kind in RecordType} - ABOUT_EXCHANGES
        for name in sorted(others - records):
            raise ValueError(f"records: {name} has no class: put it into one")
        for name in sorted(records - others):
            raise ValueError(f"records: {name} has the class of the exchange's document: take it out")
        return self

    def find(self, name: str) -> RetentionClass | None:
        """A class by its id; None for one that this rulebook does not have."""
        return self._by_id.get(name)

    def class_of(self, kind: str, document: str | None) -> RetentionClass | None:
        """The class of a record; None if it has none, and is kept as long as the log.

        Args:
            kind: its type.
            document: that of the exchange that it is about.
        """
        return self._by_record.get(kind) or self._by_document.get(document)

    @cached_property
    def _by_id(self) -> Mapping[str, RetentionClass]:
        return {each.id: each for each in self.classes}

    @cached_property
    def _by_record(self) -> Mapping[str, RetentionClass]:
        return {name: each for each in self.classes for name in each.records}

    @cached_property
    def _by_document(self) -> Mapping[str | None, RetentionClass]:
        return {name: each for each in self.classes for name in each.documents}


def _check_once(where: str, names: Iterable[str]) -> set[str]:
    counted = Counter(names)
    for name, times in counted.items():
        if times > 1:
            raise ValueError(f"{where}: {name} stands in several classes: leave it in one")
    return set(counted)
