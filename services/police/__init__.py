"""A police force's service: an identity and a declaration."""
