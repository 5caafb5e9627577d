"""clvmodels: customer lifetime value from a purchase history."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

# Public names and the module each is loaded from on first use, so that `import clvmodels` is quick.
_HOMES = {
    "summarize": "clvmodels.transactions.summary",
    "summarize_opportunities": "clvmodels.transactions.opportunities",
    "holdout_split": "clvmodels.transactions.holdout",
    "Customers": "clvmodels.transactions.customers",
    "Subscriptions": "clvmodels.transactions.subscriptions",
    "Covariates": "clvmodels.inference.covariates",
    "build_pymc_model": "clvmodels.inference.bayes",
    "fit": "clvmodels.inference.fitting",
    "Fit": "clvmodels.inference.fit",
    "fit_by_segment": "clvmodels.inference.by_segment",
    "compare": "clvmodels.evaluation.compare",
    "from_lifetimes": "clvmodels.inference.from_lifetimes",
    "Comparison": "clvmodels.evaluation.compare",
    "load": "clvmodels.inference.store",
    "loo": "clvmodels.inference.posterior_tree",
    "posterior_check": "clvmodels.inference.predictive_check",
    "prior_check": "clvmodels.inference.predictive_check",
    "lifetime_value": "clvmodels.value.lifetime",
    "Evaluation": "clvmodels.evaluation.evaluation",
    "evaluate": "clvmodels.evaluation.evaluate",
    "backtest": "clvmodels.evaluation.backtest",
    "report": "clvmodels.reporting.report",
}
_MODULES = {"datasets", "errors", "models", "plots"}

__all__ = ["__version__", *sorted(_HOMES), *sorted(_MODULES)]

if TYPE_CHECKING:
    from clvmodels import datasets as datasets
    from clvmodels import errors as errors
    from clvmodels import models as models
    from clvmodels import plots as plots
    from clvmodels.evaluation.backtest import backtest as backtest
    from clvmodels.evaluation.compare import Comparison as Comparison
    from clvmodels.evaluation.compare import compare as compare
    from clvmodels.evaluation.evaluate import evaluate as evaluate
    from clvmodels.evaluation.evaluation import Evaluation as Evaluation
    from clvmodels.inference.bayes import build_pymc_model as build_pymc_model
    from clvmodels.inference.by_segment import fit_by_segment as fit_by_segment
    from clvmodels.inference.covariates import Covariates as Covariates
    from clvmodels.inference.fit import Fit as Fit
    from clvmodels.inference.fitting import fit as fit
    from clvmodels.inference.from_lifetimes import from_lifetimes as from_lifetimes
    from clvmodels.inference.posterior_tree import loo as loo
    from clvmodels.inference.predictive_check import posterior_check as posterior_check
    from clvmodels.inference.predictive_check import prior_check as prior_check
    from clvmodels.inference.store import load as load
    from clvmodels.reporting.report import report as report
    from clvmodels.transactions.customers import Customers as Customers
    from clvmodels.transactions.holdout import holdout_split as holdout_split
    from clvmodels.transactions.opportunities import summarize_opportunities as summarize_opportunities
    from clvmodels.transactions.subscriptions import Subscriptions as Subscriptions
    from clvmodels.transactions.summary import summarize as summarize
    from clvmodels.value.lifetime import lifetime_value as lifetime_value


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return importlib.import_module(f"clvmodels.{name}")
    if name in _HOMES:
        value = getattr(importlib.import_module(_HOMES[name]), name)
        globals()[name] = value
        return value
    raise AttributeError(f"module 'clvmodels' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
