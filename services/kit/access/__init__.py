"""Who calls, and what they may do: the calling system, the acting person, and the role that lets a call pass."""
