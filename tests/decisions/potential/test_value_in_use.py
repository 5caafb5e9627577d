"""The business-to-business value model: worked numbers, simulation, and what is refused."""

from __future__ import annotations

from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm

import clvmodels as clv
from clvmodels.errors import ClvError

PRINTED_3 = 5e-4  # figures printed to three digits
PRINTED_2 = 5e-3  # to two digits
POINTS = 0.02  # quantiles of 65,536 evenly spread points
ELEMENTS = {"labour": (8, 12, 20), "downtime": (5, 10, 25), "energy": (-2, 3, 6)}


def test_the_worked_example() -> None:
    """Price difference 18."""
    found = clv.value_in_use(ELEMENTS, price=118.0, alternative_price=100.0)
    assert found.net["mean"] == pytest.approx(11.0)
    assert found.net["standard_deviation"] == pytest.approx(5.196, abs=PRINTED_3)
    assert found.net[["lower", "upper"]].tolist() == pytest.approx([2.99, 20.08], abs=POINTS)
    assert found.probability_positive == pytest.approx(0.9933, abs=PRINTED_3)
    assert norm.cdf(11.0 / found.net["standard_deviation"]) == pytest.approx(0.983, abs=PRINTED_3)
    assert found.table.index.tolist() == ["downtime", "labour", "energy"]
    assert found.table["width"].tolist() == pytest.approx([11.36, 6.71, 4.45], abs=PRINTED_2)
    assert found.table["share_of_variance"].tolist() == pytest.approx([0.669, 0.230, 0.101], abs=PRINTED_3)
    assert found.worth["mean"] == pytest.approx(129.0)
    assert (found.table["net_low"] < 11.0).all()
    assert (found.table["net_high"] > 11.0).all()


@pytest.mark.parametrize("shape", ["triangular", "pert"])
def test_the_distribution_is_that_of_simulated_amounts(shape: str) -> None:
    rng, n = np.random.default_rng(6), 400_000
    draws = []
    for low, mode, high in ELEMENTS.values():
        if shape == "triangular":
            draws.append(rng.triangular(low, mode, high, n))
        else:
            width = high - low
            a, b = 1.0 + 4.0 * (mode - low) / width, 1.0 + 4.0 * (high - mode) / width
            draws.append(low + width * rng.beta(a, b, n))
    net = np.sum(draws, axis=0) - 18.0
    found = clv.value_in_use(ELEMENTS, price=18.0, alternative_price=0.0, shape=shape, interval=0.8)
    errors = 4.0 / np.sqrt(n)  # four standard errors of a unit of spread
    assert found.net["mean"] == pytest.approx(net.mean(), abs=errors * net.std())
    assert found.net["standard_deviation"] == pytest.approx(net.std(), abs=errors * net.std())
    # a quantile's error is that of its level by the density there, at least .03 a unit
    assert found.net[["lower", "upper"]].tolist() == pytest.approx(
        np.quantile(net, [0.1, 0.9]), abs=errors * 0.3 / 0.03
    )
    assert found.probability_positive == pytest.approx((net > 0).mean(), abs=errors)
    # the error of a deviation is at most that of a mean: its spread, below 5, by √n
    assert found.table["standard_deviation"].sort_index().tolist() == pytest.approx(
        [draws[1].std(), draws[2].std(), draws[0].std()], abs=errors * 5.0
    )


def test_certain_elements_and_any_frame() -> None:
    frame = pd.DataFrame(
        [(name, *three) for name, three in ELEMENTS.items()], columns=["element", "low", "mode", "high"]
    )
    expected = clv.value_in_use(ELEMENTS, price=18.0, alternative_price=0.0)
    pd.testing.assert_frame_equal(clv.value_in_use(frame, price=18.0, alternative_price=0.0).table, expected.table)
    sure = clv.value_in_use({"labour": 12.0, "energy": -2}, price=3.0, alternative_price=1.0)
    assert sure.net.tolist() == [8.0, 0.0, 8.0, 8.0]
    assert sure.probability_positive == 1.0
    assert sure.table["share_of_variance"].tolist() == [0.0, 0.0]
    assert len(sure.summary().splitlines()) == 2
    edges = clv.value_in_use({"a": (0, 0, 3), "b": (0, 3, 3)}, price=0.0, alternative_price=0.0)
    assert edges.net["mean"] == pytest.approx(3.0)
    many = clv.value_in_use({f"e{i}": (0, 1, 2) for i in range(20)}, price=99.0, alternative_price=0.0)
    for one in (expected, sure, edges, many):
        ax = one.plot()
        assert "nan" not in ax.get_title(loc="left")
        assert len(ax.get_yticks()) <= 15
        plt.close(ax.figure)
    assert "<table" in expected._repr_html_()


@pytest.mark.parametrize(
    ("elements", "options"),
    [
        ({}, {}),
        ({"a": (3, 2, 1)}, {}),
        ({"a": (1, 2)}, {}),
        ({"a": (1, 2, np.inf)}, {}),
        ({"a": "much"}, {}),
        ({"a": None}, {}),
        ("labour", {}),
        (pd.DataFrame({"element": ["a"], "low": [1]}), {}),
        (pd.DataFrame({"element": ["a", "a"], "low": [1, 1], "mode": [1, 1], "high": [2, 2]}), {}),
        (pd.DataFrame({"element": ["a"], "low": [np.nan], "mode": [1], "high": [2]}), {}),
        (ELEMENTS, {"price": -1.0}),
        (ELEMENTS, {"price": np.nan}),
        (ELEMENTS, {"alternative_price": "cheap"}),
        (ELEMENTS, {"shape": "normal"}),
        (ELEMENTS, {"interval": 1.0}),
    ],
)
def test_what_is_refused(elements: Any, options: dict[str, Any]) -> None:
    with pytest.raises(ClvError):
        clv.value_in_use(elements, **{"price": 18.0, "alternative_price": 0.0, **options})


def test_only_its_result_is_drawn() -> None:
    with pytest.raises(ClvError, match="value_in_use returned"):
        clv.plots.tornado(ELEMENTS)  # type: ignore[arg-type]
