"""Options of what is run every night: a state that goes on, and whether models still hold."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

_STATE = "The state"
_DRIFT = "Drift"


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
FittedModel = Annotated[
    str,
    typer.Option(
        "--against",
        metavar="FILE",
        show_default=False,
        help="A file that [bold]clv fit[/] wrote: does what it expected still hold?",
        rich_help_panel=_DRIFT,
    ),
]
Tolerance = Annotated[
    float,
    typer.Option(
        "--tolerance",
        metavar="SHARE",
        min=0.0,
        help="Changes up to this share are no drift, however certain they are: 0.05 is 5 %.",
        rich_help_panel=_DRIFT,
    ),
]
FalseAlarms = Annotated[
    float,
    typer.Option(
        "--level",
        metavar="SHARE",
        help="Share of false alarms where nothing has changed, from all measures together.",
        rich_help_panel=_DRIFT,
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
