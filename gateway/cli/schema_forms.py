"""How the values of a case file are written, for `ppg schema`: what a list of names alone does not show."""

from typing import Any, Final

FORMS: Final[dict[str, Any]] = {
    "Date": "2027-03-31, 2027-03 or 2027",
    "Timestamp": "2026-11-23T09:30:00Z",
    "boolean": "true or false, without quotes",
    "enum": "one of the leaf's `values`, such as HIGH",
    "lists": "each path named under `lists` is a list: restrictions.kind with lists [restrictions] is "
    "restrictions: [{kind: ...}]",
    "recipient": "organisation/desk, such as kent-police/force-control, or {organisation: ..., desk: ...}",
    "sender": "an organisation",
    "author": {"name": "Sam Reed", "role": "COMMUNITY_OFFENDER_MANAGER"},
    "provenance": {
        "prefix": "the part of the document that it is about, such as document.victims[0]",
        "owner": "the organisation whose information it is; the sender where no entry says otherwise",
        "source_system": "where it was taken from, such as NDelius, OASys or ViSOR",
        "as_of": "the day on which it was true",
        "statement": "FACT, ASSESSMENT or ALLEGATION",
    },
    "fact of scope case": {
        "answer": "YES, NO or UNKNOWN; an absent fact is UNKNOWN",
        "organisation": "who says so; left out: the sender if it may, else somebody who may",
        "from": "a Timestamp; left out: always",
        "until": "a Timestamp; left out: until changed",
    },
    "fact of scope recipient": [
        {"party": "the recipient organisation, such as kent-police", "answer": "YES"}
    ],
    "fact of scope item": [{"party": "a part of the document, such as document.victims[0]", "answer": "YES"}],
    "withheld, held": "categories, or paths such as document.subject.address; each item named, and no other",
    "instead": "the document type or the workflow that is right, or {document_type: ..., workflow: ...}",
    "agreements": "left out, those of `agreements`; given, only these apply",
    "directory": "left out, `organisations`; given, only its organisations exist",
}
"""By the word that the rest of the schema uses for it."""

EXAMPLE: Final[dict[str, Any]] = {
    "case": "example",
    "about": "Where a victim lives is not for children's services; what advisers supplied waits for them.",
    "today": "2026-11-23",
    "exchange": {
        "sender": "kent-police",
        "recipients": ["kent-childrens/front-door"],
        "purpose": "SAFEGUARD_CHILD",
        "lawful_bases": ["CHILDREN_ACT_1989_S47"],
        "conditions": ["SCH8_SAFEGUARDING", "SCH1_SAFEGUARDING"],
        "necessity": "A child lives where he is going to live",
        "author": {"name": "Robin Vale", "role": "DETECTIVE_SERGEANT"},
        "document_type": "AgencyContribution",
        "document": {
            "subject": {"name": {"family": "Harrow", "given": "Neil"}, "date_of_birth": "1984-02-17"},
            "risk": [{"group": "CHILDREN", "level": "HIGH"}],
            "victims": [
                {
                    "person": {"name": {"family": "Tilney", "given": "Ros"}, "address": {"town": "Overmere"}},
                    "risk": "He has looked for her twice",
                }
            ],
        },
        "provenance": [{"prefix": "document.victims[0]", "owner": "kent-idva", "as_of": "2026-11-20"}],
    },
    "facts": {
        "mappa_managed": {"answer": "YES"},
        "owner_agrees": [
            {"party": "document.victims[0].risk", "answer": "YES", "organisation": "kent-idva"},
        ],
    },
    "expect": {
        "kent-childrens/front-door": {
            "outcome": "RELEASED",
            "withheld": ["VICTIM_LOCATION"],
            "held": ["document.victims[0].person.name"],
            "rules": ["MAPPA-22.20"],
            "flags": [],
            "clocks": ["OWNER_AGREES"],
        }
    },
}
"""A whole case, in the world of `deploy/`."""
