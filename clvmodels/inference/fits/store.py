"""Saving and loading fits."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from clvmodels.errors import ArgumentError, ClvError, FileFormatError
from clvmodels.inference.fits import model_file
from clvmodels.inference.fits.fit import Fit
from clvmodels.inference.fits.kinds import fit_of
from clvmodels.inference.population.structures import structure_from_json
from clvmodels.transactions.log.columns.remembered import from_json
from clvmodels.transactions.units import DAYS_PER_UNIT


def save(path: str | Path, *fits: Fit) -> None:
    """Write fits (a purchase and a spend model, say) to one file, which is complete or absent.

    Draws of "laplace" and "nuts" go beside it in ArviZ's netCDF: "model.json" and "model.purchases.nc".

    Parameters
    ----------
    path : str or path
        Where to, such as "model.json".
    *fits : Fit
        One of each kind ("purchases", "spend").

    Raises
    ------
    ArgumentError
        There are two of a kind.
    """
    model_file.write(path, [fit.as_entry() for fit in fits])


def load(path: str | Path, kind: str | None = None) -> Fit:
    """Read a fit that `Fit.save` wrote.

    Parameters
    ----------
    path : str or path
        The file.
    kind : str or None
        "purchases" or "spend", for a file that holds both, as the command line writes it.

    Returns
    -------
    Fit
        Without customers: predictions ask for them.

    Raises
    ------
    FileFormatError
        The file is foreign, incomplete or from a newer version.
    ArgumentError
        The file holds several fits, and ``kind`` doesn't say which.

    Examples
    --------
    >>> import clvmodels as clv, tempfile, pathlib
    >>> customers = clv.summarize(clv.datasets.path("cdnow_sample"), customer="customer_id", date="date",
    ...                           unit="week", observation_end="1997-09-30")
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "model.json"
    >>> clv.fit(customers, "bg/nbd").save(path)
    >>> round(clv.load(path).parameters["r"], 3)
    0.243
    """
    fits = load_all(path)
    chosen = [fit for kind_of, fit in fits.items() if kind in (None, kind_of)]
    if len(chosen) != 1:
        raise ArgumentError(f"{path} holds fits of {' and '.join(fits)}. Pass kind=, one of these.")
    return chosen[0]


def load_all(path: str | Path) -> dict[str, Fit]:
    """Read all fits of a file, by kind."""
    try:
        fits = [_fit(entry, Path(path).parent) for entry in model_file.read(path)]
        return {fit.kind: fit for fit in fits}
    except FileFormatError:
        raise
    except Exception as error:  # a damaged file can be wrong in any way
        raise FileFormatError(f"{path} is a model file, but damaged: {_damage(error)}.") from None


def _damage(error: Exception) -> str:
    """What is wrong, in words."""
    if isinstance(error, KeyError):
        return f"{str(error)[:100]} is missing"
    if isinstance(error, ClvError | ValueError):
        return str(error).rstrip(".")[:500]
    return "a value is of another kind than it should be"


def _fit(entry: dict[str, object], folder: Path) -> Fit:
    if entry["unit"] not in DAYS_PER_UNIT or not isinstance(entry["model"], str):
        raise ValueError(f"its unit is {str(entry['unit'])[:50]!r}, its model {str(entry['model'])[:50]!r}")
    structure = structure_from_json(entry)
    estimate = model_file.estimate_from_json(entry, structure, folder)
    end, currency = entry["observation_end"], entry["currency"]
    return fit_of(
        structure,
        estimate,
        None,
        None if end is None else pd.Timestamp(str(end)),
        None if currency is None else str(currency),
        None if entry.get("log") is None else from_json(entry["log"]),
    )
