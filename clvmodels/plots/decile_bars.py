"""Deciles: customers in ten groups by prediction, and what each group brought."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from clvmodels import formats
from clvmodels.arguments import whole
from clvmodels.evaluation.holdout.evaluation import Evaluation
from clvmodels.plots.shared import labels, style
from clvmodels.plots.shared.outcomes import matched
from clvmodels.plots.shared.style import Axes
from clvmodels.plots.shared.tables import given, is_table
from clvmodels.signatures import checked


@checked
def decile_table(prediction: ArrayLike, actual: ArrayLike, *, groups: int = 10, seed: int = 0) -> pd.DataFrame:
    """Mean prediction and mean outcome of customers in groups of one size, best-ranked first.

    Parameters
    ----------
    prediction : array-like of shape (n_customers,)
        Number to rank each customer by.
    actual : array-like of shape (n_customers,)
        What each customer brought. Two Series are matched by index.
    groups : int, default 10
        Number of groups; at most one a customer.
    seed : int, default 0
        Seed of the random order of equal predictions.

    Returns
    -------
    pandas.DataFrame
        One row a group, 1 the best: ``customers``, ``predicted``, ``actual`` (means).

    Raises
    ------
    ArgumentError
        If ``groups`` is below 1.
    DataError
        If the two don't belong together or are not finite.

    Examples
    --------
    >>> decile_table([4.0, 3.0, 2.0, 1.0], [9.0, 1.0, 2.0, 0.0], groups=2)
           customers  predicted  actual
    group
    1              2        3.5     5.0
    2              2        1.5     1.0
    """
    groups = whole("groups", groups, "a number of groups, 1 or more", 1)
    rank, value = matched(prediction, actual)
    shuffled = np.random.default_rng(whole("seed", seed)).permutation(len(rank))
    order = shuffled[np.argsort(-rank[shuffled], kind="stable")]
    pieces = np.array_split(order, min(groups, len(rank)))
    return pd.DataFrame(
        {
            "customers": [len(piece) for piece in pieces],
            "predicted": [rank[piece].mean() for piece in pieces],
            "actual": [value[piece].mean() for piece in pieces],
        },
        index=pd.RangeIndex(1, len(pieces) + 1, name="group"),
    )


@checked
def deciles(
    source: ArrayLike | pd.DataFrame | Evaluation,
    actual: ArrayLike | None = None,
    *,
    of: str = "Value per customer in the holdout",
    currency: str | None = None,
    groups: int = 10,
    seed: int = 0,
    ax: Axes | None = None,
) -> Axes:
    """What customers in ten groups by prediction brought: bars for what happened, dots for the prediction.

    Parameters
    ----------
    source : array-like, pandas.DataFrame or Evaluation
        Predictions, with ``actual``; what `decile_table` returned; or an evaluation, of whose first model the values
        are drawn.
    actual : array-like, optional
        As in `decile_table`.
    of : str, default "Value per customer in the holdout"
        What is predicted, in words.
    currency : str, optional
        Its currency, if it is money.
    groups, seed : int
        As in `decile_table`.
    ax : matplotlib.axes.Axes, optional
        Where to draw; None makes a figure.

    Returns
    -------
    matplotlib.axes.Axes
        The Axes drawn on; its left title is the finding.

    Raises
    ------
    ArgumentError, DataError
        As `decile_table`; also without ``actual``.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> ax = deciles([4.0, 3.0, 2.0, 1.0], [9.0, 1.0, 2.0, 0.0], groups=2)
    >>> " ".join(ax.get_title(loc="left").split())
    'The best group brought 5 times as much per customer as the last'
    >>> plt.close(ax.figure)
    """
    if isinstance(source, Evaluation):
        model = source.table.index[0]
        table = decile_table(source.predictions[model, "value"], source.outcome["value"], groups=groups, seed=seed)
        currency = currency or source.holdout.calibration.currency
    elif is_table(source, decile_table, "customers", "predicted", "actual"):
        table = source
    else:
        table = decile_table(source, given(actual, "actual"), groups=groups, seed=seed)
    return _drawn(table, formats.with_currency(of, currency), ax)


def _drawn(table: pd.DataFrame, of: str, ax: Axes | None) -> Axes:
    """Bars for what happened, dots for what was predicted."""
    ax, theme = style.canvas(ax)
    x = np.asarray(table.index, dtype=float)
    ax.bar(x, table["actual"], width=0.72, color=theme.muted, alpha=0.45, linewidth=0)
    ax.plot(x, table["predicted"], "o", color=theme.model, markersize=8, linestyle="none")
    values = table[["predicted", "actual"]].to_numpy()
    ax.set_ylim(min(0.0, values.min()), max(values.max(), 1e-12) * 1.12)
    first, line = (x[0], table["predicted"].iloc[0]), labels.thin_line(theme.model, shrinkB=5)
    labels.note(ax, "predicted", first, (26, 0), theme.model, bold=True, va="center", arrowprops=line)
    ax.set_xticks(x, [f"{group:.0f}" for group in x])
    name = "Tenth" if len(table) == 10 else "Group"
    ax.set(xlabel=f"{name} of the customers, best-ranked first", ylabel=of)
    style.numbers(ax.yaxis)
    size = formats.plural(round(float(table["customers"].mean())), "customer")
    return style.headline(ax, theme, _finding(table), f"Groups of {size} by prediction; bars: what happened")


def _finding(table: pd.DataFrame) -> str:
    """The best group against the last, or its share of the total where the last brought nothing."""
    best, last = float(table["actual"].iloc[0]), float(table["actual"].iloc[-1])
    group = "tenth" if len(table) == 10 else "group"
    if len(table) > 1 and last > 0 and best > last:
        return f"The best {group} brought {formats.short(best / last)} times as much per customer as the last"
    total = float((table["actual"] * table["customers"]).sum())
    share = best * table["customers"].iloc[0] / total if total else 0.0
    return f"The best {group} brought {formats.share(share)} of the total"
