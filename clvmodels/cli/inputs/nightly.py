"""Options of what is run every night: a state that goes on."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

_STATE = "The state"


class Late(StrEnum):
    """What to do with lines of time that was observed before."""

    refuse = "refuse"
    add = "add"


StateFile = Annotated[
    str,
    typer.Argument(
        metavar="STATE",
        show_default=False,
        help="The Parquet file with what is known of each customer; the first lines make it.",
    ),
]
LateLines = Annotated[
    Late,
    typer.Option(
        "--late",
        metavar="POLICY",
        help="Lines on or before the last day that the state has seen: refuse, or add, if they were not added before.",
        rich_help_panel=_STATE,
    ),
]
OpenDays = Annotated[
    int | None,
    typer.Option(
        "--open-days",
        metavar="DAYS",
        min=1,
        help="For how many days, up to the last one, late lines and refunds are taken.",
        show_default="31, or those of the state",
        rich_help_panel=_STATE,
    ),
]
SummaryFile = Annotated[
    str | None,
    typer.Option(
        "--customers-output",
        metavar="FILE",
        help="A file to write the customers to, as clv summarize does.",
        show_default="none",
        rich_help_panel="Output",
    ),
]
