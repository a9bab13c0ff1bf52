"""Pure functions: document, header, facts, agreements, rulebook and time in; decision out."""
