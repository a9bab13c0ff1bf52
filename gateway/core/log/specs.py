"""The records of the disclosure log: which there are, their verbs, and which members each has.

Declared in this folder and nowhere else. The gateway writes no entry that does not fit
(gateway.core.log.checking), docs/records.md is written from this, and the coverage of the guidance is checked
against it.
"""

from collections.abc import Mapping
from typing import Final

from gateway.core.log.access_specs import ACCESS_SPECS
from gateway.core.log.clock_specs import CLOCK_SPECS
from gateway.core.log.disclosure_specs import DISCLOSURE_SPECS
from gateway.core.log.entries import RecordSpec
from gateway.core.log.exchange_specs import EXCHANGE_SPECS
from gateway.core.log.oversight_specs import OVERSIGHT_SPECS

SPECS: Final[Mapping[str, RecordSpec]] = {
    **EXCHANGE_SPECS,
    **CLOCK_SPECS,
    **DISCLOSURE_SPECS,
    **OVERSIGHT_SPECS,
    **ACCESS_SPECS,
}
"""Every type of record, by name."""


def record_names() -> dict[str, frozenset[str]]:
    """Each type of record, and `TYPE.member` for each member of it, with the ids that the type satisfies."""
    return {
        name: frozenset(spec.satisfies)
        for kind, spec in SPECS.items()
        for name in (str(kind), *(f"{kind}.{member}" for member in spec.members))
    }
