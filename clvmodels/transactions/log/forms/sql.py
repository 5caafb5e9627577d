"""Pieces of SQL for DuckDB that dates and amounts share."""

from __future__ import annotations

from typing import Any

import narwhals.stable.v2 as nw

from clvmodels.transactions.log.engine import literal, quoted

# What exports write where there is nothing.
MISSING = ("", "null", "NULL", "None", "nan", "NaN", "NaT", "NA", "N/A", "n/a", r"\N")


def text_of(name: str, dtype: Any) -> str:
    """A column as text without the spaces around it; whole numbers without a fraction."""
    column = quoted(name)
    if dtype.is_float():
        whole = f"{column} = floor({column}) AND abs({column}) < 9e18"
        return f"CASE WHEN {whole} THEN CAST(CAST({column} AS BIGINT) AS VARCHAR) ELSE CAST({column} AS VARCHAR) END"
    return f"trim({column})" if dtype == nw.String else f"CAST({column} AS VARCHAR)"


def is_missing(text: str) -> str:
    """Whether a text stands for nothing."""
    return f"{text} IS NULL OR {text} IN ({', '.join(map(literal, MISSING))})"
