"""Subject access: what an organisation does that somebody asked for their own data. Pure but for `rules`."""
