"""Partially pooled groups."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import clvmodels as clv
from clvmodels.errors import ArgumentError, DataError
from clvmodels.inference.data.groups import group_of
from clvmodels.inference.posterior.hierarchical import GaussianApproximation, GroupedPosterior
from clvmodels.inference.posterior.hierarchical_start import approximate_groups
from clvmodels.inference.posterior.priors import all_priors
from clvmodels.transactions.histories import group_histories
from tests.reference.tolerances import DIFFERENCES

TYPICAL = {"r": 0.8, "alpha": 8.0, "a": 0.8, "b": 2.5}
RATES = [0.3, 0.8, 2.0]  # r of three groups


@pytest.fixture(scope="module")
def customers() -> tuple[clv.Customers, pd.Series]:
    definition: Any = clv.models.get("bg/nbd")
    rng = np.random.default_rng(1)
    frames = []
    for name, r, n in zip("abc", RATES, (400, 400, 60), strict=True):
        T = rng.integers(20, 60, n).astype(float)
        x, t_x = definition.simulate(rng, T, **(TYPICAL | {"r": r}))
        frames.append(pd.DataFrame({"frequency": x, "recency": t_x, "T": T, "group": name}))
    table = pd.concat(frames, ignore_index=True).sample(frac=1.0, random_state=1).reset_index(drop=True)
    made = clv.Customers.from_frame(table.drop(columns="group"), unit="week", observation_end="2024-06-30")
    return made, table["group"]


@pytest.mark.parametrize("knows", ["nothing", "something", "its data"])
def test_density_and_gradient(customers: tuple[clv.Customers, pd.Series], knows: str) -> None:
    """Whatever the approximation, it is the same density of typical values, spreads and groups."""
    made, group = customers
    definition: Any = clv.models.get("bg/nbd")
    columns = [made.table[name].to_numpy(dtype=float) for name in ("frequency", "recency", "T")]
    priors = all_priors(None, tuple(TYPICAL), [1.0, 30.0, 1.0, 1.0])
    code, rng = pd.factorize(group, sort=True)[0], np.random.default_rng(2)
    if knows == "its data":
        rows = [group_histories(*(column[code == g] for column in columns)) for g in range(3)]
        known = approximate_groups(definition, rows, np.log(list(TYPICAL.values())))
    else:
        factor = (knows == "something") * rng.standard_normal((3, 4, 4))
        known = GaussianApproximation(factor @ factor.transpose(0, 2, 1), factor[:, 0])
    posterior = GroupedPosterior(definition, columns, np.ones(len(made)), code, priors, known)
    u = 0.3 * rng.standard_normal(posterior.size)
    value, gradient, _ = posterior.derivatives(u)
    h = 1e-5
    for i in range(posterior.size):
        step = h * np.eye(posterior.size)[i]
        slope = (posterior.derivatives(u + step)[0] - posterior.derivatives(u - step)[0]) / (2 * h)
        # central differences of a log-density of some 1e4: a rounding of 1e-12 over h = 1e-5
        assert gradient[i] == pytest.approx(slope, rel=DIFFERENCES, abs=1e-5)
    theta = posterior.log_parameters(u)
    by_group = 0.0
    for name, row in zip("abc", theta, strict=True):
        parameters = dict(zip(TYPICAL, np.exp(row), strict=True))
        by_group += float(definition.log_likelihood(*(c[group == name] for c in columns), **parameters).sum())
    k, m, s = 4, u[:4], np.exp(u[4:8])
    prior = sum(float(priors[name].log_density(np.exp(one))) + one for name, one in zip(TYPICAL, m, strict=True))
    spread = -((s / 0.5) ** 2).sum() / 2 + u[k : 2 * k].sum()  # half-normal, with the Jacobian of its log
    groups = (-(((theta - m) / s) ** 2) / 2 - np.log(s)).sum()
    # the volume that z is mapped to: columns of d theta / d z by differences, since the map is linear in z
    volume = 0.0
    for g in range(3):
        moved = [posterior.log_parameters(u + np.eye(posterior.size)[2 * k + g * k + i])[g] for i in range(k)]
        volume += np.linalg.slogdet(np.array(moved) - theta[g])[1]
    # 16 determinants of differences
    assert value == pytest.approx(by_group + prior + spread + groups + volume, rel=1e-10)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:The chains have not mixed", "ignore:The draws of")  # they are short
def test_groups_are_told_apart_and_small_ones_pulled_in(customers: tuple[clv.Customers, pd.Series]) -> None:
    made, group = customers
    fit = clv.fit(made, "bg/nbd", method="nuts", group=group, draws=250, chains=2, progress=False)
    r = fit.summary()["estimate"].unstack()["r"]
    assert list(r.index) == ["a", "b", "c"]
    assert r["a"] < r["b"] < r["c"]
    part = clv.Customers.from_frame(made.table[(group == "c").to_numpy()].reset_index(drop=True), unit="week")
    alone = clv.fit(part, "bg/nbd", method="laplace")
    assert fit.fits["c"].standard_errors["b"] < alone.standard_errors["b"]
    answer = fit.expected_purchases("26W", interval=0.9)
    assert list(answer.index) == list(made.table.index)
    first = int(np.flatnonzero(group == "a")[0])
    assert answer["expected_purchases"].iloc[first] == pytest.approx(
        float(fit.fits["a"].expected_purchases("26W").loc[made.table.index[first]])
    )
    assert "3 groups partially pooled" in repr(fit)


def test_groups_that_are_none(customers: tuple[clv.Customers, pd.Series], cdnow: clv.Customers) -> None:
    made, group = customers
    assert group_of(cdnow, "cohort").value_counts().sort_index().index.tolist() == ["1997-01", "1997-02", "1997-03"]
    with pytest.raises(DataError, match="no entry for 1 customers"):
        group_of(made, group.iloc[1:])
    with pytest.raises(DataError, match="entries"):
        group_of(made, ["a"])
    with pytest.raises(DataError, match="missing for 860"):
        group_of(made, group.where(group == "none"))
    with pytest.raises(ArgumentError, match='"cohort"'):
        group_of(made, "country")
    with pytest.raises(ArgumentError, match="belongs to"):
        clv.fit(made, "bg/nbd", group=group)
