"""A local authority's adult social care: who may run this role, and what it may send."""

from typing import Final

from publicprotection.adults.v1 import adults_service_pb2
from publicprotection.common.v1.organisation_pb2 import ORGANISATION_KIND_ADULT_SERVICES

from services.kit.profile import Profile

PROFILE: Final = Profile(
    role="adults",
    kinds=frozenset({ORGANISATION_KIND_ADULT_SERVICES}),
    service=adults_service_pb2.DESCRIPTOR.services_by_name["AdultsService"].full_name,
)
