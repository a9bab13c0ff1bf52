"""Who is one person: what documents state of people, what links them, what contradicts that. Pure."""
