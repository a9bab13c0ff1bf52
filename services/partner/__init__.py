"""The service of any other body, such as a co-ordination unit: an identity and a declaration."""
