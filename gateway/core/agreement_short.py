"""A short way to write an agreement in a case file or a proof: what the decision does not read is filled in.

An agreement that is to be in force is written in full and loaded with `load_agreements`.
"""

from collections.abc import Mapping
from typing import Any, Final

from pydantic import ConfigDict, model_validator

from gateway.core.agreements import Agreement
from gateway.core.vocabulary import LISTS

_AGREED: Final = "As agreed."
_REGIMES: Final = ("LAW_ENFORCEMENT", "GENERAL")
_PARTS: Final = {
    "security": ("in_transit", "at_rest", "access"),
    "retention": ("period", "disposal"),
    "requests": ("access", "exemptions", "rights"),
}


_WRITTEN: Final = (
    "id",
    "version",
    "state",
    "owner",
    "parties",
    "marking_ceiling",
    "starts",
    "review",
    "expiry",
    "clauses",
)
"""What nothing is filled in for."""


def _describe(schema: dict[str, Any]) -> None:
    """Says in the published schema what may be left out or written short, as `_fill` takes it."""
    schema["required"] = list(_WRITTEN)
    properties = schema["properties"]
    properties["regimes"] = {"type": "array", "items": {"enum": list(_REGIMES)}, "default": list(_REGIMES)}
    for heading in (*_PARTS, "breach_contact"):
        properties[heading] = {"anyOf": [properties[heading], {"type": "string"}]}


class ShortAgreement(Agreement):
    """An agreement of which only parties, dates, ceiling and clauses must be written.

    Without `lawful_bases` it rests on any basis of the law, under the regimes in `regimes` or under both.
    Without `purposes` it is for those of its clauses; without `signatures` its controllers have signed. A
    heading with parts may be one text.
    """

    model_config = ConfigDict(json_schema_extra=_describe)

    @model_validator(mode="before")
    @classmethod
    def _fill(cls, value: Any) -> Any:
        return _filled(value) if isinstance(value, Mapping) else value


def _filled(value: Mapping[str, Any]) -> dict[str, Any]:
    written = {key: part for key, part in value.items() if key != "regimes"}
    clauses = [each for each in written.get("clauses") or () if isinstance(each, Mapping)]
    purposes = dict.fromkeys(purpose for each in clauses for purpose in each.get("purposes") or ())
    bases = sorted(LISTS["lawful basis"]())
    regimes = value.get("regimes", _REGIMES)
    filled: dict[str, Any] = {
        "title": _AGREED,
        "quality": _AGREED,
        "onward_sharing": _AGREED,
        "purposes": list(purposes) or ["MANAGE_RISK"],
        "lawful_bases": [{"regime": each, "processing": _AGREED, "bases": bases} for each in regimes],
        "signatures": [_sign(each, written.get("starts")) for each in written.get("parties") or ()],
        **written,
    }
    for heading, parts in _PARTS.items():
        text = filled.get(heading, _AGREED)
        filled[heading] = dict.fromkeys(parts, text) if isinstance(text, str) else text
    return filled | {"breach_contact": _contact(written)}


def _sign(party: Any, starts: Any) -> dict[str, Any]:
    organisation = party.get("organisation") if isinstance(party, Mapping) else None
    return {"organisation": organisation, "role": _AGREED, "on": starts}


def _contact(written: Mapping[str, Any]) -> Any:
    stated = written.get("breach_contact", _AGREED)
    if not isinstance(stated, str):
        return stated
    return {"organisation": written.get("owner"), "role": stated, "telephone": stated, "within_hours": 24}
