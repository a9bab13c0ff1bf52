"""Free text: finding and masking those whom a recipient must not learn of (docs/redaction.md). Pure."""
