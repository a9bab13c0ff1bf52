"""What can be wrong with the log's tree: faults of the store, never of a caller."""


class TileMissingError(Exception):
    """The store has not the tile that the tree's size says it has, or it is too short.

    Args:
        level: the tile's level.
        number: its place in the level, from 0.
    """

    def __init__(self, level: int, number: int) -> None:
        super().__init__(f"tile {number} of level {level} is missing or too short")
        self.level = level
        self.number = number
