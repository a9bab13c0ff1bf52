"""Subject access at the gateway: where data lies, who is asked about it, texts masked for the person."""
