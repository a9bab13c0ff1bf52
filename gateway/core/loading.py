"""From a YAML file to a typed model, with the file, the line, the entry and the remedy in every error."""

from typing import Any, Final, TypeVar

from pydantic import BaseModel, ValidationError

from gateway.core.errors import DataError
from gateway.core.yaml_source import Source

M = TypeVar("M", bound=BaseModel)

_ADVICE: Final = {
    "extra_forbidden": "is no key here: remove it or correct its spelling",
    "missing": "is missing: write it",
    "string_type": "must be text",
    "literal_error": "must be {expected}",
    "enum": "must be {expected}",
    "string_pattern_mismatch": "is not of the form {pattern}",
    "tuple_type": "must be a list",
    "dict_type": "must be a mapping",
    "model_type": "must be a mapping",
}


def read_model(source: Source, model: type[M], error: type[DataError]) -> M:
    """Checks a parsed file against its form.

    Raises:
        DataError: of the class given, for the first fault by line; a misspelt key before the one it misses.
    """
    try:
        return model.model_validate(source.value)
    except ValidationError as fault:
        faults = [_error(each, source, error) for each in _telling(fault.errors())]
        raise min(faults, key=lambda one: one.line) from None


def _telling(faults: list[Any]) -> list[Any]:
    """Without the keys that are missing, where another is misspelt: it is one slip, told once."""
    misspelt = any(each["type"] == "extra_forbidden" for each in faults)
    return [each for each in faults if not (misspelt and each["type"] == "missing")]


def _error(fault: Any, source: Source, error: type[DataError]) -> DataError:
    location = tuple(step for step in fault["loc"] if step != "[key]")
    key = location[-1] if location else "the file"
    return error(source.file, source.line_of(location), source.item_at(location), f"{key}: {_advice(fault)}")


def _advice(fault: Any) -> str:
    written = _ADVICE.get(fault["type"])
    if written is None:
        return str(fault["msg"]).removeprefix("Value error, ")
    return written.format(**{"expected": "", "pattern": "", **fault.get("ctx", {})})
