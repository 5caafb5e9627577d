"""The errors and warnings of clvmodels: what was found, where, and what to do."""

import re

# What only those who write Python can do, in the words of the sentences that speak of it.
_PYTHON = re.compile(
    r",? or (?:a prior, such as |pass )?priors=\{[^}]*\}"
    r"| Look at customers\.check\(\) and at priors=\."
    r'|method="nuts", |, or tighter priors'
)


def without_python(sentence: str) -> str:
    """A sentence for readers who have no Python at hand.

    Examples
    --------
    >>> without_python('Pass more or longer data, or a prior, such as priors={"b": ("lognormal", 2, 2)}.')
    'Pass more or longer data.'
    >>> without_python('Use method="nuts", more data, or tighter priors.')
    'Use more data.'
    """
    return _PYTHON.sub("", sentence)


class ClvError(Exception):
    """Base class of every error that clvmodels raises on purpose."""


class DataError(ClvError, ValueError):
    """The data can't be used as they are; the message names the rows and the remedy."""


class ArgumentError(ClvError, ValueError):
    """An argument has a value that has no meaning here."""


class ConvergenceError(ClvError, RuntimeError):
    """No maximum was found; the message says which parameter ran off and what to try."""


class UnsupportedPrediction(ClvError, TypeError):
    """The quantity has no meaning for this model; the message names a model that has it."""


class FileFormatError(ClvError, ValueError):
    """A model file is foreign, incomplete or from a newer version."""


class ClvWarning(UserWarning):
    """Base class of the warnings of clvmodels."""


class IdentificationWarning(ClvWarning):
    """The data hardly say anything about a parameter, or its value has an odd consequence."""
