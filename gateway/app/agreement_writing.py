"""How an agreement is written as a file: the form in which it is proposed, exported, and read again."""

from typing import Any

import yaml

from gateway.core.agreements import Agreement

_WIDTH = 110


def write_yaml(agreement: Agreement) -> str:
    """An agreement as YAML; what it reads as is the same agreement, with the same digest."""
    said = agreement.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    text: str = yaml.dump(_ordered(said), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=_WIDTH)
    return text


def write_structured(said: dict[str, Any]) -> str:
    """What somebody gave as an object, as YAML. Numbers of JSON that are whole are written so."""
    text: str = yaml.dump(_whole(said), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=_WIDTH)
    return text


class _Dumper(yaml.SafeDumper):
    """Quotes what a reader could take for something else, such as dates and versions."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002  # the signature is PyYAML's
        return True


def _ordered(said: dict[str, Any]) -> dict[str, Any]:
    """Clauses last, as people write them."""
    return {**{key: value for key, value in said.items() if key != "clauses"}, "clauses": said["clauses"]}


def _whole(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _whole(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_whole(each) for each in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value
