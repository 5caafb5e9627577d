"""What the package says about CDNOW and Online Retail II, as numbers and lines of text.

``python -m tests.reference.outputs`` writes ``outputs.json``; the test beside it holds the package to that file, so
that a change of structure is seen to change no number. A change that is meant to change one writes the file again, and
its commit says why.
"""

from __future__ import annotations

import html
import json
import re
import tempfile
import warnings
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import clvmodels as clv

FILE = Path(__file__).with_name("outputs.json")
LOGS: dict[str, dict[str, Any]] = {
    "cdnow": {"customer": "customer_id", "date": "date", "amount": "amount", "currency": "USD"},
    "online_retail": {
        "customer": "customer_id",
        "date": "timestamp",
        "amount": "amount",
        "order": "order_id",
        "currency": "GBP",
    },
}
FILES = {"cdnow": "cdnow_sample", "online_retail": "online_retail"}
ENDS = {"cdnow": "1997-09-30", "online_retail": "2011-06-09"}


@cache
def customers(log: str) -> clv.Customers:
    """The customers at the end of the calibration, with their purchases."""
    path = clv.datasets.path(FILES[log])
    return clv.summarize(path, **LOGS[log], unit="week", observation_end=ENDS[log], keep_purchases=True)


@cache
def fit(log: str, model: str) -> clv.Fit:
    """A fit by maximum likelihood."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return clv.fit(customers(log), model)


def described(answer: Any) -> dict[str, Any]:
    """A table or series as its size, sums, quantiles, and some of its rows."""
    frame = answer.to_frame() if isinstance(answer, pd.Series) else answer
    numbers = frame.select_dtypes("number")
    places = np.unique(np.linspace(0, len(frame) - 1, 5).astype(int))
    found: dict[str, Any] = {"rows": len(frame), "columns": [str(name) for name in frame.columns]}
    for name in numbers.columns:
        values = numbers[name].to_numpy(dtype=np.float64)
        spread = np.quantile(values, [0.1, 0.5, 0.9]).tolist()
        found[str(name)] = [float(values.sum()), *spread, *values[places].tolist()]
    for name, total in answer.attrs.get("total", {}).items():
        found[f"total {name}"] = [total["estimate"], total["lower"], total["upper"]]
    return found


def fitted(one: clv.Fit) -> dict[str, Any]:
    """Parameters, log-likelihood and standard errors."""
    errors = list(one.standard_errors.values())
    return {"parameters": one.parameters, "log_likelihood": one.log_likelihood, "standard_errors": errors}


def of_purchases(log: str, model: str) -> dict[str, Any]:
    """Every prediction of a purchase model."""
    one = fit(log, model)
    return {
        "fit": fitted(one),
        "probability_alive": described(one.probability_alive()),
        "survival": described(one.survival("39W")),
        "expected_purchases": described(one.expected_purchases(["13W", "39W", "3Y"])),
        "later": described(one.expected_purchases("13W", start="26W")),
        "purchase_probability": described(one.purchase_probability("26W")),
        "purchases_pmf": described(one.purchases_pmf([0, 1, 3], "26W")),
        "discounted": described(one.discounted_expected_purchases(0.10)),
        "time_alive": described(one.discounted_time_alive(0.10, "2Y")),
        "new": described(one.expected_purchases(["13W", "39W"], "new")),
        "simulated": described(one.simulate("26W", seed=3)),
    }


def of_intervals(log: str) -> dict[str, Any]:
    """Intervals of predictions and of value."""
    purchases, spend = fit(log, "bg/nbd"), fit(log, "gamma-gamma")
    terms: dict[str, Any] = {"horizon": "1Y", "annual_discount_rate": 0.10, "margin": 0.30}
    costs = {"cost_per_purchase": 1.0, "retention_cost_per_year": 2.0}
    new = {"customers": "new", "acquisition_cost": 5.0}
    return {
        "draws": described(purchases.draws(200)),
        "expected_purchases": described(purchases.expected_purchases("39W", interval=0.90)),
        "predictive": described(purchases.expected_purchases("39W", interval=0.90, predictive=True)),
        "probability_alive": described(purchases.probability_alive(interval=0.50)),
        "spend": described(spend.expected_spend(interval=0.90)),
        "value": described(clv.lifetime_value(purchases, spend, **terms, **costs, yearly=True)),
        "value for life": described(
            clv.lifetime_value(purchases, spend, **{**terms, "horizon": None}, risk_horizon="26W")
        ),
        "value with bounds": described(clv.lifetime_value(purchases, spend, **terms, **costs, interval=0.90)),
        "value, predictive": described(clv.lifetime_value(purchases, spend, **terms, interval=0.90, predictive=True)),
        "value of a new customer": described(clv.lifetime_value(purchases, spend, **terms, **new, interval=0.90)),
        "posterior check": described(clv.posterior_check(purchases, draws=50)),
    }


def of_spend(log: str) -> dict[str, Any]:
    """Both spend models."""
    models = ("gamma-gamma", "gamma-gamma-amounts")
    return {
        model: {"fit": fitted(fit(log, model)), "expected_spend": described(fit(log, model).expected_spend())}
        for model in models
    }


def of_covariates(log: str) -> dict[str, Any]:
    """Covariates of customers, and of periods of the calendar."""
    known = customers(log)
    late = (known.table["T"] < known.table["T"].median()).rename("late").to_frame()
    joined = known.join(late)
    found = {}
    for model in ("bg/nbd", "pareto/nbd"):
        one = clv.fit(joined, model, covariates=clv.Covariates(purchase="late", dropout="late"))
        found[model] = {
            "fit": fitted(one),
            "expected_purchases": described(one.expected_purchases("39W", interval=0.90)),
            "discounted": described(one.discounted_expected_purchases(0.10, "2Y")),
            "new": described(one.expected_purchases("39W", "new")),
            "at": described(one.at(late=True).expected_purchases(["39W"], "new")),
        }
    spend = clv.fit(joined, "gamma-gamma", covariates=clv.Covariates(spend="late"))
    found["spend"] = {"fit": fitted(spend), "expected_spend": described(spend.expected_spend(interval=0.90))}
    return found


def of_periods() -> dict[str, Any]:
    """Covariates that vary in time, on CDNOW."""
    months = pd.DataFrame({"date": pd.date_range("1997-01-01", "1999-06-01", freq="MS")})
    months["winter"] = months["date"].dt.month.isin([12, 1, 2]).astype(int)
    covariates = clv.Covariates(purchase="winter", dropout="winter", varying=months)
    one = clv.fit(customers("cdnow"), "pareto/nbd", covariates=covariates)
    return {
        "fit": fitted(one),
        "probability_alive": described(one.probability_alive()),
        "expected_purchases": described(one.expected_purchases("39W")),
        "purchase_probability": described(one.purchase_probability("39W", start="4W")),
        "pmf": described(one.purchases_pmf([0, 2], "13W")),
        "discounted": described(one.discounted_expected_purchases(0.10, "1Y")),
        "new": described(one.expected_purchases("26W", "new")),
        "simulated": described(one.simulate("26W", seed=3)),
    }


def of_posterior() -> dict[str, Any]:
    """Draws by Laplace's method."""
    one = clv.fit(customers("cdnow"), "bg/nbd", method="laplace", draws=500)
    return {"fit": fitted(one), "summary": described(one.summary()), "loo": clv.loo(one).elpd, "k": one.pareto_k}


