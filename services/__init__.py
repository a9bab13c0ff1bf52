"""One process per organisation, and the kit that every process here shares."""
