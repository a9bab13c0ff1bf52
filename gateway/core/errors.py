"""Faults in what the gateway is configured with. A refusal is a result (`model.Ruling`), not a fault."""


class DataError(Exception):
    """A file of data says something the gateway does not accept.

    Attributes:
        file: the file's name.
        line: 1 for the first; 0 where no single line is at fault.
        item: id of the rule, clause or entry concerned; empty where it has none.
        advice: what is wrong and what to write instead. Holds no personal data.
    """

    def __init__(self, file: str, line: int, item: str, advice: str) -> None:
        self.file, self.line, self.item, self.advice = file, line, item, advice
        super().__init__(f"{file}:{line}: {item + ': ' if item else ''}{advice}")


class RulebookError(DataError):
    """A file of the rulebook."""


class AgreementError(DataError):
    """An agreement."""


class DirectoryDataError(DataError):
    """A directory of organisations written as data."""


class CaseFileError(DataError):
    """A case file."""


class UnknownDocumentError(Exception):
    """No document of that name is in the contract."""
