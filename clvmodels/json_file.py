"""JSON of bounded size: what a file that somebody else made may hold."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any, Never

from clvmodels.errors import FileFormatError

_SIZE = 100_000_000  # characters of a file
_TEXT = 20_000  # characters of a text in it
_DIGITS = 400  # of a number
_NESTING = 30


def read_json(path: str | Path) -> Any:
    """The content of a JSON file, in which all numbers are finite.

    Raises
    ------
    FileFormatError
        The file isn't there, is no JSON, or holds more than a model file would.
    """
    try:
        if Path(path).stat().st_size > _SIZE:
            raise FileFormatError(f"{path} is not a model file: it is larger than {_SIZE // 1_000_000} MB.")
        text = Path(path).read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise FileFormatError(f"There is no file {path}.") from None
    except UnicodeDecodeError:
        raise FileFormatError(f"{path} is not a model file, or is cut short.") from None
    except (OSError, ValueError) as error:
        if isinstance(error, FileFormatError):
            raise
        raise FileFormatError(f"{path} can't be read: {getattr(error, 'strerror', None) or error}.") from None
    try:
        content = json.loads(text, parse_float=_number, parse_int=_whole_number, parse_constant=_not_finite)
        _check(content, 0)
    except json.JSONDecodeError:
        raise FileFormatError(f"{path} is not a model file, or is cut short.") from None
    except RecursionError:
        raise FileFormatError(f"{path} is not a model file: it is nested too deeply.") from None
    except ValueError as error:
        raise FileFormatError(f"{path} is a model file, but damaged: {error}.") from None
    return content


def _number(text: str) -> float:
    value = float(text) if len(text) <= _DIGITS else math.inf
    return value if math.isfinite(value) else _not_finite(text)


def _whole_number(text: str) -> int:
    if len(text) > _DIGITS or abs(int(text)) >= 2**63:
        _not_finite(text)
    return int(text)


def _not_finite(text: str) -> Never:
    raise ValueError(f"{text[:30]} is no number that it can hold")


def _check(value: Any, depth: int) -> None:
    """No text is long, and nothing nested deeply."""
    if depth > _NESTING:
        raise ValueError("it is nested too deeply")
    if isinstance(value, str) and len(value) > _TEXT:
        raise ValueError(f"a text in it has {len(value):,} characters")
    if isinstance(value, dict):
        for key, item in value.items():
            _check(key, depth)
            _check(item, depth + 1)
    elif isinstance(value, list):
        for item in value:
            _check(item, depth + 1)
