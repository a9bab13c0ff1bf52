"""Recalls: of what was sent from here, and of what was received here."""
