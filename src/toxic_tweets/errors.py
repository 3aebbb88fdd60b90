"""Every exception that Toxic Tweets raises on purpose, in one tree.

Messages name the value, the expectation and the way out, and never hold the text that was scored:
texts are private and hurtful, so an error names its index, row or column instead.
"""

import os


class ToxicTweetsError(Exception):
    """Catch everything that Toxic Tweets raises on purpose."""


class TextError(ToxicTweetsError):
    """Say which of the given texts is not a text.

    Attributes:
        index: place of the wrong text in what was given, from 0; None when the whole argument is of
            the wrong kind.
    """

    def __init__(self, message: str, index: int | None = None) -> None:
        """Keep the index so that a caller can mend the right text."""
        super().__init__(message)
        self.index = index


class LabelError(ToxicTweetsError):
    """Say that a label is unknown, and list the known ones."""


class PolicyError(ToxicTweetsError):
    """Say what is wrong with a policy: a key, a preset or a threshold."""


class CheckpointError(ToxicTweetsError):
    """Say why a checkpoint cannot be found, trusted or read."""


class DataError(ToxicTweetsError):
    """Say where a data file is malformed: file, row and column.

    Attributes:
        message: what is wrong there, without the place.
        file: name or path of the file.
        row: row of the file as a person counts: the first row of data is row 1.
        column: name of the column.
    """

    def __init__(
        self,
        message: str,
        *,
        file: str | os.PathLike[str] | None = None,
        row: int | None = None,
        column: str | None = None,
    ) -> None:
        """Keep the place apart from the message, so that both can be shown."""
        super().__init__(message)
        self.message = message
        self.file = None if file is None else os.fspath(file)
        self.row = row
        self.column = column

    def __str__(self) -> str:
        """Return the place, then the message."""
        place = [] if self.file is None else [self.file]
        if self.row is not None:
            place.append(f"row {self.row}")
        if self.column is not None:
            place.append(f"column {self.column!r}")
        return f"{', '.join(place)}: {self.message}" if place else self.message


class RecipeError(ToxicTweetsError):
    """Say what is wrong with a training recipe."""


class TrainingError(ToxicTweetsError):
    """Say why a training run had to stop, and what it left behind."""


class HubError(ToxicTweetsError):
    """Say why the Hugging Face Hub could not give or take a checkpoint."""


class RemoteError(ToxicTweetsError):
    """Say why the server that a page was told to use did not score."""


class StoreError(ToxicTweetsError):
    """Say why the database cannot be used, or refuses."""


class BulkError(ToxicTweetsError):
    """Say why files cannot be scored as asked, or why that had to stop and how it goes on."""


class MissingExtraError(ToxicTweetsError):
    """Say which optional packages are missing, with the command to type.

    Attributes:
        extra: the extra of this distribution that holds the package, such as `train`.
        package: the package that could not be imported.
    """

    def __init__(self, extra: str, package: str) -> None:
        """Keep both names; the message is made of them."""
        super().__init__(extra, package)
        self.extra = extra
        self.package = package

    def __str__(self) -> str:
        """Return one sentence that ends in the exact command."""
        return f'{self.package} is not installed. Type: pip install "toxic-tweets[{self.extra}]"'
