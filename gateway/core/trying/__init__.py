"""What would become of an exchange that there is not: the decision on a case without values."""