def of_subscribers() -> dict[str, Any]:
    """Models of renewals."""
    years = {
        "high end": [1000, 869, 743, 653, 593, 551, 517, 491],
        "regular": [1000, 631, 468, 382, 326, 289, 262, 241],
    }
    found = {}
    for model in ("sbg", "bdw"):
        one = clv.fit(clv.Subscriptions.from_survival(years, unit="year"), model)
        terms: dict[str, Any] = {"horizon": "5Y", "annual_discount_rate": 0.10, "margin": 0.6}
        found[model] = {
            "fit": fitted(one),
            "survival": described(one.survival(["1Y", "5Y"])),
            "retention": described(one.retention(interval=0.90)),
            "churn_risk": described(one.churn_risk(3, interval=0.90)),
            "lifetime": described(one.discounted_lifetime(0.10, until_renewal=0.5)),
            "curve": described(one.survival_curve(12, interval=0.90)),
            "customers": described(one.expected_customers(5)),
            "value": described(clv.lifetime_value(one, 100.0, **terms, yearly=True, interval=0.90)),
            "new": described(clv.lifetime_value(one, 100.0, "new", **terms, acquisition_cost=50.0)),
        }
    return found


def of_evaluation(log: str) -> dict[str, Any]:
    """A holdout with baselines."""
    path = clv.datasets.path(FILES[log])
    result = clv.evaluate(path, **LOGS[log], calibration_end=ENDS[log], baselines=["past rate", "last-period spend"])
    return {"table": described(result.table), "verdict": list(result.verdict)}


def of_report(log: str) -> list[str]:
    """The lines of the report."""
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder) / "report.html"
        clv.report(clv.datasets.path(FILES[log]), **LOGS[log], margin=0.3, output=output)
        page = output.read_text(encoding="utf-8")
    page = re.sub(r"<(style|script|pre)\b.*?</\1>", "", page, flags=re.DOTALL)
    text = html.unescape(re.sub(r"<[^>]+>", "\n", page))
    return [line for line in (re.sub(r"\s+", " ", one).strip() for one in text.split("\n")) if line]


MODELS = {
    "cdnow": ("bg/nbd", "mbg/nbd", "nbd", "pareto/nbd", "bg/cnbd-2", "mbg/cnbd-2"),
    "online_retail": ("bg/nbd", "bg/cnbd-2"),
}

OUTPUTS: dict[str, Callable[[], Any]] = {
    **{f"{log}: {model}": partial(of_purchases, log, model) for log, models in MODELS.items() for model in models},
    **{f"{log}: spend": partial(of_spend, log) for log in LOGS},
    **{f"{log}: evaluation": partial(of_evaluation, log) for log in LOGS},
    **{f"{log}: report": partial(of_report, log) for log in LOGS},
    "cdnow: intervals": partial(of_intervals, "cdnow"),
    "cdnow: covariates": partial(of_covariates, "cdnow"),
    "cdnow: covariates by period": of_periods,
    "cdnow: posterior": of_posterior,
    "subscribers": of_subscribers,
}


def main() -> None:
    """Write the file."""
    warnings.simplefilter("ignore")
    found = {name: make() for name, make in OUTPUTS.items()}
    FILE.write_text(
        json.dumps(found, indent=None, ensure_ascii=False).replace('}, "', '},\n"') + "\n", encoding="utf-8"
    )


if __name__ == "__main__":
    main()
