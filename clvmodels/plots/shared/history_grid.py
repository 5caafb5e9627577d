"""What a model says for every pair of frequency and recency at one age: a small grid, however many customers."""

from __future__ import annotations

from typing import TypedDict

import numpy as np
import pandas as pd

from clvmodels.arguments import whole
from clvmodels.errors import ArgumentError
from clvmodels.inference.fits.fit import Fit
from clvmodels.plots.shared import style
from clvmodels.plots.shared.fits import without_covariates
from clvmodels.plots.shared.style import Axes
from clvmodels.transactions.customers import Customers
from clvmodels.transactions.units import DAYS_PER_UNIT, Span, span_in_units

_MOST = 1_000

STEPS = 60
_MOST_FREQUENCIES = 50


class GridOptions(TypedDict):
    """What `history_grid` takes beside the fit."""

    T: Span | None
    max_frequency: int | None
    customers: Customers | None
    steps: int


def history_grid(
    fit: Fit,
    *,
    T: Span | None = None,
    max_frequency: int | None = None,
    customers: Customers | None = None,
    steps: int = STEPS,
) -> Customers:
    """Customers of age T with every frequency and recency.

    Parameters
    ----------
    fit : Fit
        A fit of a purchase model.
    T : float or str, optional
        Age, a span or a number of the fit's unit; default: that of the oldest customer.
    max_frequency : int, optional
        Largest number of repeat purchases; default: what 995 of 1,000 customers stay below, at least 5, at most 50.
    customers : Customers, optional
        Those who set the defaults, if the fit was loaded from a file.
    steps : int, default 60
        Number of equal steps of recency, from 0 to T; values are at their middles.

    Returns
    -------
    Customers
        With the frequency 0 once (its recency is 0), then ``steps`` rows for each frequency.

    Raises
    ------
    ArgumentError
        If the fit has covariates, if it was loaded and nothing says T and the largest frequency, if T is 0 or
        ``max_frequency`` below 1.

    Examples
    --------
    >>> import clvmodels as clv
    >>> customers = clv.summarize(clv.datasets.path("cdnow_sample"), customer="customer_id", date="date",
    ...                           observation_end="1997-09-30")
    >>> len(history_grid(clv.fit(customers, "bg/nbd"), T=39, max_frequency=10, steps=20))
    201
    """
    known = without_covariates(fit).customers if customers is None else Customers.of(customers, fit.unit)
    if known is None and (T is None or max_frequency is None):
        raise ArgumentError("A loaded fit carries no data. Pass T= and max_frequency=, or customers=.")
    if T is None:
        age = float(known.table["T"].max()) * DAYS_PER_UNIT[known.unit] / DAYS_PER_UNIT[fit.unit]
    else:
        age = span_in_units(T, fit.unit, name="T")
    if age <= 0:
        raise ArgumentError("T is 0: all customers came on the last day, and there is no history to tell apart.")
    steps = whole("steps", steps, f"a number of columns from 1 to {_MOST:,}", 1, _MOST)
    of_rows = f"a number of purchases from 1 to {_MOST:,}"
    top = _usual_maximum(known) if max_frequency is None else whole("max_frequency", max_frequency, of_rows, 1, _MOST)
    frequency = np.append(0, np.repeat(np.arange(1, top + 1), steps))
    recency = np.append(0.0, np.tile((np.arange(steps) + 0.5) / steps * age, top))
    return Customers.from_frame(pd.DataFrame({"frequency": frequency, "recency": recency, "T": age}), unit=fit.unit)


def to_matrix(grid: Customers, values: pd.Series) -> pd.DataFrame:
    """Values on a grid as a table: one row a frequency, one column a recency; frequency 0 has one value throughout."""
    steps = int((grid.table["frequency"] == 1).sum())
    array = values.to_numpy(dtype=np.float64)
    rows = np.vstack([np.full(steps, array[0]), array[1:].reshape(-1, steps)])
    recency = grid.table["recency"].to_numpy()[1 : steps + 1]
    matrix = pd.DataFrame(
        rows, index=pd.RangeIndex(len(rows), name="frequency"), columns=pd.Index(recency, name="recency")
    )
    matrix.attrs = {"T": float(grid.table["T"].iloc[0]), "unit": grid.unit}
    return matrix


def name_axes(ax: Axes, matrix: pd.DataFrame) -> None:
    """Recency and frequency at the axes."""
    style.whole(ax.yaxis)
    style.numbers(ax.xaxis)
    ax.set(xlabel=f"Time from first to last purchase [{matrix.attrs['unit']}s]", ylabel="Repeat purchases")


def _usual_maximum(customers: Customers) -> int:
    """A frequency that few customers exceed."""
    return int(np.clip(np.quantile(customers.table["frequency"].to_numpy(), 0.995), 5, _MOST_FREQUENCIES))
