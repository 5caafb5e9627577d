"""Iso-value curves: different histories that are worth the same."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from clvmodels import formats
from clvmodels.arguments import LARGEST_AMOUNT
from clvmodels.arrays import Array
from clvmodels.errors import ArgumentError
from clvmodels.inference.fits.fit import Fit
from clvmodels.plots.shared import style
from clvmodels.plots.shared.fits import rows_of_grid
from clvmodels.plots.shared.history_grid import STEPS, GridOptions, history_grid, name_axes, to_matrix
from clvmodels.plots.shared.style import Axes
from clvmodels.plots.shared.tables import given, is_table
from clvmodels.signatures import checked
from clvmodels.transactions.customers import Customers
from clvmodels.transactions.units import Span


@checked
def iso_value_matrix(
    purchases: Fit,
    spend: Fit | None = None,
    *,
    annual_discount_rate: float,
    margin: float = 1.0,
    spend_per_purchase: float | None = None,
    horizon: Span | None = None,
    T: Span | None = None,
    max_frequency: int | None = None,
    customers: Customers | None = None,
    steps: int = STEPS,
) -> pd.DataFrame:
    """Residual value for every frequency and recency of customers of one age.

    Margin × spend per purchase × discounted expected residual transactions (DERT).

    Parameters
    ----------
    purchases : Fit
        A fit of a purchase model.
    spend : Fit, optional
        A fit of a spend model: every purchase is worth its population mean. Without it and ``spend_per_purchase`` the
        value is counted in discounted purchases.
    annual_discount_rate : float
        0.10 is 10 % a year.
    margin : float, default 1.0
        Share of the spend that is earned.
    spend_per_purchase : float, optional
        Worth of a purchase, instead of ``spend``.
    horizon : float or str, optional
        A span such as "1Y", or a number of the fit's unit; None means for life.
    T : float or str, optional
        Age of the customers, a span or a number of the fit's unit; default: that of the oldest customer fitted.
    max_frequency : int, optional
        Largest number of repeat purchases; default: what 995 of 1,000 customers fitted stay below.
    customers : Customers, optional
        Those who set these defaults, if the fit was loaded from a file.
    steps : int, default 60
        Number of equal steps of recency, from 0 to T.

    Returns
    -------
    pandas.DataFrame
        One row a frequency from 0, one column a recency (in the fit's unit): the value. Customers with frequency 0 have
        recency 0; their row holds their one value throughout. ``attrs`` hold the model, the currency and the terms.

    Raises
    ------
    ArgumentError
        If a purchase is worth nothing or infinitely much, the fit has covariates, or nothing says T and the largest
        frequency.
    UnsupportedPrediction
        If a fit is not of the kind asked for.

    References
    ----------
    Fader, Hardie and Lee (2005), RFM and CLV: Using Iso-Value Curves for Customer Base Analysis, Journal of Marketing
    Research 42(4).

    Examples
    --------
    >>> import clvmodels as clv
    >>> customers = clv.summarize(clv.datasets.path("cdnow_sample"), customer="customer_id", date="date",
    ...                           observation_end="1997-09-30")
    >>> matrix = clv.plots.iso_value_matrix(clv.fit(customers, "bg/nbd"), annual_discount_rate=0.15, T="39W",
    ...                                     max_frequency=7, steps=3)
    >>> matrix.loc[[1, 7]].round(1).to_numpy().tolist()
    [[1.5, 2.6, 3.1], [0.0, 2.5, 15.2]]
    """
    worth = 1.0
    if spend_per_purchase is not None:
        worth = float(spend_per_purchase)
    elif spend is not None:
        worth = float(spend.expected_spend("new").iloc[0])
    if not (0 < worth < LARGEST_AMOUNT and 0 < margin < LARGEST_AMOUNT):
        raise ArgumentError(
            f"margin and spend_per_purchase must be above 0, not {margin!r} and {spend_per_purchase!r}."
        )
    histories = history_grid(purchases, T=T, max_frequency=max_frequency, customers=customers, steps=steps)
    dert = purchases.discounted_expected_purchases(annual_discount_rate, horizon, rows_of_grid(purchases, histories))
    matrix = to_matrix(histories, dert * (worth * margin))
    matrix.attrs |= {
        "model": purchases.definition.spec.title,
        "currency": None if spend is None else spend.currency,
        "money": spend is not None or spend_per_purchase is not None,
        "rate": annual_discount_rate,
        "worth": worth * margin,
    }
    return matrix


@checked
def iso_value(
    source: Fit | pd.DataFrame,
    spend: Fit | None = None,
    *,
    annual_discount_rate: float | None = None,
    margin: float = 1.0,
    spend_per_purchase: float | None = None,
    horizon: Span | None = None,
    T: Span | None = None,
    max_frequency: int | None = None,
    customers: Customers | None = None,
    steps: int = STEPS,
    ax: Axes | None = None,
) -> Axes:
    """Curves of equal residual value over recency and frequency, for customers of one age.

    Where a curve bends back, more purchases in the past are worth less: the customer has been silent too long for
    someone who bought that often.

    Parameters
    ----------
    source : Fit or pandas.DataFrame
        A fit of a purchase model, or what `iso_value_matrix` returned.
    spend : Fit, optional
        A fit of a spend model.
    annual_discount_rate : float, optional
        As in `iso_value_matrix`, for a fit.
    margin : float, default 1.0
        Share of the spend that is earned.
    spend_per_purchase : float, optional
        As in `iso_value_matrix`.
    horizon : float or str, optional
        As in `iso_value_matrix`.
    T : float or str, optional
        As in `iso_value_matrix`.
    max_frequency : int, optional
        As in `iso_value_matrix`.
    customers : Customers, optional
        As in `iso_value_matrix`.
    steps : int, default 60
        As in `iso_value_matrix`.
    ax : matplotlib.axes.Axes, optional
        Where to draw; None makes a figure.

    Returns
    -------
    matplotlib.axes.Axes
        The Axes drawn on; its left title is the finding.

    Raises
    ------
    ArgumentError, UnsupportedPrediction
        As `iso_value_matrix`; also without ``annual_discount_rate``.

    Examples
    --------
    >>> import clvmodels as clv, matplotlib.pyplot as plt
    >>> customers = clv.summarize(clv.datasets.path("cdnow_sample"), customer="customer_id", date="date",
    ...                           observation_end="1997-09-30")
    >>> ax = clv.plots.iso_value(clv.fit(customers, "bg/nbd"), annual_discount_rate=0.15, T="39W")
    >>> ax.get_ylabel()
    'Repeat purchases'
    >>> plt.close(ax.figure)
    """
    if is_table(source, iso_value_matrix, "T", "unit", "model", "money", "rate", "worth"):
        matrix = source
    else:
        rate = given(annual_discount_rate, "annual_discount_rate")
        grid = GridOptions(T=T, max_frequency=max_frequency, customers=customers, steps=steps)
        worth = spend_per_purchase
        matrix = iso_value_matrix(
            source, spend, annual_discount_rate=rate, margin=margin, spend_per_purchase=worth, horizon=horizon, **grid
        )
    ax, theme = style.canvas(ax, (7.2, 4.8))
    _draw_curves(ax, theme, matrix)
    most = float(matrix.index[-1])
    ax.grid(False)
    ax.set(xlim=(0, matrix.attrs["T"]), ylim=(0.5 if most == 1 else 1, max(most, 1.5)))
    name_axes(ax, matrix)
    return style.headline(ax, theme, _finding(matrix), _what(matrix.attrs))


def _draw_curves(ax: Axes, theme: style.Theme, matrix: pd.DataFrame) -> None:
    """Curves at round values, with their values, over areas between them; none for a single row or column."""
    values = matrix.to_numpy()[1:]
    frequency, recency = np.asarray(matrix.index[1:], dtype=float), np.asarray(matrix.columns, dtype=float)
    levels = iso_levels(values)
    if len(frequency) < 2 or len(recency) < 2 or not levels:
        return
    with np.errstate(under="ignore"):
        ax.contourf(
            recency, frequency, np.log(np.maximum(values, 1e-300)), levels=np.log([1e-301, *levels, 1e300]),
            colors=[theme.colormap(0.5 * k / len(levels)) for k in range(len(levels) + 1)],
        )  # fmt: skip
    lines = ax.contour(recency, frequency, values, levels=levels, colors=theme.model, linewidths=1.4)
    for text in ax.clabel(lines, fmt=formats.short, fontsize=style.TICK, colors=theme.ink):
        text.set_fontweight("bold")


def iso_levels(values: Array) -> list[float]:
    """Round values 1, 2, 5, 10 … that lie within, at most ten of the largest.

    Examples
    --------
    >>> iso_levels(np.array([0.3, 12.0]))
    [0.5, 1.0, 2.0, 5.0, 10.0]
    """
    top, low = float(np.max(values)), float(np.min(values))
    if not top > 0:
        return []
    powers = 10.0 ** np.arange(np.floor(np.log10(top)) - 5, np.floor(np.log10(top)) + 1)
    steps = [float(f"{step * power:.6g}") for power in powers for step in (1.0, 2.0, 5.0)]
    return [step for step in steps if low < step < top][-10:]


def _what(attrs: dict[Any, Any]) -> str:
    """What is shown, of whom, and on which terms."""
    value, worth = "Discounted purchases to come", ""
    if attrs["money"]:
        value = formats.with_currency("Residual value", attrs["currency"])
        currency = f" {attrs['currency']}" if attrs["currency"] else ""
        worth = f", {formats.short(attrs['worth'])}{currency} earned a purchase"
    ago = formats.plural(round(attrs["T"], 1), attrs["unit"])
    rate = formats.percent(attrs["rate"])
    return f"{value} of customers who came {ago} ago, by {attrs['model']}; {rate} discount a year{worth}"


def _finding(matrix: pd.DataFrame) -> str:
    """The best history of the middle column against the most frequent one, where the curves bend back."""
    middle = matrix.iloc[1:, matrix.shape[1] // 2]
    best = int(middle.to_numpy().argmax()) + 1
    if best < len(middle):
        return (
            f"Of customers last seen half-way, those with {formats.plural(best, 'repeat purchase')} "
            f"are worth more than those with {len(middle)}"
        )
    return "Customers on one curve are worth the same"
