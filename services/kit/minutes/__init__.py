"""Requests for the minutes of meetings: the register of an organisation that is asked, and its answers."""
