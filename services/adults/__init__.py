"""An adult services department's service: an identity and a declaration."""
