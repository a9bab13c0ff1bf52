"""A probation service: an identity and a declaration."""
