"""The version of the package; releases set it here."""

__version__ = "0.1.0"
