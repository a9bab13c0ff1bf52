"""Decisions whether to disclose to a third party, put on record by whoever made them (MAPPA chapter 10)."""
