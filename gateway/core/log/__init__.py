"""The disclosure log's tree: pure functions over tiles. Where tiles are kept is the adapters' matter."""
