"""`to_mlflow`: fits as a model of MLflow, with what they were worth in a holdout."""

from __future__ import annotations

import importlib
import math
import tempfile
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

import pandas as pd

from clvmodels.errors import ArgumentError
from clvmodels.evaluation.holdout.evaluation import Evaluation
from clvmodels.inference.fits.fit import Fit
from clvmodels.inference.fits.kinds import PurchaseFit, SpendFit
from clvmodels.scoring.of_fits import purchases_and_spend
from clvmodels.scoring.with_mlflow.rows import save_fits, score_rows
from clvmodels.scoring.with_mlflow.signature import signature
from clvmodels.signatures import checked
from clvmodels.version import __version__

_EXAMPLE = pd.DataFrame(
    {"frequency": [0.0, 1.0, 4.0], "recency": [0.0, 12.0, 30.0], "T": [38.0, 38.0, 38.0]}
)  # a customer who never came back, one who did once, one who did often; in any unit


@checked
def to_mlflow(
    fits: PurchaseFit | Sequence[PurchaseFit | SpendFit],
    *,
    name: str = "clv",
    horizon: str = "1Y",
    annual_discount_rate: float = 0.10,
    margin: float = 1.0,
    cost_per_purchase: float = 0.0,
    retention_cost_per_year: float = 0.0,
    evaluation: Evaluation | None = None,
    registered_model_name: str | None = None,
) -> Any:
    """Log fits to MLflow as a model that scores rows of a summary, in the run that is active or a new one.

    The model is our JSON and a few lines of code ("models from code"); nothing is pickled. Its input are rows with
    ``frequency``, ``recency`` and ``T`` (in the unit of the fits) and, with a spend model, ``monetary_value``, all as
    doubles. Its output are the columns of `score` that depend on one customer alone (rank, tier and group need all), in
    the order of the rows, with days as text. The conditions given here are the defaults of
    ``predict(frame, params={...})``, which also takes ``observation_end``, the last day of the rows.

    Needs ``pip install "clvmodels[mlflow]"``.

    Parameters
    ----------
    fits : Fit or sequence of Fit
        A fit of a purchase model, or that and a fit of a spend model.
    name : str, default "clv"
        Of the logged model.
    horizon : str, default "1Y"
        A span such as "1Y", "6M" or "182D".
    annual_discount_rate : float, default 0.10
        0.10 is 10 % a year.
    margin : float, default 1
        Share of the spend that is earned.
    cost_per_purchase : float, default 0
        What serving a purchase costs, in the currency of the amounts.
    retention_cost_per_year : float, default 0
        What keeping a customer costs a year.
    evaluation : Evaluation, optional
        Of `evaluate`: the measures of the model are logged, and those of the best baseline beside them.
    registered_model_name : str, optional
        Registers the model by this name.

    Returns
    -------
    mlflow.models.model.ModelInfo
        What MLflow says of the logged model; ``model_uri`` is what ``mlflow.pyfunc.load_model`` and ``spark_udf`` take.

    Raises
    ------
    ArgumentError
        MLflow is not installed, the fits are not one of purchases and at most one of spend, or the evaluation is about
        other models.

    See Also
    --------
    score : Scores of a log, with rank, tier and group.

    Examples
    --------
    >>> import clvmodels as clv, mlflow
    >>> fit = clv.predictions("bg/nbd", {"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426})
    >>> info = clv.to_mlflow(fit, horizon="39W")  # doctest: +SKIP
    >>> rows = pd.DataFrame({"frequency": [2.0], "recency": [30.43], "T": [38.86]})
    >>> mlflow.pyfunc.load_model(info.model_uri).predict(rows)  # doctest: +SKIP
    """
    mlflow = _mlflow()
    purchases, spend = purchases_and_spend(fits)
    chosen = [purchases] if spend is None else [purchases, spend]
    measures = {} if evaluation is None else _measures(purchases.model, evaluation)
    params: dict[str, Any] = {
        "horizon": horizon,
        "observation_end": "" if purchases.observation_end is None else str(purchases.observation_end.date()),
        "annual_discount_rate": annual_discount_rate,
        "margin": margin,
        "cost_per_purchase": cost_per_purchase,
        "retention_cost_per_year": retention_cost_per_year,
    }
    example = _EXAMPLE if spend is None else _EXAMPLE.assign(monetary_value=[math.nan, 20.0, 35.0])
    scored = score_rows(example, chosen, **params)
    with tempfile.TemporaryDirectory() as folder, _run(mlflow):
        kept = save_fits(Path(folder) / "fits", chosen)
        mlflow.log_params({f"{fit.kind}_{key}": value for fit in chosen for key, value in _described(fit).items()})
        mlflow.log_metrics(measures)
        return mlflow.pyfunc.log_model(
            name=name,
            python_model=str(Path(__file__).with_name("model.py")),
            artifacts={"fits": str(kept)},
            signature=signature(example, scored, params),
            input_example=(example, params),
            pip_requirements=[f"clvmodels=={__version__}"],
            registered_model_name=registered_model_name,
        )


def _mlflow() -> Any:
    try:
        return importlib.import_module("mlflow")
    except ImportError:
        raise ArgumentError(
            "to_mlflow needs MLflow, which is not installed: pip install 'clvmodels[mlflow]'."
        ) from None


def _run(mlflow: Any) -> AbstractContextManager[Any]:
    """The run that is active, else a new one, which ends with the block."""
    run: AbstractContextManager[Any] = nullcontext() if mlflow.active_run() else mlflow.start_run()
    return run


def _described(fit: Fit) -> dict[str, Any]:
    """What was fitted: model, method, unit and parameters."""
    return {"model": fit.model, "method": fit.method, "unit": fit.unit, **fit.parameters}


def _measures(model: str, evaluation: Evaluation) -> dict[str, float]:
    """The measures of a model in a holdout, and those of the best baseline of each."""
    table, best = evaluation.table, evaluation.winners["baseline_value"]
    if model not in table.index:
        raise ArgumentError(f"evaluation is of {', '.join(table.index)}. Evaluate {model!r}, or leave evaluation= out.")
    found = {f"holdout_{name}": float(table[name].loc[model]) for name in table if name != "kind"}
    found |= {f"best_baseline_{name}": float(best[name]) for name in best.index}
    return {name: value for name, value in found.items() if math.isfinite(value)}
