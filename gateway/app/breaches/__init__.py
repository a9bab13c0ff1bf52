"""Breach cases: opened, filled from the disclosure log, worked through, exported."""
