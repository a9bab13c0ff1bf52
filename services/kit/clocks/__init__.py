"""Time limits at an organisation: what the gateway told of them, and what nobody confirmed in its minutes."""
