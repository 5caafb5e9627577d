"""Options of decisions: segments and networks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import typer

from clvmodels.cli.inputs import options as o
from clvmodels.cli.inputs.values import Lines, check_cost, check_share, read_table

if TYPE_CHECKING:
    import pandas as pd

_IDS = ("referrer", "referee")
_SEGMENTS = "Segments"
_NETWORK = "Referrals"

SegmentBy = Annotated[
    str,
    typer.Option(
        "--by",
        metavar="RULE",
        help="value (tiers of customers), share (tiers of value), rfm, value_risk, or a column of the log.",
        rich_help_panel=_SEGMENTS,
    ),
]
Tiers = Annotated[
    int, typer.Option("--tiers", metavar="N", min=2, max=1_000, help="How many tiers.", rich_help_panel=_SEGMENTS)
]
Labels = Annotated[
    str | None,
    typer.Option(
        "--labels",
        metavar="NAMES",
        help="Names of the tiers, the best one first, separated by commas.",
        show_default="A, B, …",
        rich_help_panel=_SEGMENTS,
    ),
]
CustomersFile = Annotated[
    str,
    typer.Option(
        "--customers-output",
        metavar="FILE",
        help="The file for the segment of each customer; one that exists is replaced.",
        rich_help_panel="Output",
    ),
]
Referrals = Annotated[
    str,
    typer.Option(
        "--referrals",
        metavar="FILE",
        help="A CSV or Parquet file with columns referrer and referee, and if wanted weight and date.",
        show_default=False,
        rich_help_panel=_NETWORK,
    ),
]
ShareIncremental = Annotated[
    float | None,
    typer.Option(
        "--share-incremental",
        metavar="SHARE",
        callback=lambda value: None if value is None else check_share(value),
        help="Share of those referred who would not have come by themselves.",
        show_default="all, and sums for none and half",
        rich_help_panel=_NETWORK,
    ),
]
Reward = Annotated[
    float,
    typer.Option(
        "--reward", metavar="COST", callback=check_cost, help="What a referral is paid.", rich_help_panel=_NETWORK
    ),
]
Rho = Annotated[
    float,
    typer.Option(
        "--rho",
        metavar="SHARE",
        callback=check_share,
        help="What a level of influence counts, beside the level above it.",
        rich_help_panel=_NETWORK,
    ),
]
Unknown = Annotated[
    Lines,
    typer.Option(
        "--unknown", help="What to do with referrals of or by customers not in the log.", rich_help_panel=_NETWORK
    ),
]
SelfReferrals = Annotated[
    Lines,
    typer.Option("--self-referrals", help="What to do with customers who refer themselves.", rich_help_panel=_NETWORK),
]


@dataclass(frozen=True)
class SegmentOptions:
    """How customers are divided."""

    by: SegmentBy = "value"
    tiers: Tiers = 4
    labels: Labels = None

    @property
    def column(self) -> list[str]:
        """The column of the log that segments are from, if they are."""
        return [] if self.by in ("value", "share", "rfm", "value_risk") else [self.by]

    @property
    def names(self) -> list[str] | None:
        """The names of tiers."""
        return None if self.labels is None else [name.strip() for name in self.labels.split(",")]


@dataclass(frozen=True)
class NetworkOptions:
    """Referrals and what they are worth."""

    referrals: Referrals
    share_incremental: ShareIncremental = None
    acquisition_cost: o.AcquisitionCost = 0.0
    reward: Reward = 0.0
    rho: Rho = 0.9
    unknown: Unknown = Lines.refuse
    self_referrals: SelfReferrals = Lines.refuse

    def keywords(self, ids: pd.Index[Any]) -> dict[str, Any]:
        """As `clvmodels.network_value` takes them; ids are whole numbers where those of the log are."""
        table = read_table(self.referrals, "--referrals", _IDS)
        for name in _IDS:
            if name in table and ids.dtype.kind in "iu":
                table[name] = _whole(table[name])
        return {
            "referrals": table,
            "share_incremental": self.share_incremental,
            "acquisition_cost": self.acquisition_cost,
            "reward": self.reward,
            "rho": self.rho,
            "unknown": self.unknown.value,
            "self_referrals": self.self_referrals.value,
        }


def _whole(column: pd.Series[Any]) -> pd.Series[Any]:
    """Whole numbers, if each is one."""
    import pandas as pd

    numbers = pd.to_numeric(column, errors="coerce")
    return numbers if numbers.notna().sum() == column.notna().sum() else column
