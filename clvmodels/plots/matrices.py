"""Heat maps over frequency and recency: expected purchases, P(alive) and P(purchase) of customers of one age."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from clvmodels import formats
from clvmodels.errors import ArgumentError
from clvmodels.plots import style
from clvmodels.plots.grid import as_matrix, history_grid
from clvmodels.transactions.units import Span

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_QUANTITIES = ("expected_purchases", "probability_alive", "purchase_probability")


def history_matrix(fit: Any, quantity: str, *, horizon: Span = "1Y", **grid: Any) -> pd.DataFrame:
    """A prediction for every frequency and recency of customers of one age.

    Parameters
    ----------
    fit
        A fit of a purchase model.
    quantity
        "expected_purchases", "probability_alive" or "purchase_probability".
    horizon
        Of purchases; P(alive) has none.
    **grid
        ``T``, ``max_frequency``, ``customers`` and ``steps``, as in `clvmodels.plots.grid.history_grid`.

    Returns
    -------
    pandas.DataFrame
        One row a frequency from 0, one column a recency (in the fit's unit). Customers with frequency 0 have recency
        0; their row holds their one value throughout.

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
    histories = history_grid(fit, **grid)
    if quantity == "probability_alive":
        values = fit.probability_alive(histories)
    else:
        values = getattr(fit, quantity)(horizon, histories)
    matrix = as_matrix(histories, values)
    matrix.attrs |= {"model": fit.definition.TITLE, "quantity": quantity, "horizon": horizon}
    return matrix


def expected_purchases_matrix(source: Any, *, ax: Axes | None = None, **options: Any) -> Axes:
    """Expected purchases in the horizon by frequency and recency.

    Parameters
    ----------
    source
        A fit of a purchase model, or what `history_matrix` returned.
    ax
        Where to draw; None makes a figure.
    **options
        As in `history_matrix`.

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
    matrix = _matrix(source, "expected_purchases", options)
    finding = "Who bought often and lately will buy most"
    return _heat_map(matrix, ax, finding, f"Expected purchases in {_within(matrix)}")


def probability_alive_matrix(source: Any, *, ax: Axes | None = None, **options: Any) -> Axes:
    """P(alive) by frequency and recency: how far silence after the last purchase tells of loss.

    Parameters as in `expected_purchases_matrix`.

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
    matrix = _matrix(source, "probability_alive", options)
    finding = "The more often someone used to buy, the more their silence says that they left"
    if matrix.to_numpy().min() > 1.0 - 1e-12:
        finding = f"Nobody ever leaves under {matrix.attrs['model']}"
    # True by the model's construction, so not to be taken for a fact about customers.
    note = "; without a repeat purchase alive by definition" if _one_time(matrix) > 1.0 - 1e-12 else ""
    return _heat_map(matrix, ax, finding, "P(alive)", note)


def purchase_probability_matrix(source: Any, *, ax: Axes | None = None, **options: Any) -> Axes:
    """P(at least one purchase in the horizon) by frequency and recency.

    Parameters as in `expected_purchases_matrix`.

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
    matrix = _matrix(source, "purchase_probability", options)
    finding = f"One-time buyers return within {_within(matrix)} with a chance of {formats.share(_one_time(matrix))}"
    return _heat_map(matrix, ax, finding, f"P(purchase in {_within(matrix)})")


def _one_time(matrix: pd.DataFrame) -> float:
    """The value of customers without a repeat purchase."""
    return float(matrix.to_numpy()[0, 0])


def _within(matrix: pd.DataFrame) -> str:
    return formats.span(matrix.attrs["horizon"], matrix.attrs["unit"])


def _matrix(source: Any, quantity: str, options: dict[str, Any]) -> pd.DataFrame:
    matrix = source if isinstance(source, pd.DataFrame) else history_matrix(source, quantity, **options)
    if matrix.attrs.get("quantity") != quantity:
        raise ArgumentError(f"This matrix holds {matrix.attrs.get('quantity')}, not {quantity}. Make it anew.")
    return matrix


def _heat_map(matrix: pd.DataFrame, ax: Axes | None, finding: str, label: str, note: str = "") -> Axes:
    probability = matrix.attrs["quantity"] != "expected_purchases"
    ax, theme = style.canvas(ax, (7.2, 4.8))
    T, unit = matrix.attrs["T"], matrix.attrs["unit"]
    top = 1.0 if probability else float(matrix.to_numpy().max()) or 1.0
    edges = np.linspace(0.0, T, matrix.shape[1] + 1)
    scale: dict[str, Any] = {"cmap": theme.colormap, "vmin": 0.0, "vmax": top, "rasterized": True}
    image = ax.pcolormesh(edges, np.arange(1, len(matrix) + 1) - 0.5, matrix.to_numpy()[1:], **scale)
    # Without a repeat purchase there is no recency: one strip of one colour, set apart, and high enough for words.
    floor = 0.32 - max(0.82, 0.065 * len(matrix))
    ax.pcolormesh([0.0, T], [floor, 0.32], [[_one_time(matrix)]], **scale)
    ax.axhline(0.41, color=theme.paper, linewidth=3)
    value = _one_time(matrix)
    strip = f"never bought again: {formats.share(value) if probability else formats.short(value)}"
    ax.annotate(
        strip, (T / 2, (floor + 0.32) / 2), ha="center", va="center", fontsize=style.TICK,
        color=style.ink_on(theme.colormap(value / top)),
    )  # fmt: skip
    ax.grid(False)
    ax.spines["bottom"].set_visible(False)
    ax.set_xlim(0, T)
    ax.set_ylim(floor, len(matrix) - 0.5)
    style.whole(ax.yaxis)
    style.numbers(ax.xaxis)
    ax.set_xlabel(f"Time from first to last purchase [{unit}s]")
    ax.set_ylabel("Repeat purchases")
    style.color_scale(ax, theme, image, label, per_cent=probability)
    what = f"{label} of customers who came {formats.plural(round(T, 1), unit)} ago, by {matrix.attrs['model']}{note}"
    style.headline(ax, theme, finding, what)
    return ax
