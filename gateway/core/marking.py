"""Step 5: the protective marking, and the clearance of the desk that is to receive (MAPPA 14.4, 20.17)."""

from collections.abc import Iterator

from publicprotection.common.v1 import organisation_pb2

from gateway.core.flow import Flow, Stop, refuse

CEILING = organisation_pb2.MARKING_OFFICIAL_SENSITIVE


def check_marking(flow: Flow) -> Iterator[Stop]:
    """Refuses what is not marked, marked above what the gateway carries, or above the desk's clearance."""
    marking = flow.header.marking
    if marking == organisation_pb2.MARKING_UNSPECIFIED:
        yield refuse(flow.gates.no_marking)
    elif marking > CEILING:
        yield refuse(flow.gates.above_ceiling)
    elif flow.recipient.desk is None or marking > flow.recipient.desk.clearance:
        yield refuse(flow.gates.no_clearance)
