"""The Probation Service: who may run this role, and what it may send."""

from typing import Final

from publicprotection.common.v1.organisation_pb2 import ORGANISATION_KIND_PROBATION
from publicprotection.probation.v1 import probation_service_pb2

from services.kit.profile import Profile

PROFILE: Final = Profile(
    role="probation",
    kinds=frozenset({ORGANISATION_KIND_PROBATION}),
    service=probation_service_pb2.DESCRIPTOR.services_by_name["ProbationService"].full_name,
)
