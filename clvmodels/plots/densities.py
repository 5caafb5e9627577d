"""What is known about a parameter: its posterior, and beside it the prior."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from clvmodels import formats
from clvmodels.arguments import shortly
from clvmodels.arrays import Array
from clvmodels.errors import ArgumentError, DataError
from clvmodels.inference.fits.fit import Fit
from clvmodels.plots.shared import labels, style
from clvmodels.plots.shared.style import Axes
from clvmodels.signatures import checked

_POINTS = 300
_DRAWS = 5_000


@checked
def density_table(draws: Any, parameter: str | None = None, *, prior: Any = None) -> pd.DataFrame:
    """Posterior and prior density of a positive parameter.

    Parameters
    ----------
    draws : Fit, array-like, pandas.DataFrame or xarray.DataTree
        An array of draws; or, with ``parameter``, a fit, a frame (one column a parameter) or an ArviZ tree (with a
        group ``posterior``).
    parameter : str, optional
        Its name; of a fit by groups ``r[group]``, as in `Fit.draws`.
    prior : array-like, pandas.DataFrame, xarray.DataTree or Prior, optional
        Draws in the same shapes, or a prior of a `Fit` (``fit.priors[name]``).

    Returns
    -------
    pandas.DataFrame
        One row a value (300, from the 0.1 % to the 99.9 % quantile of the draws, and a little beyond): ``posterior``
        and, if there is one, ``prior``.

    Raises
    ------
    ArgumentError
        If there are no draws of this name, or no name where there is more than one parameter.
    DataError
        If the draws are fewer than two, not finite and positive, or all the same.

    Notes
    -----
    Gaussian kernels over the logarithm, as parameters are positive: no density leaks below 0. Of more than 5,000 draws
    evenly spaced ones are used.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> table = density_table(pd.DataFrame({"r": rng.gamma(40.0, 0.01, 4000)}), "r")
    >>> width = np.gradient(table.index)
    >>> round(float((table["posterior"] * width).sum()), 2)
    1.0
    """
    values = draws_of(draws, parameter)
    low, high = np.quantile(np.log(values), [0.001, 0.999])
    margin = 0.1 * (high - low)
    grid = np.exp(np.linspace(low - margin, high + margin, _POINTS))
    columns = {"posterior": _kernel_density(values, grid)}
    if prior is not None:
        columns["prior"] = _prior_density(prior, parameter, grid)
    table = pd.DataFrame(columns, index=pd.Index(grid, name=parameter or "value"))
    table.attrs = {"quantiles": np.quantile(values, [0.05, 0.5, 0.95]).tolist(), "draws": len(values)}
    return table


@checked
def posterior(
    draws: Any, parameter: str | None = None, *, prior: Any = None, meaning: str | None = None, ax: Axes | None = None
) -> Axes:
    """Posterior of one parameter with its 90 % interval, and the prior behind it.

    Parameters
    ----------
    draws : Fit, array-like, pandas.DataFrame or xarray.DataTree
        As in `density_table`.
    parameter : str, optional
        As in `density_table`.
    prior : array-like, pandas.DataFrame, xarray.DataTree or Prior, optional
        As in `density_table`.
    meaning : str, optional
        What the parameter means, for the axis; such as ``fit.definition.spec.parameters[parameter]``.
    ax : matplotlib.axes.Axes, optional
        Where to draw; None makes a figure.

    Returns
    -------
    matplotlib.axes.Axes
        The Axes drawn on; its left title is the finding.

    Raises
    ------
    ArgumentError, DataError
        As `density_table`.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> rng = np.random.default_rng(1)
    >>> ax = posterior(pd.DataFrame({"r": rng.gamma(40.0, 0.01, 4000)}), "r")
    >>> ax.get_title(loc="left")
    'r is about 0.396: with 90 % between 0.3 and 0.504'
    >>> plt.close(ax.figure)
    """
    table = density_table(draws, parameter, prior=prior)
    ax, theme = style.canvas(ax, (6.4, 3.8))
    (low, middle, high), drawn = table.attrs["quantiles"], table.attrs["draws"]
    table = table[table.index <= high + (high - low)]  # a long tail would leave no room for the rest
    grid, density = np.asarray(table.index, dtype=float), table["posterior"].to_numpy()
    ax.fill_between(grid, density, where=(grid >= low) & (grid <= high), color=theme.model, alpha=0.22, linewidth=0)
    ax.plot(grid, density, color=theme.model, linewidth=2.2)
    ax.vlines(middle, 0, np.interp(middle, grid, density), color=theme.model, linewidth=1.2)
    ax.set(xlim=(grid[0], grid[-1]), ylim=(0, density.max() * 1.12))
    peak = int(np.argmax(density))
    labels.note(ax, "posterior", (grid[peak], density[peak]), (24, 0), theme.model, bold=True, va="center")
    if "prior" in table:
        ax.plot(grid, table["prior"], color=theme.accent, linewidth=1.6, linestyle=(0, (5, 2)))
        labels.end_labels(ax, [(grid[-1], float(table["prior"].iloc[-1]), "prior", theme.accent)])
    style.numbers(ax.xaxis)
    name = parameter or "The parameter"
    ax.set(xlabel=f"{name}: {meaning}" if meaning else (parameter or "Value"), ylabel="Density", yticks=[])
    low, middle, high = map(formats.parameter, table.attrs["quantiles"])
    finding = f"{name} is about {middle}: with 90 % between {low} and {high}"
    return style.headline(ax, theme, finding, f"{formats.plural(drawn, 'draw')}; shaded: 90 % interval")


def draws_of(draws: Any, parameter: str | None) -> Array:
    """The draws of a parameter as one array, checked.

    Examples
    --------
    >>> draws_of({"r": [[0.2, 0.3], [0.4, 0.5]]}, "r").tolist()
    [0.2, 0.3, 0.4, 0.5]
    """
    if isinstance(draws, Fit):
        draws = draws.draws(_DRAWS)
    elif hasattr(draws, "posterior"):
        draws = _variables(draws.posterior)
    values = np.asarray(_of_parameter(draws, parameter), dtype=np.float64).ravel()
    if len(values) < 2 or not (np.isfinite(values).all() and (values > 0).all()):
        raise DataError("Draws of a parameter must be at least two, finite and above 0. Pass parameter= for a frame.")
    return values


def _of_parameter(draws: Any, parameter: str | None) -> Any:
    """The draws of one parameter, of draws that may be of one alone."""
    if parameter is None:
        if isinstance(draws, Mapping | pd.DataFrame):
            raise ArgumentError(f"Pass parameter=, one of {', '.join(map(str, draws))}.")
        return draws
    if isinstance(draws, np.ndarray | list | tuple):
        return draws
    if not isinstance(draws, Mapping | pd.DataFrame):
        raise ArgumentError(f"draws must be a fit with draws, a table or numbers, not {shortly(draws)}.")
    try:
        return draws[parameter]
    except KeyError:
        raise ArgumentError(f"There are no draws of {parameter!r}: {', '.join(map(str, draws))}.") from None


def _variables(draws: Any) -> dict[str, Any]:
    """Draws by name; where each group has a parameter of its own, ``r[group]`` as in `Fit.draws`."""
    from arviz_base import labels, xarray_var_iter

    label = labels.BaseLabeller().make_label_flat
    variables = xarray_var_iter(draws.to_dataset(), skip_dims={"chain", "draw"})
    return {label(name, chosen, at): values for name, chosen, at, values in variables}


def _kernel_density(values: Array, grid: Array) -> Array:
    """Gaussian kernels over the logarithm."""
    from scipy.stats import gaussian_kde

    logs = np.log(values[:: max(1, len(values) // _DRAWS)])
    if np.ptp(logs) == 0.0:
        raise DataError(f"All draws are {values[0]:.6g}: there is no density.")
    return gaussian_kde(logs)(np.log(grid)) / grid


def _prior_density(prior: Any, parameter: str | None, grid: Array) -> Array:
    """A density with area 1, though only a part of it may lie on the grid."""
    if not hasattr(prior, "log_density"):
        return _kernel_density(draws_of(prior, parameter), grid)
    # The prior's density is known up to a constant; the integral over log(value) reaches from the tiny to the huge.
    log_value = np.linspace(np.log(prior.mean) - 40.0, np.log(prior.mean + 40.0 * prior.sd) + 5.0, 40_001)
    with np.errstate(under="ignore"):
        log_density = prior.log_density(np.exp(log_value))
        mass = np.trapezoid(np.exp(log_density + log_value - log_density.max()), log_value)
        return np.exp(prior.log_density(grid) - log_density.max()) / mass
