"""Developer tools behind the Makefile; nothing here runs in production."""
