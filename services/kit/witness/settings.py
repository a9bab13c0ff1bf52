"""How a witness works."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class WitnessSettings:
    """How a witness works.

    Attributes:
        interval_s: how often to look when nothing was shown.
        stalled_after: how long the log may be silent; the gateway shows a checkpoint each minute.
        patience: how long a checkpoint may wait for the proof that it is of the same history.
        majority_within: the scheme's policy: how soon a majority must have cosigned.
        kept: how long what larger checkpoints vouch for is kept, to compare with what others cosigned.
    """

    interval_s: float = 30
    stalled_after: timedelta = timedelta(minutes=10)
    patience: timedelta = timedelta(minutes=10)
    majority_within: timedelta = timedelta(hours=24)
    kept: timedelta = timedelta(days=2)
