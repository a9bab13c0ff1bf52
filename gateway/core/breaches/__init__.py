"""Breaches of personal data: what the law asks of a controller that knows of one; where a case stands."""
