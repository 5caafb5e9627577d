"""Heat maps over frequency and recency: expected purchases, P(alive) and P(purchase) of customers of one age."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from clvmodels import formats
from clvmodels.errors import ArgumentError
from clvmodels.inference.fits.fit import Fit
from clvmodels.plots.shared import labels, style
from clvmodels.plots.shared.fits import rows_of_grid
from clvmodels.plots.shared.history_grid import STEPS, GridOptions, history_grid, name_axes, to_matrix
from clvmodels.plots.shared.style import Axes
from clvmodels.plots.shared.tables import is_table
from clvmodels.signatures import checked
from clvmodels.transactions.customers import Customers
from clvmodels.transactions.units import Span, span_in_units

_QUANTITIES = ("expected_purchases", "probability_alive", "purchase_probability")


@checked
def history_matrix(
    fit: Fit,
    quantity: str,
    *,
    horizon: Span = "1Y",
    T: Span | None = None,
    max_frequency: int | None = None,
    customers: Customers | None = None,
    steps: int = STEPS,
) -> pd.DataFrame:
    """A prediction for every frequency and recency of customers of one age.

    Parameters
    ----------
    fit : Fit
        A fit of a purchase model.
    quantity : {"expected_purchases", "probability_alive", "purchase_probability"}
        The prediction.
    horizon : float or str, default "1Y"
        Span of the purchases, or a number of the fit's unit; P(alive) has none.
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
        One row a frequency from 0, one column a recency (in the fit's unit). Customers with frequency 0 have recency
        0; their row holds their one value throughout.

    Raises
    ------
    ArgumentError
        If there is no such quantity, the fit has covariates, or nothing says T and the largest frequency.
    UnsupportedPrediction
        If the fit is not of a purchase model.

    Examples
    --------
    >>> import clvmodels as clv
    >>> customers = clv.summarize(clv.datasets.path("cdnow_sample"), customer="customer_id", date="date",
    ...                           observation_end="1997-09-30")
    >>> matrix = clv.plots.history_matrix(clv.fit(customers, "bg/nbd"), "probability_alive", max_frequency=2, steps=2)
    >>> matrix.round(2).to_numpy().tolist()
    [[1.0, 1.0], [0.43, 0.69], [0.26, 0.71]]
    """
    if quantity not in _QUANTITIES:
        raise ArgumentError(f"quantity must be one of {', '.join(_QUANTITIES)}, not {quantity!r}.")
    histories = history_grid(fit, T=T, max_frequency=max_frequency, customers=customers, steps=steps)
    when = () if quantity == "probability_alive" else (span_in_units(horizon, fit.unit),)
    matrix = to_matrix(histories, getattr(fit, quantity)(*when, rows_of_grid(fit, histories)))
    matrix.attrs |= {"model": fit.definition.spec.title, "quantity": quantity, "horizon": horizon}
    return matrix


@checked
def expected_purchases_matrix(
    source: Fit | pd.DataFrame,
    *,
    horizon: Span = "1Y",
    T: Span | None = None,
    max_frequency: int | None = None,
    customers: Customers | None = None,
    steps: int = STEPS,
    ax: Axes | None = None,
) -> Axes:
    """Expected purchases in the horizon by frequency and recency.

    Parameters
    ----------
    source : Fit or pandas.DataFrame
        A fit of a purchase model, or what `history_matrix` returned for this quantity.
    horizon : float or str, default "1Y"
        As in `history_matrix`.
    T : float or str, optional
        As in `history_matrix`.
    max_frequency : int, optional
        As in `history_matrix`.
    customers : Customers, optional
        As in `history_matrix`.
    steps : int, default 60
        As in `history_matrix`.
    ax : matplotlib.axes.Axes, optional
        Where to draw; None makes a figure.

    Returns
    -------
    matplotlib.axes.Axes
        The Axes drawn on; its left title is the finding.

    Raises
    ------
    ArgumentError
        If the matrix holds another quantity; otherwise as `history_matrix`.
    UnsupportedPrediction
        If the fit is not of a purchase model.

    Examples
    --------
    >>> import clvmodels as clv, matplotlib.pyplot as plt
    >>> customers = clv.summarize(clv.datasets.path("cdnow_sample"), customer="customer_id", date="date",
    ...                           observation_end="1997-09-30")
    >>> ax = clv.plots.expected_purchases_matrix(clv.fit(customers, "bg/nbd"), horizon="39W", T="39W")
    >>> ax.get_xlabel()
    'Time from first to last purchase [weeks]'
    >>> plt.close(ax.figure)
    """
    grid = GridOptions(T=T, max_frequency=max_frequency, customers=customers, steps=steps)
    matrix = _matrix_of(source, "expected_purchases", horizon, grid)
    finding = "Who bought often and lately will buy most"
    return _heat_map(matrix, ax, finding, f"Expected purchases in {_within(matrix)}")


@checked
def probability_alive_matrix(
    source: Fit | pd.DataFrame,
    *,
    T: Span | None = None,
    max_frequency: int | None = None,
    customers: Customers | None = None,
    steps: int = STEPS,
    ax: Axes | None = None,
) -> Axes:
    """P(alive) by frequency and recency: how much silence after the last purchase says about loss.

    Parameters
    ----------
    source : Fit or pandas.DataFrame
        A fit of a purchase model, or what `history_matrix` returned for this quantity.
    T : float or str, optional
        As in `history_matrix`.
    max_frequency : int, optional
        As in `history_matrix`.
    customers : Customers, optional
        As in `history_matrix`.
    steps : int, default 60
        As in `history_matrix`.
    ax : matplotlib.axes.Axes, optional
        Where to draw; None makes a figure.

    Returns
    -------
    matplotlib.axes.Axes
        The Axes drawn on; its left title is the finding.

    Raises
    ------
    ArgumentError
        If the matrix holds another quantity; otherwise as `history_matrix`.
    UnsupportedPrediction
        If the fit is not of a purchase model.

    Examples
    --------
    >>> import clvmodels as clv, matplotlib.pyplot as plt
    >>> customers = clv.summarize(clv.datasets.path("cdnow_sample"), customer="customer_id", date="date",
    ...                           observation_end="1997-09-30")
    >>> ax = clv.plots.probability_alive_matrix(clv.fit(customers, "bg/nbd"))
    >>> ax.get_ylabel()
    'Repeat purchases'
    >>> plt.close(ax.figure)
    """
    grid = GridOptions(T=T, max_frequency=max_frequency, customers=customers, steps=steps)
    matrix = _matrix_of(source, "probability_alive", "1Y", grid)
    # True by the model's construction, so not to be taken for a fact about customers.
    note = "; without a repeat purchase alive by definition" if _one_time(matrix) > 1.0 - 1e-12 else ""
    return _heat_map(matrix, ax, _who_leaves(matrix), "P(alive)", note)


@checked
def purchase_probability_matrix(
    source: Fit | pd.DataFrame,
    *,
    horizon: Span = "1Y",
    T: Span | None = None,
    max_frequency: int | None = None,
    customers: Customers | None = None,
    steps: int = STEPS,
    ax: Axes | None = None,
) -> Axes:
    """P(at least one purchase in the horizon) by frequency and recency.

    Parameters
    ----------
    source : Fit or pandas.DataFrame
        A fit of a purchase model, or what `history_matrix` returned for this quantity.
    horizon : float or str, default "1Y"
        As in `history_matrix`.
    T : float or str, optional
        As in `history_matrix`.
    max_frequency : int, optional
        As in `history_matrix`.
    customers : Customers, optional
        As in `history_matrix`.
    steps : int, default 60
        As in `history_matrix`.
    ax : matplotlib.axes.Axes, optional
        Where to draw; None makes a figure.

    Returns
    -------
    matplotlib.axes.Axes
        The Axes drawn on; its left title is the finding.

    Raises
    ------
    ArgumentError
        If the matrix holds another quantity; otherwise as `history_matrix`.
    UnsupportedPrediction
        If the fit is not of a purchase model.

    Examples
    --------
    >>> import clvmodels as clv, matplotlib.pyplot as plt
    >>> customers = clv.summarize(clv.datasets.path("cdnow_sample"), customer="customer_id", date="date",
    ...                           observation_end="1997-09-30")
    >>> ax = clv.plots.purchase_probability_matrix(clv.fit(customers, "bg/nbd"), horizon="39W")
    >>> ax.get_ylabel()
    'Repeat purchases'
    >>> plt.close(ax.figure)
    """
    grid = GridOptions(T=T, max_frequency=max_frequency, customers=customers, steps=steps)
    matrix = _matrix_of(source, "purchase_probability", horizon, grid)
    finding = f"One-time buyers return within {_within(matrix)} with a chance of {formats.share(_one_time(matrix))}"
    return _heat_map(matrix, ax, finding, f"P(purchase in {_within(matrix)})")


def _who_leaves(matrix: pd.DataFrame) -> str:
    if matrix.to_numpy().min() > 1.0 - 1e-12:
        return f"Nobody ever leaves under {matrix.attrs['model']}"
    return "The more often someone used to buy, the more their silence says that they left"


def _one_time(matrix: pd.DataFrame) -> float:
    """The value of customers without a repeat purchase."""
    return float(matrix.to_numpy()[0, 0])


def _within(matrix: pd.DataFrame) -> str:
    """The horizon in words."""
    return formats.span(matrix.attrs["horizon"], matrix.attrs["unit"])


def _matrix_of(source: Fit | pd.DataFrame, quantity: str, horizon: Span, grid: GridOptions) -> pd.DataFrame:
    """The matrix that was passed, if it holds this quantity, or a new one."""
    if not is_table(source, history_matrix, "quantity", "T", "unit", "model", "horizon"):
        return history_matrix(source, quantity, horizon=horizon, **grid)
    if source.attrs["quantity"] != quantity:
        raise ArgumentError(f"This matrix holds {source.attrs['quantity']}, not {quantity}. Make it anew.")
    return source


def _heat_map(matrix: pd.DataFrame, ax: Axes | None, finding: str, label: str, note: str = "") -> Axes:
    """Colours by frequency and recency, over a strip for customers without a repeat purchase."""
    probability = matrix.attrs["quantity"] != "expected_purchases"
    ax, theme = style.canvas(ax, (7.2, 4.8))
    T, value = matrix.attrs["T"], _one_time(matrix)
    top = 1.0 if probability else float(matrix.to_numpy().max()) or 1.0
    edges = np.linspace(0.0, T, matrix.shape[1] + 1)
    scale: dict[str, Any] = {"cmap": theme.colormap, "vmin": 0.0, "vmax": top, "rasterized": True}
    image = ax.pcolormesh(edges, np.arange(1, len(matrix) + 1) - 0.5, matrix.to_numpy()[1:], **scale)
    # Without a repeat purchase there is no recency: one strip of one colour, set apart, and high enough for words.
    floor = 0.32 - max(0.82, 0.065 * len(matrix))
    ax.pcolormesh([0.0, T], [floor, 0.32], [[value]], **scale)
    ax.axhline(0.41, color=theme.background, linewidth=3)
    strip = f"never bought again: {formats.share(value) if probability else formats.short(value)}"
    ax.annotate(
        strip, (T / 2, (floor + 0.32) / 2), ha="center", va="center", fontsize=style.TICK,
        color=style.ink_on(theme.colormap(value / top)),
    )  # fmt: skip
    style.without_lines(ax)
    ax.set(xlim=(0, T), ylim=(floor, len(matrix) - 0.5))
    name_axes(ax, matrix)
    labels.color_scale(ax, theme, image, label, per_cent=probability)
    came = formats.plural(round(T, 1), matrix.attrs["unit"])
    what = f"{label} of customers who came {came} ago, by {matrix.attrs['model']}{note}"
    return style.headline(ax, theme, finding, what)
