"""Results in a notebook: sentences above a table."""

from __future__ import annotations

import html
from typing import Any

import pandas as pd


def notebook_page(summary: str, table: pd.DataFrame, **options: Any) -> str:
    """Sentences and a table as HTML; what the data hold is text in it and never markup.

    Parameters
    ----------
    summary
        One sentence a line.
    table
        The table.
    **options
        Of `pandas.DataFrame.to_html`.
    """
    lines = "<br>".join(map(html.escape, summary.split("\n")))
    return f"<p>{lines}</p>{table.to_html(border=0, **options)}"
