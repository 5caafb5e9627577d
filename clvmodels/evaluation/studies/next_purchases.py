"""Do windows of the next purchase hold? CDNOW and Online Retail II, three origins each, 26 weeks ahead.

Run by ``python -m clvmodels.evaluation.studies.next_purchases``. Of the customers who bought again within the horizon
it counts those whose first purchase lay in the window of 50 % and of 90 %, which are given that a purchase comes. A
purchase counts at noon of its day.

BG/NBD is the model of the documentation; "mbg/nbd, calendar" knows the season too (`Calendar`). Nothing was chosen by
these figures.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd

from clvmodels import datasets
from clvmodels.errors import ClvWarning
from clvmodels.evaluation.studies.accuracy import online_retail
from clvmodels.inference.data.clock.calendar import Calendar
from clvmodels.inference.estimation.fit import fit
from clvmodels.transactions.customers import Customers
from clvmodels.transactions.log.log import Log
from clvmodels.transactions.summary.summarize import summarize
from clvmodels.transactions.units import DAYS_PER_UNIT
from clvmodels.value.next_purchase.next_purchase import next_purchase

HORIZON = 182  # days
LEVELS = (0.5, 0.9)
MODELS: Mapping[str, Callable[[Customers], Any]] = {
    "bg/nbd": lambda customers: fit(customers, "bg/nbd"),
    "mbg/nbd": lambda customers: fit(customers, "mbg/nbd"),
    "mbg/nbd, calendar": lambda customers: fit(customers, "mbg/nbd", calendar=Calendar()),
}


def cases() -> Iterator[tuple[str, Log, str]]:
    """Three origins of each log."""
    cdnow = Log(datasets.load_cdnow(), customer="customer_id", date="date")
    for origin in ("1997-06-30", "1997-09-30", "1997-12-30"):
        yield "CDNOW", cdnow, origin
    retail = Log(online_retail(), customer="customer_id", date="timestamp", order="order_id")
    for origin in ("2010-11-30", "2011-03-31", "2011-06-08"):
        yield "Online Retail II", retail, origin


def of_origin(log: Log, origin: str, models: Mapping[str, Callable[[Customers], Any]] = MODELS) -> pd.DataFrame:
    """One row a model: share of the buyers whose next purchase lay in the windows, and before and after them."""
    end = pd.Timestamp(origin)
    until = end + pd.Timedelta(days=HORIZON)
    customers = summarize(log, observation_end=end, keep_purchases=True)
    later = summarize(log, observation_end=until, keep_purchases=True).purchases
    assert later is not None
    first = later[later["day"] > end].groupby("customer_id")["day"].min()
    rows = {}
    for name, make in models.items():
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ClvWarning)
            fitted = make(customers)
        rows[name] = _row(fitted, customers, (first - end).dt.days)
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("model")


def _row(fitted: Any, customers: Customers, day: pd.Series[int]) -> dict[str, float]:
    """Coverage of both windows for those who bought on a ``day`` after the origin."""
    row: dict[str, float] = {}
    for level in LEVELS:
        table = next_purchase(fitted, customers, horizon=f"{HORIZON}D", interval=level).table
        table = table.loc[table.index.intersection(day.index)]
        at = (day.loc[table.index].to_numpy() - 0.5) / DAYS_PER_UNIT[fitted.unit]
        before, after = at < table["next_lower"].to_numpy(), at > table["next_upper"].to_numpy()
        name = f"{level:.0%}"
        row |= {f"in {name}": float((~before & ~after).mean()), f"before {name}": float(before.mean())}
        row |= {f"after {name}": float(after.mean())}
    return {"buyers": float(len(table)), **row}


def run(given: Iterator[tuple[str, Log, str]] | None = None) -> pd.DataFrame:
    """Every origin and model."""
    found = {(name, origin): of_origin(log, origin) for name, log, origin in (cases() if given is None else given)}
    return pd.concat(found, names=["log", "origin"])


def main() -> None:
    """Print every origin and model, and how far shares are from what they should be."""
    table = run()
    print(table.to_string(float_format="{:.3f}".format), end="\n\n")
    off = pd.DataFrame({f"off {level:.0%}": (table[f"in {level:.0%}"] - level).abs() for level in LEVELS})
    print(off.groupby("model", sort=False).agg(np.mean).to_string(float_format="{:.3f}".format))


if __name__ == "__main__":
    main()
