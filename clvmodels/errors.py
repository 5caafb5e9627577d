"""The errors and warnings of clvmodels: what was found, where, and what to do."""


class ClvError(Exception):
    """Base class of every error that clvmodels raises on purpose."""


class DataError(ClvError, ValueError):
    """The data can't be used as they are; the message names the rows and what to do."""


class ArgumentError(ClvError, ValueError):
    """An argument has a value that has no meaning here."""


class ColumnError(DataError, ArgumentError):
    """A column that was named is not there."""


class ConvergenceError(ClvError, RuntimeError):
    """No maximum was found; the message says which parameter diverges and what to try."""


class ModelError(ClvError, TypeError):
    """A model lacks functions or defines them otherwise than its kind asks for; the message names all of them."""


class UnsupportedPrediction(ClvError, TypeError):
    """The quantity has no meaning for this model; the message names a model that has it."""


class UnsupportedMethod(UnsupportedPrediction, AttributeError):
    """A question that this kind of fit has no method for; the message names the kind that answers it."""


class FileFormatError(ClvError, ValueError):
    """A model file is foreign, incomplete or from a newer version."""


class ClvWarning(UserWarning):
    """Base class of the warnings of clvmodels."""


class IdentificationWarning(ClvWarning):
    """A parameter is hardly identified by the data, or its value has a consequence that is rarely meant."""


class LogWarning(ClvWarning):
    """The lines of a log may not mean what they are read as."""
