"""Fits as JSON files: small, readable, without the data, and loading one runs no code."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from clvmodels import models
from clvmodels.errors import ArgumentError, FileFormatError
from clvmodels.files import whole_file
from clvmodels.inference.data.covariates import Learned
from clvmodels.inference.fits.fit import Fit
from clvmodels.inference.posterior.log_posterior import to_theta
from clvmodels.inference.posterior.priors import Prior
from clvmodels.version import __version__

_FORMAT = "clvmodels fit"
_VERSION = 1


def save(path: str | Path, *fits: Fit) -> None:
    """Write fits (a purchase and a spend model, say) to one file, which is complete or absent.

    Draws of "laplace" and "nuts" go beside it in ArviZ's netCDF: "model.json" and "model.purchases.nc".

    Parameters
    ----------
    path
        Where to, such as "model.json".
    *fits
        One of each kind ("purchases", "spend").
    """
    kinds = [fit.definition.spec.kind for fit in fits]
    if len(set(kinds)) != len(kinds):
        raise ArgumentError(f"A file holds one fit of each kind; these are {', '.join(kinds)}.")
    content = {
        "format": _FORMAT,
        "version": _VERSION,
        "written_by": f"clvmodels {__version__}",
        "fits": [_to_json(fit, _draws_file(path, fit)) for fit in fits],
    }
    for fit in fits:
        if fit.theta is not None:
            with whole_file(_draws_file(path, fit)) as part:
                fit.posterior.to_netcdf(part, engine="h5netcdf")
    with whole_file(path) as part:
        part.write_text(json.dumps(content, indent=1, allow_nan=False), encoding="utf-8")


def load(path: str | Path, kind: str | None = None) -> Fit:
    """Read a fit that `Fit.save` wrote.

    Parameters
    ----------
    path
        The file.
    kind
        "purchases" or "spend", for a file that holds both, as the command line writes it.

    Returns
    -------
    Fit
        Without customers: predictions ask for them.

    Raises
    ------
    FileFormatError
        The file is foreign, incomplete or from a newer version.

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
        content = json.loads(Path(path).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise FileFormatError(f"There is no file {path}.") from None
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise FileFormatError(f"{path} is not a model file, or is cut short ({error}).") from None
    if not isinstance(content, dict) or content.get("format") != _FORMAT:
        raise FileFormatError(f"{path} is JSON, but not a model file of clvmodels.")
    version = content.get("version")
    if not isinstance(version, int) or version > _VERSION:
        raise FileFormatError(
            f"{path} has format version {version} (written by {content.get('written_by')}); this clvmodels "
            f"{__version__} reads up to version {_VERSION}. Upgrade clvmodels."
        )
    try:
        fits = [_from_json(entry, Path(path).parent) for entry in content["fits"]]
        return {fit.definition.spec.kind: fit for fit in fits}
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise FileFormatError(f"{path} is a model file, but damaged: {type(error).__name__} {error}.") from None


def _draws_file(path: str | Path, fit: Fit) -> Path:
    return Path(path).with_suffix(f".{fit.definition.spec.kind}.nc")


def _read_draws(path: Path, names: Iterable[str], logs: int) -> dict[str, Any]:
    """Draws and sampler statistics as fields of a `Fit`."""
    if not path.exists():
        raise FileFormatError(f"The draws of this fit are missing: {path} has to lie beside the model file.")
    from xarray import load_datatree

    try:
        tree = load_datatree(path, engine="h5netcdf")
        values = np.stack([tree["posterior"][name].to_numpy() for name in names], axis=-1)
        statistics = tree["sample_stats"].data_vars if "sample_stats" in tree.children else {}
        theta = to_theta(values, logs)
        return {"theta": theta, "statistics": {str(name): found.to_numpy() for name, found in statistics.items()}}
    except (OSError, KeyError) as error:
        raise FileFormatError(f"{path} does not hold the draws of this fit ({error}).") from None


def _to_json(fit: Fit, draws: Path) -> dict[str, Any]:
    return {
        "model": fit.model,
        "unit": fit.unit,
        "method": fit.method,
        "parameters": fit.parameters,
        "covariates": None if fit.covariates is None else fit.covariates.to_json(),
        # null is infinity: not identified
        "covariance_log": [[v if np.isfinite(v) else None for v in row] for row in fit.covariance_log.tolist()],
        "log_likelihood": fit.log_likelihood,
        "n_customers": fit.n_customers,
        "n_histories": fit.n_histories,
        "iterations": fit.iterations,
        "diagnosis": list(fit.diagnosis),
        "priors": {name: prior.to_json() for name, prior in fit.priors.items()},
        "observation_end": None if fit.observation_end is None else str(fit.observation_end.date()),
        "currency": fit.currency,
        "seed": fit.seed,
        "pareto_k": fit.pareto_k,
        "draws": None if fit.theta is None else draws.name,
    }


def _from_json(entry: dict[str, Any], folder: Path) -> Fit:
    own = models.get(entry["model"]).spec.parameters
    learned = None if entry.get("covariates") is None else Learned.from_json(entry["covariates"])
    names = tuple(own) if learned is None else (*own, *learned.coefficients)
    parameters = {name: float(entry["parameters"][name]) for name in names}
    if not all(0.0 < parameters[name] < np.inf for name in own) or not np.isfinite([*parameters.values()]).all():
        raise ValueError(f"parameters {parameters} are not all positive and finite")
    rows = [[np.inf if v is None else float(v) for v in row] for row in entry["covariance_log"]]
    end, draws = entry["observation_end"], entry["draws"]
    return Fit(
        model=entry["model"],
        parameters=parameters,
        covariance_log=np.array(rows).reshape(len(names), len(names)),
        log_likelihood=float(entry["log_likelihood"]),
        n_customers=int(entry["n_customers"]),
        n_histories=int(entry["n_histories"]),
        unit=str(entry["unit"]),
        method=str(entry["method"]),
        iterations=int(entry["iterations"]),
        diagnosis=tuple(entry["diagnosis"]),
        priors={name: Prior(*prior) if isinstance(prior, list) else prior for name, prior in entry["priors"].items()},
        observation_end=None if end is None else pd.Timestamp(end),
        currency=entry["currency"],
        seed=int(entry["seed"]),
        pareto_k=entry["pareto_k"],
        covariates=learned,
        **({} if draws is None else _read_draws(folder / Path(draws).name, names, len(own))),
    )
