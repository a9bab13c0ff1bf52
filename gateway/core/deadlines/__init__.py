"""Time limits: which there are, what starts and stops them, when they end, and what follows."""
