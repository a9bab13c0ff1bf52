"""The story: one case from notice of release to the meeting, as data, and those who play and check it."""
