"""The closed lists that data may draw on, read from the contract: kinds, purposes, bases, facts, documents.

In data an enum value stands without its prefix: MANAGE_RISK for PURPOSE_MANAGE_RISK. Each type here checks
membership when a file is loaded and says what is nearest to a word that it does not know.
"""

from collections.abc import Callable, Iterable
from difflib import get_close_matches
from functools import cache, lru_cache
from typing import Annotated, Any, Final

from google.protobuf.internal.enum_type_wrapper import EnumTypeWrapper
from publicprotection.common.v1 import organisation_pb2
from publicprotection.exchange.v1 import facts_pb2, header_pb2
from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, core_schema

from gateway.core.categories import known_categories
from gateway.core.documents import shareable_documents
from services.kit.evidence.derive import FUNCTIONS

KIND_PREFIX: Final = "ORGANISATION_KIND_"
WHOLE: Final = "WHOLE"
"""The form of a category that is released as it stands."""


def short_names(enum: Any, prefix: str) -> tuple[str, ...]:
    """The values of an enum without their prefix, the unspecified one left out."""
    return tuple(name.removeprefix(prefix) for name in enum.keys()[1:])


@lru_cache(maxsize=1_024)
def short_name(enum: Any, prefix: str, number: int) -> str:
    """The name of a value without its prefix; empty if unspecified or unknown."""
    known = number != 0 and number in enum.values()
    return str(enum.Name(number)).removeprefix(prefix) if known else ""


def kind_name(number: int) -> str:
    """Such as POLICE; empty for a kind that this version does not know."""
    return short_name(organisation_pb2.OrganisationKind, KIND_PREFIX, number)


def purpose_name(number: int) -> str:
    """Such as MANAGE_RISK; empty for a purpose that this version does not know."""
    return short_name(header_pb2.Purpose, "PURPOSE_", number)


@cache
def fact_names() -> tuple[str, ...]:
    """Names of the facts that rules may use."""
    return tuple(field.name for field in facts_pb2.Facts.DESCRIPTOR.fields)


class Listed:
    """A word of a closed list. A published schema gives it as a string whose format is the list's name."""

    def __init__(self, what: str, known: Callable[[], Iterable[str]]) -> None:
        self.what, self.known = what, known
        LISTS[what] = known

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(self._check, handler(source))

    def __get_pydantic_json_schema__(self, _: CoreSchema, __: GetJsonSchemaHandler) -> dict[str, Any]:
        return {"type": "string", "format": self.what}

    def _check(self, word: str) -> str:
        words = tuple(self.known())
        if word in words:
            return word
        near = get_close_matches(word, words, n=1, cutoff=0.5)
        hint = f"did you mean {near[0]}?" if near else f"write one of {', '.join(sorted(words))}"
        raise ValueError(f"{word!r} is no {self.what}: {hint}")


LISTS: Final[dict[str, Callable[[], Iterable[str]]]] = {}
"""Every closed list by name."""


def _enum_word(what: str, enum: EnumTypeWrapper, prefix: str) -> Any:
    return Listed(what, lambda: short_names(enum, prefix))


KindName = Annotated[str, _enum_word("kind of organisation", organisation_pb2.OrganisationKind, KIND_PREFIX)]
StandingName = Annotated[str, _enum_word("standing", organisation_pb2.Standing, "STANDING_")]
MarkingName = Annotated[str, _enum_word("marking", organisation_pb2.Marking, "MARKING_")]
PurposeName = Annotated[str, _enum_word("purpose", header_pb2.Purpose, "PURPOSE_")]
BasisName = Annotated[str, _enum_word("lawful basis", header_pb2.LawfulBasis, "LAWFUL_BASIS_")]
ConditionName = Annotated[
    str, _enum_word("condition", header_pb2.ProcessingCondition, "PROCESSING_CONDITION_")
]
UrgencyName = Annotated[str, _enum_word("urgency", header_pb2.Urgency, "URGENCY_")]
FactName = Annotated[str, Listed("fact", fact_names)]
DocumentName = Annotated[str, Listed("document", shareable_documents)]
Category = Annotated[str, Listed("category", known_categories)]
Form = Annotated[str, Listed("form", lambda: (WHOLE, *FUNCTIONS))]
FunctionName = Annotated[str, Listed("generalisation", lambda: tuple(FUNCTIONS))]
