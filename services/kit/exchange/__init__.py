"""Exchanges as an organisation takes part in them: sending, receiving, answering, checking."""
