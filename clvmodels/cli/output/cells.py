"""What tables on the terminal are made of."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal

from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from clvmodels import formats
from clvmodels.safe_text import visible


def one_line(text: str, style: str = "") -> Text:
    """A text in one line, whatever is in it."""
    return Text(visible(text), style)


def plain_table(sides: str, heads: Sequence[str] = ()) -> Table:
    """A table without lines; ``sides`` has "<" for a column that is aligned left and ">" for one aligned right."""
    table = Table(box=None, show_header=bool(heads), pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    vertical: Literal["bottom", "top"] = "bottom" if any("\n" in head for head in heads) else "top"
    for number, sign in enumerate(sides):
        side: Literal["left", "right"] = "left" if sign == "<" else "right"
        head = Text(heads[number]) if heads else ""
        table.add_column(head, justify=side, overflow="fold", vertical=vertical, no_wrap=side == "right")
    return table


def indented(table: Table) -> Padding:
    """A table two spaces from the left."""
    return Padding(table, (0, 0, 0, 2), expand=False)


def money_cells(values: Iterable[float]) -> list[str]:
    """Money in one column."""
    return formats.amounts(values, cents_below=100_000)
