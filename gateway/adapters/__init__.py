"""One technology each: database, broker, keys, files."""
