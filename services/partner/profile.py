"""Any other body that takes part: who may run this role, and what it may send."""

from typing import Final

from publicprotection.common.v1.organisation_pb2 import (
    ORGANISATION_KIND_ADULT_SERVICES,
    ORGANISATION_KIND_CHILDRENS_SERVICES,
    ORGANISATION_KIND_POLICE,
    ORGANISATION_KIND_PRISON,
    ORGANISATION_KIND_PROBATION,
    ORGANISATION_KIND_UNSPECIFIED,
    OrganisationKind,
)
from publicprotection.partner.v1 import partner_service_pb2

from services.kit.profile import Profile

# They have services of their own, with other verbs.
_OTHERS: Final = frozenset(
    {
        ORGANISATION_KIND_ADULT_SERVICES,
        ORGANISATION_KIND_CHILDRENS_SERVICES,
        ORGANISATION_KIND_POLICE,
        ORGANISATION_KIND_PRISON,
        ORGANISATION_KIND_PROBATION,
        ORGANISATION_KIND_UNSPECIFIED,
    }
)

PROFILE: Final = Profile(
    role="partner",
    kinds=frozenset(OrganisationKind.values()) - _OTHERS,
    service=partner_service_pb2.DESCRIPTOR.services_by_name["PartnerService"].full_name,
)
