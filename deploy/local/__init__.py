"""A complete private system on one machine: files, certificates, keys, broker, gateway and agencies."""
