"""A prison's service: an identity and a declaration."""
