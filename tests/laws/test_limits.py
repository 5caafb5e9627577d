"""Models that become one another where a parameter goes to its end."""

from __future__ import annotations

import numpy as np
import pytest

from clvmodels import models

X = np.array([0.0, 0.0, 1.0, 2.0, 9.0, 26.0])
T_X = np.array([0.0, 0.0, 0.1, 30.4, 39.0, 12.0])
T = np.array([0.0, 39.0, 39.0, 38.9, 39.0, 30.0])
nbd, paretonbd, ggomnbd = (models.get(name) for name in ("nbd", "pareto/nbd", "ggom/nbd"))
RATES = {"r": 0.553, "alpha": 10.578}


def test_paretonbd_without_dropout_is_nbd() -> None:
    """With s = 1e-9 dropout has a chance of the order of 1e-9, unless a long silence speaks for it."""
    near = RATES | {"s": 1e-9, "beta": 11.669}
    # a hundred times s
    assert paretonbd.log_likelihood(X[:5], T_X[:5], T[:5], **near) == pytest.approx(
        nbd.log_likelihood(X[:5], T_X[:5], T[:5], **RATES), abs=1e-7
    )
    for quantity, window in (
        ("survival", (52.0,)),
        ("expected_purchases", (52.0,)),
        ("purchase_probability", (52.0,)),
        ("purchases_pmf", (52.0, 3)),
        ("discounted_expected_purchases", (52.0, 0.002)),
        ("discounted_expected_purchases", (np.inf, 0.002)),
        ("discounted_time_alive", (52.0, 0.002)),
    ):
        limit = getattr(nbd, quantity)(X, T, *window, **RATES)
        # a hundred times s
        assert getattr(paretonbd, quantity)(X, T, *window, **near) == pytest.approx(limit, rel=1e-7, abs=1e-9), quantity


def test_ggomnbd_without_ageing_is_paretonbd() -> None:
    """With b = 1e-9 and beta = b beta' the difference is of the order of b times the age or horizon, here up to 1,000
    weeks of an infinite one that is discounted.
    """
    pareto = RATES | {"s": 0.606, "beta": 11.669}
    near = RATES | {"b": 1e-9, "s": 0.606, "beta": 11.669e-9}
    found = ggomnbd.log_likelihood(X, T_X, T, **near)
    # 1e-9 times the ages, up to 39 weeks
    assert found == pytest.approx(paretonbd.log_likelihood(X, T_X, T, **pareto), abs=3e-8)
    for quantity, window in (
        ("survival", (52.0,)),
        ("expected_purchases", (52.0,)),
        ("purchase_probability", (52.0,)),
        ("purchases_pmf", (52.0, 3)),
        ("discounted_expected_purchases", (52.0, 0.002)),
        ("discounted_expected_purchases", (np.inf, 0.002)),
        ("discounted_time_alive", (52.0, 0.002)),
    ):
        limit = getattr(paretonbd, quantity)(X, T, *window, **pareto)
        # 1e-9 times the horizon, up to 1,000 weeks
        assert getattr(ggomnbd, quantity)(X, T, *window, **near) == pytest.approx(limit, rel=1e-6), quantity
