"""What a decision whether to disclose to a third party asks, in words, section by section (MAPPA 10)."""

from dataclasses import dataclass
from typing import Final

from publicprotection.exchange.v1 import disclosure_pb2
from publicprotection.exchange.v1 import disclosure_service_pb2 as pb2

STATES: Final[dict[int, tuple[str, str]]] = {
    pb2.DECISION_STATE_PROPOSED: ("Waits to be decided", "yellow"),
    pb2.DECISION_STATE_DECIDED: ("Decided", "blue"),
    pb2.DECISION_STATE_AMENDMENT_PROPOSED: ("Amendment waits", "yellow"),
    pb2.DECISION_STATE_TOLD: ("Told", "green"),
}
OUTCOMES: Final[dict[int, str]] = {
    disclosure_pb2.DISCLOSURE_OUTCOME_DISCLOSE: "The third party is told",
    disclosure_pb2.DISCLOSURE_OUTCOME_DO_NOT_DISCLOSE: "It was considered, and nobody is told",
    disclosure_pb2.DISCLOSURE_OUTCOME_NOT_CONSIDERED: "It was not considered",
}
EVENTS: Final = {
    "RECORDED": "Recorded",
    "DECIDED": "Decided",
    "AMENDED": "Amended",
    "TOLD": "The third party was told",
    "READ": "Read",
}
OBSTACLES: Final = {
    "NOTHING_PROPOSED": "Nothing waits to be decided.",
    "AUTHOR": "Two people decide this: somebody who did not write it decides it (MAPPA 10.25, 10.26, 23.29).",
    "ROLE": "Somebody else decides this: “who decided” says who (MAPPA 10.5, 10.7, 10.21).",
    "NOT_DECIDED": "It is not decided yet.",
    "NOT_DISCLOSED": "It was decided not to tell anybody.",
}


@dataclass(frozen=True, slots=True)
class Question:
    """One thing that is asked.

    Attributes:
        field: of DisclosureConsideration; of a part of it, with a dot.
        label: the question.
        hint: what helps to answer it.
    """

    field: str
    label: str
    hint: str = ""


Section = tuple[str, tuple[Question, ...]]
_Q = Question

