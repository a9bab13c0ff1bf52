"""Looking after one's own keys by hand: making, listing, destroying. For every process's command line."""
