"""Decisions whether to disclose to a third party, kept where they are made."""
