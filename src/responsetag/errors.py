"""One family of errors. Each message says what is wrong, where, and what to do next."""

from __future__ import annotations


class ResponseTagError(Exception):
    """Base of every error that this package raises on purpose."""


class InputError(ResponseTagError):
    """Text, a file or a row that cannot be read. Other input is not affected."""


class ArgumentError(InputError, ValueError):
    """Texts, labels or a parameter that an estimator cannot use; a ``ValueError`` for scikit-learn."""


class ResumeError(ResponseTagError):
    """A run that cannot be gone on with: its input, model or options are others now, or it was not said
    whether to."""


class ModelError(ResponseTagError):
    """A model that is missing, altered, malformed or of a newer format; nothing was built from it."""


class TaxonomyError(ResponseTagError):
    """A label file that is malformed, or a label that it does not have."""


class CorpusError(ResponseTagError):
    """Training rows that cannot be used. The message lists every one of them, not only the first."""


class FloorError(ResponseTagError):
    """A model that falls below the recorded floor of its figures, or a floor that would be lowered."""


class OutputError(ResponseTagError):
    """Output that cannot be written, or that another run is writing. What was finished stays."""


class WorkerError(ResponseTagError):
    """Worker processes that die whatever they are given. What was finished stays."""


class MissingExtraError(ResponseTagError, ImportError):
    """An optional dependency is not installed."""

    def __init__(self, package: str, extra: str, purpose: str) -> None:
        super().__init__(
            f"{purpose} needs {package}, which is not installed: run  pip install 'responsetag[{extra}]'  "
            f"(in a checkout  pip install '.[{extra}]')"
        )
