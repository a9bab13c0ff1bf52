"""Use cases: submit, release, approve, remind, oversee."""
