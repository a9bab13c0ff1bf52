"""A police force: who may run this role, and what it may send."""

from typing import Final

from publicprotection.common.v1.organisation_pb2 import ORGANISATION_KIND_POLICE
from publicprotection.police.v1 import police_service_pb2

from services.kit.profile import Profile

PROFILE: Final = Profile(
    role="police",
    kinds=frozenset({ORGANISATION_KIND_POLICE}),
    service=police_service_pb2.DESCRIPTOR.services_by_name["PoliceService"].full_name,
)
