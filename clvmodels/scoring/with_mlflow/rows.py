"""Scores of rows of a summary, as MLflow hands them over: in batches, without the rest of the base."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from clvmodels.inference.fits.fit import Fit
from clvmodels.inference.fits.store import load_all, save
from clvmodels.scoring.columns import OF_THE_BASE
from clvmodels.scoring.of_fits import purchases_and_spend
from clvmodels.scoring.score import score
from clvmodels.transactions.customers import Customers

_FILE = "fits.json"


def save_fits(folder: Path, fits: Sequence[Fit]) -> Path:
    """Write fits, and their draws, into a new folder."""
    folder.mkdir()
    save(folder / _FILE, *fits)
    return folder


def load_fits(folder: str | Path) -> list[Fit]:
    """Read what `save_fits` wrote."""
    return list(load_all(Path(folder) / _FILE).values())


def score_rows(rows: pd.DataFrame, fits: Any, *, observation_end: str, **conditions: Any) -> pd.DataFrame:
    """What `score` says of each row by itself: without rank, tier and group.

    Parameters
    ----------
    rows : pandas.DataFrame
        ``frequency``, ``recency``, ``T`` in the unit of the fits and, with a spend model, ``monetary_value``.
    fits : Fit or sequence of Fit
        One of purchases and at most one of spend.
    observation_end : str
        Last day observed; empty if it isn't known.
    **conditions
        Horizon, rate, margin and costs, see `score`.

    Returns
    -------
    pandas.DataFrame
        Indexed as ``rows``, in their order; days are text, such as "1997-08-02", as Spark's structs hold no others.
    """
    unit = purchases_and_spend(fits)[0].unit
    customers = Customers.from_frame(rows.reset_index(drop=True), unit=unit, observation_end=observation_end or None)
    scores = score(customers, fits, **conditions)
    scores = scores[[name for name in scores if name not in OF_THE_BASE]].set_axis(rows.index)
    for name in scores.select_dtypes("datetime"):
        day = scores[name].dt.strftime("%Y-%m-%d").astype(object)
        scores[name] = day.where(day.notna(), None)
    return scores
