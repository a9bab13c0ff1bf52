"""Pure functions over leaves, seals, statements and proofs; no IO, no clock.

`leaves` and `paths` (the leaf form), `seal` and `opening` (SD-JWT), `statement` and `release` (what the
gateway says of a release, and both ends' checks), `derive` (generalising and masking), `hop` (encryption
between hops), `merkle` and `frontier` (the log's tree), `note`, `checkpoint`, `witnessing` and `quorum` (what
the log and its witnesses sign, and make of it), `keys`, `jws`, `canonical`, `errors`.
"""
