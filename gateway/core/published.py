"""The published forms of rulebook and agreement, as JSON Schema (2020-12): for editors and other programs.

What a schema cannot say (cross-references, CEL, dates in order) is checked when a file is loaded.
"""

from typing import Any, Final

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from gateway.core.agreements import Agreement
from gateway.core.coverage import CoverageFile
from gateway.core.never import NeverFile
from gateway.core.release_model import ContradictionsFile
from gateway.core.rulebook_files import FORMS
from gateway.core.rulebook_model import Entry, Rules
from gateway.core.vocabulary import LISTS

_DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
_PATTERNS: Final[dict[str, type[Entry]]] = {
    r"^rules-[a-z0-9-]+\.yaml$": Rules,
    r"^contradictions-[a-z]+\.yaml$": ContradictionsFile,
    r"^coverage/[a-z]+\.yaml$": CoverageFile,
}


def rulebook_schema() -> dict[str, Any]:
    """The schema of a rulebook: an object with a property for each file, by name; `$defs` has each form."""
    files: dict[str, type[Entry]] = {**FORMS, "never.yaml": NeverFile}
    models: list[type[BaseModel]] = [*files.values(), *_PATTERNS.values()]
    refs, defined = models_json_schema([(model, "validation") for model in models])
    by_model = {model: schema for (model, _), schema in refs.items()}
    return _finish(
        {
            "$schema": _DIALECT,
            "title": "Rulebook",
            "description": "The files of a rulebook's folder, each as the value of a property with its name.",
            "type": "object",
            "properties": {name: by_model[model] for name, model in files.items()},
            "patternProperties": {pattern: by_model[model] for pattern, model in _PATTERNS.items()},
            "required": sorted(FORMS),
            "$defs": defined["$defs"],
        }
    )


def agreement_schema() -> dict[str, Any]:
    """The schema of one agreement's file."""
    return _finish({"$schema": _DIALECT, **Agreement.model_json_schema()})


def _finish(schema: dict[str, Any]) -> dict[str, Any]:
    """Writes each closed list once, under `$defs`, and refers to it."""
    used: set[str] = set()
    written: dict[str, Any] = _referring(schema, used)
    lists = {_name(what): {"type": "string", "enum": sorted(LISTS[what]())} for what in sorted(used)}
    return {**written, "$defs": {**written.get("$defs", {}), **lists}}


def _referring(value: Any, used: set[str]) -> Any:
    if isinstance(value, list):
        return [_referring(each, used) for each in value]
    if not isinstance(value, dict):
        return value
    if isinstance(value.get("format"), str) and value["format"] in LISTS:
        used.add(value["format"])
        return {"$ref": f"#/$defs/{_name(value['format'])}"}
    return {key: _referring(each, used) for key, each in value.items()}


def _name(what: str) -> str:
    return "list_of_" + what.replace(" ", "_")
