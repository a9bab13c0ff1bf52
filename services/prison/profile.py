"""A prison, public or contracted out: who may run this role, and what it may send."""

from typing import Final

from publicprotection.common.v1.organisation_pb2 import ORGANISATION_KIND_PRISON
from publicprotection.prison.v1 import prison_service_pb2

from services.kit.profile import Profile

PROFILE: Final = Profile(
    role="prison",
    kinds=frozenset({ORGANISATION_KIND_PRISON}),
    service=prison_service_pb2.DESCRIPTOR.services_by_name["PrisonService"].full_name,
)
