"""Customers with known effects of covariates."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

import clvmodels as clv
from clvmodels import models
from tests.reference.parameters import PARAMETERS, PURCHASES

TRUTH = {name: row.covariates for name, row in PURCHASES.items() if row.covariates}
SPEND = PARAMETERS["gamma-gamma"].covariates
PURCHASE = {"channel[T.web]": 0.5, "age": 0.2}
DROPOUT = {"channel[T.web]": -0.6}
COVARIATES = clv.Covariates(purchase="channel + age", dropout="channel")


def people(rng: np.random.Generator, n: int) -> pd.DataFrame:
    """A channel and a standardised age."""
    return pd.DataFrame({"channel": rng.choice(["shop", "web"], n), "age": rng.normal(size=n).round(1)})


def moved(model: Any, truth: dict[str, float], who: pd.DataFrame) -> dict[str, Any]:
    """The parameters of each customer, written down from the issue and not from the code under test."""
    web, age = (who["channel"] == "web").to_numpy(dtype=float), who["age"].to_numpy()
    purchase, dropout = 0.5 * web + 0.2 * age, -0.6 * web
    own: dict[str, Any] = {**truth, "alpha": truth["alpha"] * np.exp(-purchase)}
    if "a" in truth:
        odds, both = truth["a"] / truth["b"] * np.exp(dropout), truth["a"] + truth["b"]
        own |= {"a": both * odds / (1.0 + odds), "b": both / (1.0 + odds)}
    elif "beta" in truth:
        own["beta"] = truth["beta"] * np.exp(-dropout)
    return own


def simulated(name: str, n: int, seed: int, ages: tuple[float, float] = (27.0, 52.0)) -> clv.Customers:
    """Customers of a purchase model with the effects above."""
    rng, model = np.random.default_rng(seed), models.get(name)
    who = people(rng, n)
    T = rng.uniform(*ages, n).round()
    x, t_x = model.simulate(rng, T, **moved(model, TRUTH[name], who))  # type: ignore[attr-defined]
    table = who.assign(frequency=x, recency=t_x, T=T)
    return clv.Customers.from_frame(table, unit="week", keep=["channel", "age"])
