"""What it means that a service could not start with its configuration."""

from auditor.errors import Unavailable


class Unparsable(Unavailable):
    """oslo.config refuses to start a service with these sources, so that no setting of it has a value.

    Attributes:
        path: the file to mend, as a path on the host, or None where the command line or an absent option is to blame.
        line: the line in it, from 1.
        error: the class that the service ends with: ``ConfigFileParseError``, ``SystemExit``, ``UnicodeDecodeError``...
        message: what is wrong, for an operator; never holds text of the file.
        is_certain: False where it rests on what the probe may not read; the service itself may be allowed to.
    """

    def __init__(
        self, path: str | None, line: int | None, error: str, message: str, *, is_certain: bool = True
    ) -> None:
        where = "" if path is None else f"{path}: " if line is None else f"{path}:{line}: "
        super().__init__(f"{where}{message}")
        self.path = path
        self.line = line
        self.error = error
        self.message = message
        self.is_certain = is_certain
