"""Clocks: time limits about exchanges and other matters, kept in the database and fired from there."""
