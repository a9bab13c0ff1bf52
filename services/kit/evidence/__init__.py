"""Pure functions over leaves, seals, statements and proofs; no IO."""
