"""Who calls and what they may do: system, person, and the role that lets a call pass."""
