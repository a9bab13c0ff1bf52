"""The rulebook in words that somebody who answers for it can read, and found by paragraph, id and word."""
