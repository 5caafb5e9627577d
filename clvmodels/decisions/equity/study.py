"""Do ranges of revenue hold for today's customers and those to come? CDNOW and Online Retail II, every four weeks.

Run by ``python -m clvmodels.decisions.equity.study``, which prints every origin, and then how far forecasts were off
and how often ranges held. At each origin only the days until then are known, and the range is the one that
`clvmodels.customer_equity` gives for such a window: its past errors are those of windows that were over at the origin.

CDNOW's customers all came in the first quarter of 1997. None are expected at its origins and none come, so that these
rows of new customers hold by themselves: they are printed, and left out of the coverage of new customers; its rows
"both" are those of its base.

Nothing was chosen by these figures.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import pandas as pd

from clvmodels import datasets
from clvmodels.decisions.equity.build import Outlook, base_of, future_of, outlook, paired
from clvmodels.decisions.equity.earlier import actual_revenue
from clvmodels.decisions.equity.parts.conditions import Conditions
from clvmodels.errors import ClvWarning
from clvmodels.forecasting.result.coverage import coverage_interval
from clvmodels.forecasting.timeline.purchase_record import PurchaseRecord, day_number
from clvmodels.transactions.log.log import Log
from clvmodels.transactions.summary.summarize import summarize

HORIZONS = (91, 182)  # days
STEP = 28
LEAST = 150  # days of the first calibration
LEVEL = 0.90
_REVENUE = Conditions(
    acquisition_cost=0.0, annual_discount_rate=0.0, margin=1.0, cost_per_purchase=0.0, retention_cost_per_year=0.0
)


def records() -> Iterator[tuple[str, PurchaseRecord]]:
    """The purchases of the logs in ``data/``; on the last day of Online Retail II is an order that was cancelled."""
    retail = datasets.load_online_retail()
    retail = retail[(retail["amount"] > 0) & retail["customer_id"].notna()]
    names: dict[str, Any] = {"customer": "customer_id", "amount": "amount"}
    yield "CDNOW", _record(Log(datasets.load_cdnow(), **names, date="date"), "1998-06-30")
    yield "Online Retail II", _record(Log(retail, **names, date="timestamp", order="order_id"), "2011-12-08")


def _record(log: Log, last: str) -> PurchaseRecord:
    found = PurchaseRecord.of(summarize(log, unit="week", observation_end=last, keep_purchases=True))
    assert found is not None  # purchases are kept
    return found


def origins(record: PurchaseRecord, days: int, step: int = STEP) -> list[pd.Timestamp]:
    """Every four weeks from the last day that leaves the window back to the first 150 days."""
    longest = record.observed_days - days - LEAST
    return [record.end - pd.Timedelta(days=days + back) for back in range(0, longest + 1, step)][::-1]


def of_origin(record: PurchaseRecord, origin: pd.Timestamp, days: int) -> pd.DataFrame:
    """Rows "base", "new" and "both" of one origin: forecast, range and what came."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ClvWarning)
        known = outlook(
            record.until(origin), days, model="auto", spend="gamma-gamma-amounts", method="auto", by="month", seed=0
        )
        found = revenue_ranges(known, LEVEL)
    base, new = actual_revenue(record, day_number(origin), days)
    found = found.assign(actual=[base, new, base + new])
    found["inside"] = (found["lower"] <= found["actual"]) & (found["actual"] <= found["upper"])
    with np.errstate(divide="ignore", invalid="ignore"):
        found["log_error"] = np.log(found["actual"] / found["forecast"])
    return found.assign(earlier=len(known.earlier))


def revenue_ranges(known: Outlook, level: float) -> pd.DataFrame:
    """Revenue of the window ahead with its ranges."""
    made = known.forecast
    future = future_of(known, known.method, made.horizon_end, float(made.days), _REVENUE)
    ratios = paired(base_of(known, made.days).ratios(), future.ratios(made.spend_fit, 0.0))
    return known.window().ranges(known.common(ratios, given=False), level)


def run(given: Iterable[tuple[str, PurchaseRecord]] | None = None) -> pd.DataFrame:
    """Every origin of every log and horizon."""
    parts = {
        (name, days, origin): of_origin(record, origin, days)
        for name, record in (records() if given is None else given)
        for days in HORIZONS
        for origin in origins(record, days)
    }
    return pd.concat(parts, names=["log", "days", "origin"])


def coverage(found: pd.DataFrame) -> pd.DataFrame:
    """By log, horizon and part, and pooled: mean |log error|, width, and how often ranges held, with its interval."""
    expected = found[(found["forecast"] > 0) | (found["actual"] > 0)]
    groups = [*expected.groupby(level=["log", "days", "part"], sort=False)]
    groups += [(("all", 0, part), rows) for part, rows in expected.groupby(level="part", sort=False)]
    groups.append((("all", 0, "every part"), expected))
    return pd.DataFrame.from_dict({key: _held(rows) for key, rows in groups}, orient="index").rename_axis(
        ["log", "days", "part"]
    )


def _held(rows: pd.DataFrame) -> dict[str, float]:
    """How one group did."""
    overlap = max(1, -(-int(rows.index.get_level_values("days").max()) // STEP))
    low, high = coverage_interval(rows["inside"].to_numpy(dtype=np.float64), overlap)
    off = rows["log_error"].to_numpy(dtype=np.float64)
    return {
        "mean |log error|": float(np.abs(off[np.isfinite(off)]).mean()),
        "width": float(((rows["upper"] - rows["lower"]) / rows["forecast"].clip(lower=1.0)).mean()),
        "held": float(rows["inside"].mean()),
        "from": low,
        "to": high,
        "origins": len(rows),
    }


def main() -> None:
    """Print every origin, and how often ranges held."""
    found = run()
    for table in (found, coverage(found)):
        print(table.to_string(float_format="{:,.3f}".format), end="\n\n")


if __name__ == "__main__":
    main()
