"""What may be wrong with who acts, inside the process. What a caller is told stands in `kit.rpc.errors`."""


class NoActorError(Exception):
    """Nobody was found to act in this call: the guard did not pass it."""


class NoPersonError(Exception):
    """A person is needed, and a system acts by itself."""
