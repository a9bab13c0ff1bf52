"""gRPC: the server that every process runs, its guards, and the client that speaks to it."""
