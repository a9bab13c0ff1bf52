"""Scopes of data keys: each can be destroyed apart from all others, and what it protects with it.

What is about one subject stands under the subject's; what is about several, and what is kept of an exchange
for as long as it travels, under the exchange's (design section 6).
"""


def exchange_scope(exchange_id: str) -> str:
    """The scope of an exchange."""
    return f"exchange:{exchange_id}"


def subject_scope(subject_id: str) -> str:
    """The scope of a subject, by its made-up id."""
    return f"subject:{subject_id}"


def link_scope(link_id: str) -> str:
    """The scope of a link between subjects: who made or undid it, and why, in words about both."""
    return f"link:{link_id}"


def filter_scope(organisation: str) -> str:
    """The scope of the names of filters that an organisation's people keep."""
    return f"filter:{organisation}"


def act_scope(act_id: str) -> str:
    """The scope of what a person did apart from any exchange: who it was outlives whom it was about."""
    return f"act:{act_id}"
