"""Recalls: what its sender takes back is stopped where it can be, and whoever had it must confirm."""
