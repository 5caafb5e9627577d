"""Customers whose group is not known may be of any, by their histories."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import clvmodels as clv
from clvmodels.inference.data.groups import Groups
from clvmodels.inference.population import quantities
from clvmodels.inference.population.group_structure import GroupStructure

PARAMETERS = {
    "bg/nbd": {"a": {"r": 0.3, "alpha": 5.0, "a": 0.8, "b": 2.5}, "b": {"r": 1.5, "alpha": 4.0, "a": 0.5, "b": 4.0}},
    "gamma-gamma": {"a": {"p": 6.0, "q": 4.0, "v": 15.0}, "b": {"p": 3.0, "q": 6.0, "v": 60.0}},
}
SIZES = (300, 100)


def structure(model: str) -> GroupStructure:
    none = pd.DataFrame({"typical": [], "spread": []})
    return GroupStructure(name=model, unit="week", groups=Groups(("a", "b"), SIZES, "channel", None, none))


def long_names(model: str) -> dict[str, float]:
    return {f"{name}[{group}]": value for group, own in PARAMETERS[model].items() for name, value in own.items()}


def test_expected_purchases_weigh_groups_by_size_and_likelihood() -> None:
    x, t_x, T = np.array([0.0, 1.0, 12.0]), np.array([0.0, 3.0, 38.0]), np.full(3, 39.0)
    rows = structure("bg/nbd").of_histories(x, t_x, T)
    found = rows.evaluate(quantities.expected("expected_purchases", 26.0), long_names("bg/nbd"))
    model, table = clv.models.get("bg/nbd"), pd.DataFrame({"frequency": x, "recency": t_x, "T": T})
    customers = clv.Customers.from_frame(table, unit="week")
    weights = [
        size * np.exp(model.log_likelihood(x, t_x, T, **own))
        for size, own in zip(SIZES, PARAMETERS["bg/nbd"].values(), strict=True)
    ]
    each = [
        clv.predictions("bg/nbd", own).expected_purchases(26.0, customers).to_numpy()
        for own in PARAMETERS["bg/nbd"].values()
    ]
    by_hand = sum(w * e for w, e in zip(weights, each, strict=True)) / sum(weights)
    assert found == pytest.approx(by_hand, rel=1e-12)  # the same sums in another order
    assert each[0][2] < found[2] < each[1][2]


def test_a_customer_without_spend_is_of_a_group_by_its_size() -> None:
    rows = structure("gamma-gamma").of_histories(np.zeros(1), np.zeros(1))
    found = rows.evaluate(quantities.expected_spend(), long_names("gamma-gamma"))
    means = [own["p"] * own["v"] / (own["q"] - 1.0) for own in PARAMETERS["gamma-gamma"].values()]
    assert found[0] == pytest.approx(np.average(means, weights=SIZES), rel=1e-12)  # the same sums in another order


def test_simulated_purchases_have_the_expected_mean() -> None:
    n = 100_000
    rows = structure("bg/nbd").of_histories(np.full(n, 2.0), np.full(n, 20.0), np.full(n, 39.0))
    parameters, rng = long_names("bg/nbd"), np.random.default_rng(1)
    counts = rows.simulate(quantities.simulated_purchases(26.0), parameters, rng)
    expected = rows.take(np.zeros(1, np.intp)).evaluate(quantities.expected("expected_purchases", 26.0), parameters)
    assert counts.mean() == pytest.approx(expected[0], abs=4 * counts.std() / np.sqrt(n))
