"""Texts from logs where they could do harm: on a terminal, and in a spreadsheet."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

# Control characters, marks that turn the direction of writing, line separators, and halves of characters.
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")
# What a spreadsheet takes for the beginning of a formula, also in its wide form, and after spaces.
_FORMULA = re.compile("'*\\s*[=+\\-@\uff1d\uff0b\uff0d\uff20]|'*[\t\r\n]")
_NUMBER = re.compile(r"[+-]?\d+([.,]\d+)*")


def visible(text: str, *, lines: bool = False) -> str:
    r"""A text whose control characters are written out, so that a terminal shows them and doesn't obey them.

    Parameters
    ----------
    text : str
        Any text.
    lines : bool
        Leave the ends of lines as they are.

    Examples
    --------
    >>> print(visible("ann\x1b[2J"), visible("a\nb"), visible("\u202eann"))
    ann\x1b[2J a\nb \u202eann
    """
    return _CONTROL.sub(lambda match: match[0] if lines and match[0] == "\n" else _written_out(match[0]), text)


def _written_out(sign: str) -> str:
    known = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}
    return known.get(sign) or (f"\\x{ord(sign):02x}" if ord(sign) < 256 else f"\\u{ord(sign):04x}")


def harmless(text: str) -> str:
    """A text that no spreadsheet runs: before =, +, -, @, a tab or a line break an apostrophe is put.

    A text with apostrophes before such a sign gets one more, so that `restored` gives back every text. Plain numbers
    stay as they are.

    Examples
    --------
    >>> [harmless(text) for text in ("=1+1", "'=1+1", "ann", "-5", "-x", "'tis")]
    ["'=1+1", "''=1+1", 'ann', '-5', "'-x", "'tis"]
    """
    return f"'{text}" if _is_formula(text) else text


def restored(text: str) -> str:
    """The text that `harmless` was given.

    Examples
    --------
    >>> [restored(text) for text in ("'=1+1", "''=1+1", "ann", "-5", "'-x", "'tis")]
    ['=1+1', "'=1+1", 'ann', '-5', '-x', "'tis"]
    """
    return text[1:] if text.startswith("'") and _is_formula(text) else text


def harmless_table(table: pd.DataFrame) -> pd.DataFrame:
    """A table whose texts, and names of columns, are `harmless`.

    Examples
    --------
    >>> import pandas as pd
    >>> harmless_table(pd.DataFrame({"customer_id": ["=1+1", "ann"], "frequency": [-1, 2]}))["customer_id"].tolist()
    ["'=1+1", 'ann']
    """
    from pandas.api.types import is_bool_dtype, is_datetime64_any_dtype, is_numeric_dtype

    columns = {}
    for place in range(table.shape[1]):
        column = table.iloc[:, place]
        plain = any(is_kind(column.dtype) for is_kind in (is_numeric_dtype, is_bool_dtype, is_datetime64_any_dtype))
        columns[place] = column if plain else column.astype(object).map(_harmless_cell)
    changed = type(table)(columns, index=table.index)
    return changed.set_axis([_harmless_cell(name) for name in table.columns], axis=1)


def _harmless_cell(value: object) -> object:
    return harmless(value) if isinstance(value, str) else value


def _is_formula(text: str) -> bool:
    return _FORMULA.match(text) is not None and _NUMBER.fullmatch(text.lstrip("'")) is None
