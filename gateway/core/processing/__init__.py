"""The record of processing, drawn from the contract's annotations, the agreements and the rulebook."""
