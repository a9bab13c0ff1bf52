"""Methods of an agency whose time would tell whether something exists that the caller may not see."""

from typing import Final

_PACKAGE: Final = "/publicprotection.exchange.v1."

HIDING: Final = frozenset(
    _PACKAGE + method
    for method in (
        "InboxService/GetDelivery",
        "InboxService/ListDeliveries",
        "InboxService/AcknowledgeDelivery",
        "OutboxService/GetExchange",
        "RecallService/RecallExchange",
        "RecallService/ConfirmRecall",
        "HoldService/ListHolds",
        "HoldService/GrantHold",
        "HoldService/DeclineHold",
        "ThreadService/GetThread",
        "ReadingService/ListReadings",
        "DisclosureDecisionService/ConfirmDecision",
        "DisclosureDecisionService/AmendDecision",
        "DisclosureDecisionService/NoteTold",
        "DisclosureDecisionService/ListDecisions",
        "DisclosureDecisionService/GetDecision",
        "MinutesRequestService/GetMinutesCase",
        "MinutesRequestService/GetReplyLetter",
        "MinutesRequestService/ListMinutesCases",
        "WitnessService/ProveDelivery",
        "DirectoryService/GetOrganisation",
        "DirectoryService/ListOrganisations",
        "PreviewService/PreviewExchange",
        "ClockService/ListClocks",
        "ClockService/CompleteClock",
        "ClockService/RecordTelephoneDisclosure",
        "SubjectAccessService/ListCases",
        "SubjectAccessService/GetCase",
        "SubjectAccessService/GetResponsePack",
        "SubjectAccessService/ListCaseItems",
        "SubjectAccessService/RevealItems",
        "SubjectAccessService/PreviewResponse",
        "SubjectAccessService/LocateData",
        "SubjectAccessService/GetAccessEnquiry",
        "SubjectAccessService/AnswerAccessEnquiry",
    )
)
"""Look-ups by an id, a desk or a person. Verbs answer "accepted" before anything is looked up."""
