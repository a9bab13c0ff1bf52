"""Measurements: what the system costs, on the machine that this runs on."""
