"""Drift, as it is printed."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from rich.padding import Padding

from clvmodels.cli.output.cells import indented, one_line, plain_table
from clvmodels.formats import signed_share

if TYPE_CHECKING:
    from clvmodels.evaluation.drift.drift import Drift


def measures(found: Drift) -> Padding:
    """Each measure with what was expected and what came."""
    table = plain_table("<>>>>", ["", "expected", "came", "change", "p"])
    for name, row in found.table.iterrows():
        compared = not str(name).startswith("parameters")
        cells = [_number(row["then"]), _number(row["now"]), signed_share(row["change"])] if compared else [""] * 3
        p = "" if math.isnan(row["p_value"]) else f"{row['p_value']:.3f}"
        table.add_row(*(one_line(cell, "bold" if row["drifted"] else "") for cell in (str(name), *cells, p)))
    return indented(table)


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 1_000 else f"{value:.3g}"