ALWAYS: Final[tuple[Section, ...]] = (
    (
        "Who decided, when and why",
        (
            _Q("reasons", "Why was it so decided, or why was it not considered?", "MAPPA 7.26, 10.7, 10.8"),
            _Q("mappa_level", "At which MAPPA level is the case managed?", "It decides who decides."),
            _Q("decided_by", "Who decided?", "MAPPA 10.5, 10.7, 10.21"),
            _Q("decided_on", "When was it decided?", "For example, 27 3 2026"),
            _Q("review_by", "By when is it looked at again?", "At the next review or meeting (MAPPA 10.3)."),
            _Q("meeting_reference", "Meeting at which it was decided", "Where a meeting decided it."),
            _Q("dissent", "Who disagreed, and why?", "MAPPA 10.7"),
            _Q("urgent_reason", "If it could not wait, why not?", "MAPPA 10.13, 10.21"),
            _Q("partners_views", "What did partners think, or why could nobody be asked?", "MAPPA 10.21"),
            _Q("child_sex_offender", "Section 327A of the Criminal Justice Act 2003 applies", "MAPPA 10.3"),
            _Q(
                "counter_terrorism", "The case concerns terrorism", "Only people who are cleared see it then."
            ),
        ),
    ),
)
CONSIDERED: Final[tuple[Section, ...]] = (
    (
        "Need",
        (
            _Q("purpose", "What is or would the disclosure be for?", "MAPPA 10.4"),
            _Q("triggers", "What prompts it?", "MAPPA 10.11"),
            _Q(
                "alternatives_considered",
                "Which alternatives were considered, and why would each not do?",
                "MAPPA 10.4",
            ),
            _Q("necessity", "Does the need to protect outweigh privacy, and why?", "MAPPA 10.11"),
        ),
    ),
    (
        "Risks",
        (
            _Q("risks_to_third_party", "What does the third party risk?", "MAPPA 10.12"),
            _Q("risks_to_subject", "What harm may telling do to the person?", "MAPPA 10.12"),
            _Q("risks_to_others", "What do others risk: victims, children, neighbours?", "MAPPA 10.12"),
            _Q("risks_of_displacement", "May the person go elsewhere or out of sight?", "MAPPA 10.12"),
        ),
    ),
    (
        "The person's views",
        (
            _Q("representations", "Was the person heard?", "MAPPA 10.20"),
            _Q("representations_made", "What did the person say?"),
            _Q("not_heard_reason", "If not asked, why not?", "MAPPA 10.20"),
            _Q("not_heard_detail", "That reason in words"),
        ),
    ),
)
TOLD: Final[tuple[Section, ...]] = (
    (
        "Who is told what",
        (
            _Q("lawful_bases", "Which law is relied on?", "MAPPA 10.10"),
            _Q("recipient.family", "Family name of the third party", "MAPPA 10.18"),
            _Q("recipient.given", "Given names of the third party"),
            _Q(
                "recipient_capacity",
                "In what capacity is the third party told?",
                "Such as head teacher or new partner.",
            ),
            _Q("recipient_organisation", "Organisation of the third party, if told in that capacity"),
            _Q(
                "content",
                "What exactly is the third party told?",
                "What the risk needs, and no more (MAPPA 10.4, 10.12).",
            ),
            _Q("discloser", "Which organisation tells?", "The one best placed for it (MAPPA 10.7, 10.18)."),
            _Q("discloser_person", "Who there tells?", "MAPPA 10.8"),
            _Q("method", "How?", "MAPPA 10.18, 10.19, 10.22"),
            _Q("photograph", "Is a photograph shown?", "None is ever handed over (MAPPA 10.19, 10.24)."),
            _Q("photograph_reason", "Why is one needed?"),
        ),
    ),
    (
        "How the third party is prepared",
        (
            _Q("preparation.already_known", "What do they know already?"),
            _Q("preparation.what_to_do", "What are they told to do?", "MAPPA 10.18"),
            _Q("preparation.triggers", "What are they told to look out for?"),
            _Q("preparation.contact", "Whom can they turn to?"),
            _Q("preparation.contact_telephone", "Telephone number of that contact"),
            _Q("preparation.support", "What support do they get?"),
            _Q("preparation.understands_confidentiality", "They understand that it is confidential"),
            _Q("recipient_must_not", "What are they told not to do?", "MAPPA 10.18, 10.19"),
            _Q("conditions", "Conditions on passing it on", "Criminal Justice Act 2003 section 327A"),
            _Q("recipient_told_unaware", "They are told that the person does not know", "MAPPA 10.23"),
            _Q("recipient_agrees_not_to_misuse", "They agree not to misuse it", "MAPPA 10.19"),
        ),
    ),
    (
        "If it goes wrong",
        (
            _Q("contingency_victim", "What is planned for the victim?", "MAPPA 10.12, 27.50"),
            _Q("contingency_subject", "What is planned for the person?", "MAPPA 10.12, 27.50"),
        ),
    ),
    (
        "Special cases",
        (
            _Q("subject_under_18", "The person is under 18", "MAPPA 10.13"),
            _Q(
                "youth_offending_consulted",
                "A senior member of the youth offending team was consulted",
                "MAPPA 10.13, 23.29",
            ),
            _Q(
                "childrens_services_consulted",
                "Children's services were consulted",
                "MAPPA 10.13, 10.14, 23.29",
            ),
            _Q("recipient_is_child", "The third party is a child", "MAPPA 10.14"),
            _Q("child_best_interests", "It is in that child's best interests", "MAPPA 10.14"),
            _Q("recipient_is_adult_at_risk", "The third party is an adult at risk", "MAPPA 10.14"),
            _Q("adult_services_consulted", "Adult services were involved", "MAPPA 10.14"),
            _Q("identifies_victim", "What is told could identify a victim", "MAPPA 10.4"),
            _Q("victim_reason", "If so, why can the risk not be managed without it?"),
            _Q("includes_gender_recognition", "It includes information on gender recognition", "MAPPA 10.25"),
            _Q("gender_recognition_reason", "If so, how is it needed to prevent or detect crime?"),
            _Q("complex", "The disclosure is complex: somebody else decides it", "MAPPA 10.6, 10.19, 10.26"),
        ),
    ),
)


def sections_of(outcome: int) -> tuple[Section, ...]:
    """What a decision with an outcome is asked."""
    if outcome == disclosure_pb2.DISCLOSURE_OUTCOME_NOT_CONSIDERED:
        return ALWAYS
    if outcome == disclosure_pb2.DISCLOSURE_OUTCOME_DO_NOT_DISCLOSE:
        return (*ALWAYS, *CONSIDERED)
    return (*ALWAYS, *CONSIDERED, *TOLD)


def obstacle_words(code: str) -> str:
    """What stands in the way of a step, as a sentence."""
    return OBSTACLES.get(code, "The decision does not allow this now.")
