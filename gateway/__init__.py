"""The decision point: verifies, decides, records, and only then releases."""
