"""Options of a campaign: what can be done, for how much, and who is held out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from clvmodels.cli.inputs.values import read_table

if TYPE_CHECKING:
    import pandas as pd

_CAMPAIGN = "Campaign"

_FILE = typer.Option(
    "--activities",
    metavar="FILE",
    help="CSV or Parquet, one row an activity: name, cost, effect (share of a customer's value that it adds) and, "
    "if wanted, effect_sd (how unsure it is), worth and limit; numbers, or columns of the scores.",
    rich_help_panel=_CAMPAIGN,
    show_default=False,
)
ActivitiesFile = Annotated[str, _FILE]
ActivitiesOrNone = Annotated[str | None, _FILE]
Budget = Annotated[
    float | None,
    typer.Option(
        "--budget",
        metavar="AMOUNT",
        help="Of all costs together.",
        show_default="none: all who bring more than they cost",
        rich_help_panel=_CAMPAIGN,
    ),
]
Holdout = Annotated[
    float,
    typer.Option(
        "--holdout",
        metavar="SHARE",
        help="Share of the customers who are held out at random, so that the effects can be measured.",
        rich_help_panel=_CAMPAIGN,
    ),
]
Seed = Annotated[
    int,
    typer.Option("--seed", metavar="NUMBER", help="Of the random holdout.", rich_help_panel=_CAMPAIGN),
]


@dataclass(frozen=True)
class CampaignOptions:
    """What can be done with customers."""

    activities: ActivitiesFile
    budget: Budget = None
    holdout: Holdout = 0.1
    seed: Seed = 0

    def table(self) -> pd.DataFrame:
        """The activities."""
        return read_table(self.activities, "--activities")


@dataclass(frozen=True)
class CampaignOrNone:
    """What can be done with customers, if something can."""

    activities: ActivitiesOrNone = None
    budget: Budget = None

    @property
    def files(self) -> list[str]:
        """The file with activities, if there is one."""
        return [] if self.activities is None else [self.activities]

    def table(self) -> pd.DataFrame | None:
        """The activities."""
        return None if self.activities is None else read_table(self.activities, "--activities")
