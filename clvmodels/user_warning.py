"""A warning stands at the line of the user's own code, however deep in the package it is found."""

from __future__ import annotations

import warnings
from pathlib import Path

from clvmodels.errors import ClvWarning

_PACKAGE = str(Path(__file__).parent)


def point_out(sentence: str | Warning, category: type[ClvWarning] = ClvWarning) -> None:
    """Warn at the line from which the package was called."""
    warnings.warn(sentence, category, skip_file_prefixes=(_PACKAGE,))
