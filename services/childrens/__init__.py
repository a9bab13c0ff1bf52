"""A children's services department's service: an identity and a declaration."""
