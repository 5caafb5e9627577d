"""Drift, as it is printed."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from rich.padding import Padding
from rich.table import Table

from clvmodels.formats import signed_share

if TYPE_CHECKING:
    from clvmodels.evaluation.drift.drift import Drift

_INDENT = (0, 0, 0, 2)


def measures(found: Drift) -> Padding:
    """Each measure with what was expected and what came."""
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("")
    for heading in ("expected", "came", "change", "p"):
        table.add_column(heading, justify="right")
    for name, row in found.table.iterrows():
        tested = not str(name).startswith("parameters")
        cells = [_number(row["then"]), _number(row["now"]), signed_share(row["change"])] if tested else [""] * 3
        p = "" if math.isnan(row["p_value"]) else f"{row['p_value']:.3f}"
        table.add_row(str(name), *cells, p, style="bold" if row["drifted"] else None)
    return Padding(table, _INDENT)


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 1_000 else f"{value:.3g}"
