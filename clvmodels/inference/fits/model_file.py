"""Fits as JSON files: small, readable, without the data, and loading one runs no code."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from clvmodels.errors import ArgumentError, FileFormatError
from clvmodels.files import whole_file
from clvmodels.inference.fits.estimate import Estimate
from clvmodels.inference.population.structure import Structure
from clvmodels.inference.posterior.log_posterior import to_theta
from clvmodels.inference.posterior.priors import Prior, check_priors
from clvmodels.json_file import read_json
from clvmodels.version import __version__

if TYPE_CHECKING:
    from xarray import DataTree

_FORMAT = "clvmodels fit"
_VERSION = 1
_METHODS = ("mle", "map", "laplace", "nuts")
_LARGEST = 1e100  # parameter; beyond it no prediction is a number


@dataclass(frozen=True)
class Entry:
    """What a file holds of one fit.

    Attributes
    ----------
    kind : str
        "purchases", "spend" or "subscriptions".
    content : dict
        As JSON.
    draws : DataTree or None
        Of "laplace" and "nuts".
    """

    kind: str
    content: dict[str, Any]
    draws: DataTree | None


def write(path: str | Path, entries: Sequence[Entry]) -> None:
    """Write fits of different kinds to one file, which is complete or absent; draws go beside it in ArviZ's netCDF.

    Parameters
    ----------
    path
        Where to, such as "model.json"; draws of a purchase model go to "model.purchases.nc".
    entries
        One of each kind.

    Raises
    ------
    ArgumentError
        There are two of a kind.
    """
    kinds = [entry.kind for entry in entries]
    if len(set(kinds)) != len(kinds):
        raise ArgumentError(f"A file holds one fit of each kind; these are {', '.join(kinds)}.")
    fits = []
    for entry in entries:
        file = Path(path).with_suffix(f".{entry.kind}.nc")
        fits.append({**entry.content, "draws": None if entry.draws is None else file.name})
        if entry.draws is not None:
            with whole_file(file) as part:
                entry.draws.to_netcdf(part, engine="h5netcdf")
    written_by = f"clvmodels {__version__}"
    content = {"format": _FORMAT, "version": _VERSION, "written_by": written_by, "fits": fits}
    with whole_file(path) as part:
        part.write_text(json.dumps(content, indent=1, allow_nan=False), encoding="utf-8")


def read(path: str | Path) -> list[dict[str, Any]]:
    """The entries of a file, as JSON has them.

    Raises
    ------
    FileFormatError
        The file is foreign, incomplete or from a newer version.
    """
    content = read_json(path)
    if not isinstance(content, dict) or content.get("format") != _FORMAT:
        raise FileFormatError(f"{path} is JSON, but not a model file of clvmodels.")
    version = content.get("version")
    if not isinstance(version, int) or version > _VERSION:
        raise FileFormatError(
            f"{path} has format version {str(version)[:50]} (written by {str(content.get('written_by'))[:50]}); this "
            f"clvmodels {__version__} reads up to version {_VERSION}. Upgrade clvmodels."
        )
    entries = content.get("fits")
    if not isinstance(entries, list) or not entries or not all(isinstance(entry, dict) for entry in entries):
        raise FileFormatError(f"{path} is a model file, but damaged: it holds no fits.")
    return entries


def estimate_to_json(estimate: Estimate) -> dict[str, Any]:
    """An estimate without its draws."""
    return {
        "method": estimate.method,
        "parameters": estimate.parameters,
        # null is infinity: not identified
        "covariance_log": [[v if np.isfinite(v) else None for v in row] for row in estimate.covariance_log.tolist()],
        "log_likelihood": estimate.log_likelihood,
        "n_customers": estimate.n_customers,
        "n_histories": estimate.n_histories,
        "iterations": estimate.iterations,
        "diagnosis": list(estimate.diagnosis),
        "priors": {name: prior.to_json() for name, prior in estimate.priors.items()},
        "seed": estimate.seed,
        "pareto_k": estimate.pareto_k,
        "choices": estimate.choices,
    }


def estimate_from_json(entry: dict[str, Any], structure: Structure, folder: Path) -> Estimate:
    """What `estimate_to_json` wrote, with the draws beside the file."""
    names, logs = structure.names, structure.logs
    parameters = {name: float(entry["parameters"][name]) for name in names}
    positive = [parameters[name] for name in names[:logs]]
    if not all(1.0 / _LARGEST <= value <= _LARGEST for value in positive):
        raise ValueError("its parameters are not all positive and finite")
    if not all(abs(value) <= _LARGEST for value in parameters.values()):
        raise ValueError("its coefficients are not all finite")
    rows = [[np.inf if v is None else float(v) for v in row] for row in entry["covariance_log"]]
    _check_entry(entry)
    drawn = {} if entry["draws"] is None else _read_draws(folder / Path(entry["draws"]).name, structure)
    return Estimate(
        parameters=parameters,
        logs=logs,
        covariance_log=np.array(rows).reshape(len(names), len(names)),
        log_likelihood=float(entry["log_likelihood"]),
        n_customers=int(entry["n_customers"]),
        n_histories=int(entry["n_histories"]),
        method=str(entry["method"]),
        iterations=int(entry["iterations"]),
        diagnosis=tuple(entry["diagnosis"]),
        priors={name: Prior(*prior) if isinstance(prior, list) else prior for name, prior in entry["priors"].items()},
        seed=int(entry["seed"]),
        pareto_k=entry["pareto_k"],
        choices=int(entry.get("choices", 0)),  # files of earlier versions have none
        **drawn,
    )


def _check_entry(entry: dict[str, Any]) -> None:
    """What is only reported must be of its kind as well."""
    if entry["method"] not in _METHODS:
        raise ValueError(f"its method is {str(entry['method'])[:50]!r}, and not one of {', '.join(_METHODS)}")
    diagnosis, priors = entry["diagnosis"], entry["priors"]
    if not isinstance(diagnosis, list) or not all(isinstance(sentence, str) for sentence in diagnosis):
        raise ValueError("its diagnosis is no list of sentences")
    if not isinstance(priors, dict):
        raise ValueError("its priors are not named")
    check_priors({name: tuple(prior) for name, prior in priors.items() if isinstance(prior, list)}, priors)
    if not all(isinstance(prior, list | str) for prior in priors.values()):
        raise ValueError("a prior is none")
    counts = [entry[name] for name in ("n_customers", "n_histories", "iterations", "seed")]
    if not all(isinstance(count, int) and count >= 0 for count in counts):
        raise ValueError("a count in it is none")
    if not isinstance(entry["draws"], str | None) or not isinstance(entry["pareto_k"], float | int | None):
        raise ValueError("what it says of its draws is of another kind than it should be")


def _read_draws(path: Path, structure: Structure) -> dict[str, Any]:
    """Draws and sampler statistics as fields of an `Estimate`."""
    if not path.exists():
        raise FileFormatError(f"The draws of this fit are missing: {path} has to lie beside the model file.")
    from xarray import load_datatree

    try:
        tree = load_datatree(path, engine="h5netcdf")
        values = structure.from_variables({name: tree["posterior"][name].to_numpy() for name in tree["posterior"]})
        statistics = tree["sample_stats"].data_vars if "sample_stats" in tree.children else {}
        theta = to_theta(values, structure.logs)
        return {"theta": theta, "statistics": {str(name): found.to_numpy() for name, found in statistics.items()}}
    except (OSError, KeyError) as error:
        raise FileFormatError(f"{path} does not hold the draws of this fit ({error}).") from None
