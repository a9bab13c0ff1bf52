"""The ppg command."""
