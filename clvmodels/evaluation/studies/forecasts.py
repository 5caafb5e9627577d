"""Do forecasts of totals hold? CDNOW and Online Retail II, two horizons, an origin every four weeks.

Run by ``python -m clvmodels.evaluation.studies.forecasts``, which prints every origin and then the means: how far
totals and months were off, beside plain BG/NBD × Gamma-Gamma, and how often ranges held.

Nothing was chosen by these figures but that amounts have a season (`forecasting.rules.spend`), which was built after
larger orders had been seen in both autumns of Online Retail II. The rest of the rule, its priors and its widths are as
they were found on other logs too, see `forecasting.result.ranges`.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from clvmodels import datasets
from clvmodels.errors import ClvWarning
from clvmodels.evaluation.holdout.forecast_scores import (
    EARLIER_ERRORS,
    actual_periods,
    actual_totals,
    forecast_scores,
    summary_of_scores,
)
from clvmodels.evaluation.studies.accuracy import online_retail
from clvmodels.forecasting.forecast import forecast
from clvmodels.forecasting.result.coverage import coverage_interval
from clvmodels.inference.estimation.by_kind import fit_purchases, fit_spend
from clvmodels.transactions.log.log import Log
from clvmodels.transactions.summary.holdout import Holdout, holdout_split
from clvmodels.transactions.summary.periods import summarize_period

HORIZONS = (91, 182)  # days
STEP = 28
LEAST = 150  # days of the first calibration


@dataclass(frozen=True)
class Origin:
    """A log, the last day of the calibration, and the days ahead."""

    name: str
    log: Log
    end: pd.Timestamp
    days: int


def logs() -> Iterator[tuple[str, Log, str]]:
    """The logs in ``data/`` and their last days; on the last one of Online Retail II is an order that was cancelled."""
    yield "CDNOW", Log(datasets.load_cdnow(), customer="customer_id", date="date", amount="amount"), "1998-06-30"
    retail = Log(online_retail(), customer="customer_id", date="timestamp", amount="amount", order="order_id")
    yield "Online Retail II", retail, "2011-12-08"


def origins(name: str, log: Log, last: pd.Timestamp, days: int) -> list[Origin]:
    """Every four weeks from the last day that leaves the horizon back to the first 150 days."""
    period = summarize_period(log, unit="day", observation_end=last)
    first = pd.Timestamp(period.profile.first_day, unit="D")
    longest = (last - first).days + 1 - days - LEAST
    ends = [last - pd.Timedelta(days=days + back) for back in range(0, longest + 1, STEP)]
    return [Origin(name, log, end, days) for end in reversed(ends)]


def of_origin(origin: Origin) -> pd.DataFrame:
    """Scores of the forecast and of BG/NBD × Gamma-Gamma at one origin."""
    until = origin.end + pd.Timedelta(days=origin.days)
    split = holdout_split(origin.log, calibration_end=origin.end, observation_end=until, keep_purchases=True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ClvWarning)
        found = forecast(split.calibration, horizon=f"{origin.days}D")
        plain = _plain(split)
    totals = actual_totals(split)
    scores = forecast_scores(found, totals, actual_periods(origin.log, split, found))
    errors = {name: float(np.log(totals[name] / expected)) for name, expected in plain.items() if name in totals}
    plain_error = scores["quantity"].map(errors).where(scores["kind"] == "total")
    return scores.assign(
        log=origin.name, days=origin.days, origin=origin.end, earlier=len(found.earlier), plain_error=plain_error
    )


def _plain(split: Holdout) -> dict[str, float]:
    """Totals of BG/NBD and Gamma-Gamma."""
    customers = split.calibration
    expected = fit_purchases(customers, "bg/nbd").expected_purchases(split.duration).to_numpy()
    found = {"purchases": float(expected.sum())}
    if not (customers.table["spend_frequency"] > 0).any():
        return found
    spend = fit_spend(customers, "gamma-gamma").expected_spend(customers).to_numpy()
    return found | {"revenue": float(expected @ spend)}


def run(given: Iterator[tuple[str, Log, str]] | None = None) -> pd.DataFrame:
    """Scores of every origin."""
    cases = [
        origin
        for name, log, last in (logs() if given is None else given)
        for days in HORIZONS
        for origin in origins(name, log, pd.Timestamp(last), days)
    ]
    return pd.concat([of_origin(case) for case in cases], ignore_index=True)


def by_origin(scores: pd.DataFrame) -> pd.DataFrame:
    """One row an origin and quantity: log error beside that of BG/NBD × Gamma-Gamma, and whether the ranges held."""
    totals = scores[
        (scores["kind"] == "total") & (scores["range"] == EARLIER_ERRORS) & (scores["quantity"] != "buyers")
    ]
    keys = ["log", "days", "quantity", "origin"]
    wide = totals[totals["level"] == 0.9].set_index(keys)
    narrow = totals[totals["level"] == 0.5].set_index(keys)
    months = _month_errors(scores, keys).reindex(wide.index)
    return pd.DataFrame(
        {
            "earlier": wide["earlier"], "actual": wide["actual"], "forecast": wide["estimate"],
            "log_error": wide["log_error"], "plain": wide["plain_error"], "months": months,
            "half_width": wide["width"] / 2, "in_90": wide["covered"], "in_50": narrow["covered"],
        }
    )  # fmt: skip


def _month_errors(scores: pd.DataFrame, keys: list[str]) -> pd.Series[float]:
    """The mean absolute log error of whole months."""
    months = scores[(scores["kind"] == "month") & scores["whole"] & (scores["level"] == 0.9)]
    return months["log_error"].abs().groupby([months[key] for key in keys]).mean()


def means(scores: pd.DataFrame) -> pd.DataFrame:
    """By log, horizon and quantity: mean absolute log errors, and how often ranges held, with bootstrap intervals."""
    table = by_origin(scores)
    rows = {}
    groups = [*table.groupby(level=["log", "days", "quantity"], sort=False)]
    groups += [(("all", 0, name), part) for name, part in table.groupby(level="quantity", sort=False)]
    for key, part in groups:
        blocks = max(1, -(-int(part.index.get_level_values("days").max()) // STEP))
        row = {f"mean |{name}|": float(part[name].abs().mean()) for name in ("log_error", "plain", "months")}
        row["half width"] = float(part["half_width"].mean())
        for level in ("in_90", "in_50"):
            low, high = coverage_interval(part[level].to_numpy(dtype=np.float64), blocks)
            row |= {level: float(part[level].mean()), f"{level} from": low, f"{level} to": high}
        rows[key] = row | {"origins": len(part)}
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis(["log", "days", "quantity"])


def main() -> None:
    """Print every origin, the means, and the ranges of both kinds."""
    scores = run()
    for table in (by_origin(scores), means(scores), summary_of_scores(scores)):
        print(table.to_string(float_format="{:.3f}".format), end="\n\n")


if __name__ == "__main__":
    main()
