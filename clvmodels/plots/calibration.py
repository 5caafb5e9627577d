"""Reliability: whether 30 % of the customers buy to whom the model gives 30 %."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from clvmodels import formats
from clvmodels.arguments import whole
from clvmodels.arrays import Array, Places
from clvmodels.errors import ArgumentError, DataError
from clvmodels.plots.shared import labels, style
from clvmodels.plots.shared.outcomes import matched
from clvmodels.plots.shared.style import Axes
from clvmodels.plots.shared.tables import given, is_table
from clvmodels.signatures import checked

_MOST = 1_000

_Z = 1.959964  # of 95 %


@checked
def reliability_table(probability: ArrayLike, outcome: ArrayLike, *, bins: int = 10) -> pd.DataFrame:
    """Predicted probability and observed share of customers in bins of about one size.

    Parameters
    ----------
    probability : array-like of shape (n_customers,)
        Predicted probability of each customer, 0 to 1.
    outcome : array-like of shape (n_customers,)
        Whether it happened: 0 or 1, or purchases (above 0 counts as 1). Two Series are matched by index.
    bins : int, default 10
        Groups by probability; equal probabilities stay in one group, so there may be fewer.

    Returns
    -------
    pandas.DataFrame
        One row a bin: ``customers``, ``predicted`` (mean probability), ``observed`` (share), ``lower`` and ``upper``
        (95 % Wilson interval of the share).

    Raises
    ------
    ArgumentError
        If ``bins`` is below 1.
    DataError
        If the two don't belong together, are not finite, or probabilities lie outside 0 to 1.

    Examples
    --------
    >>> reliability_table([0.1, 0.1, 0.9, 0.9], [0, 0, 1, 0], bins=2)[["customers", "predicted", "observed"]]
         customers  predicted  observed
    bin
    0            2        0.1       0.0
    1            2        0.9       0.5
    """
    if bins < 1:
        raise ArgumentError(f"bins must be 1 or more, not {bins!r}.")
    p, happened = matched(probability, outcome, ("probability", "outcome"))
    if p.min() < 0 or p.max() > 1:
        raise DataError(f"Probabilities must lie between 0 and 1; these run from {p.min():.4g} to {p.max():.4g}.")
    frame = pd.DataFrame({"bin": _bins(p, bins), "predicted": p, "observed": (happened > 0).astype(np.float64)})
    grouped = frame.groupby("bin")
    table = grouped.mean()
    table.insert(0, "customers", grouped.size())
    n, share = table["customers"], table["observed"]
    middle = (share + _Z**2 / (2 * n)) / (1 + _Z**2 / n)
    reach = _Z / (1 + _Z**2 / n) * np.sqrt(share * (1 - share) / n + _Z**2 / (4 * n**2))
    table["lower"], table["upper"] = (middle - reach).clip(0, share), (middle + reach).clip(share, 1)
    return table


@checked
def reliability(
    source: ArrayLike | pd.DataFrame,
    outcome: ArrayLike | None = None,
    *,
    of: str = "buying in the holdout",
    bins: int = 10,
    ax: Axes | None = None,
) -> Axes:
    """Observed share against predicted probability, in bins: on the diagonal the probabilities are right.

    Parameters
    ----------
    source : array-like or pandas.DataFrame
        Probabilities, with ``outcome``; or what `reliability_table` returned.
    outcome : array-like, optional
        As in `reliability_table`.
    of : str, default "buying in the holdout"
        What is predicted, in words.
    bins : int, default 10
        As in `reliability_table`.
    ax : matplotlib.axes.Axes, optional
        Where to draw; None makes a figure.

    Returns
    -------
    matplotlib.axes.Axes
        The Axes drawn on; its left title is the finding.

    Raises
    ------
    ArgumentError, DataError
        As `reliability_table`; also without ``outcome``.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> ax = reliability([0.1, 0.1, 0.9, 0.9], [0, 0, 1, 0], bins=2)
    >>> " ".join(ax.get_title(loc="left").split())
    'The probabilities are off by 25 points on average'
    >>> plt.close(ax.figure)
    """
    if is_table(source, reliability_table, "customers", "predicted", "observed", "lower", "upper"):
        table = source
    else:
        table = reliability_table(source, given(outcome, "outcome"), bins=bins)
    return _drawn(table, of, ax)


def _drawn(table: pd.DataFrame, of: str, ax: Axes | None) -> Axes:
    """Shares with their intervals beside the diagonal."""
    ax, theme = style.canvas(ax, (5.8, 5.2))
    predicted, observed = table["predicted"], table["observed"]
    ax.plot([0, 1.02], [0, 1.02], color=theme.muted, linewidth=1.0, linestyle=(0, (4, 3)))
    reach = np.vstack([observed - table["lower"], table["upper"] - observed])
    ax.errorbar(
        predicted, observed, yerr=reach, color=theme.model, linewidth=1.6, elinewidth=1.2, marker="o", markersize=6
    )
    _make_square(ax, theme, min(1.0, float(np.ceil(max(table["upper"].max(), predicted.max()) * 10) / 10)))
    ax.set(xlabel="Predicted probability", ylabel="Observed share of customers")
    what = f"Probability of {of}, customers in {formats.plural(len(table), 'bin')}; bars: 95 % intervals"
    return style.headline(ax, theme, _finding(table), what)


def _make_square(ax: Axes, theme: style.Theme, top: float) -> None:
    """The same axis both ways, up to ``top``, with the diagonal named."""
    end = top * 1.02
    ax.set(xlim=(0, end), ylim=(0, end), aspect="equal")
    labels.note(ax, "as predicted", (end, end), (4, 0), theme.muted, ha="left", va="center", annotation_clip=False)
    ax.set_yticks([tick for tick in ax.get_xticks() if 0 <= tick <= top])
    ax.set_xticks(ax.get_yticks())
    style.percents(ax.xaxis, ax.yaxis)


def _finding(table: pd.DataFrame) -> str:
    """The mean distance of the probabilities from the observed shares."""
    errors = np.abs(table["observed"].to_numpy() - table["predicted"].to_numpy())
    off = formats.short(float(np.average(errors, weights=table["customers"])) * 100)
    return f"The probabilities are off by {off} point{'' if off == '1' else 's'} on average"


def _bins(p: Array, bins: int) -> Places:
    """The number of each one's bin; bounds are quantiles that differ."""
    bins = whole("bins", bins, f"a number of groups from 1 to {_MOST:,}", 1, _MOST)
    bounds = np.unique(np.quantile(p, np.linspace(0.0, 1.0, bins + 1)))
    if len(bounds) == 1:
        return np.zeros(len(p), dtype=np.intp)
    place = np.searchsorted(bounds, p, side="right") - 1
    _, number = np.unique(np.minimum(place, len(bounds) - 2), return_inverse=True)
    return number
