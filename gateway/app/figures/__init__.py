"""Figures: counted in the transaction in which something happens, and read by those who see the exchanges."""
