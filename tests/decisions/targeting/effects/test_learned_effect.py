"""Effects learned from a test: more profit than the mean effect where effects differ, no less where they don't."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import clvmodels as clv
from clvmodels.decisions.targeting.effects.bent_ridge import BentRidge
from clvmodels.errors import ArgumentError, ClvError, DataError
from tests.reference.tolerances import STANDARD_ERRORS

RUNS, COST = 20, 1.0
EFFECTS = {
    "the same": lambda x: np.full(len(x), 1.3),
    "along a line": lambda x: 1.0 + x,
    "in the middle": lambda x: 3.0 * np.exp(-(x**2)),
    "on one side": lambda x: 2.0 * (x > 0.0),
}


def _customers(rng: np.random.Generator, size: int, kind: str) -> tuple[pd.DataFrame, np.ndarray]:
    """Three features, of which one moves the effect and another the outcome, and the true effects."""
    table = pd.DataFrame(rng.normal(size=(size, 3)), columns=["a", "b", "c"])
    effect = EFFECTS[kind](table["a"].to_numpy())
    table["w"] = rng.integers(0, 2, size)
    table["y"] = 5.0 + 2.0 * table["b"] + table["w"] * effect + rng.normal(0.0, 5.0, size)
    return table, effect


def _learned(table: pd.DataFrame, **options: Any) -> clv.LearnedEffect:
    return clv.LearnedEffect.of(table, **{"treated": "w", "outcome": "y", "features": ["a", "b", "c"], **options})


def _run(seed: int, kind: str) -> list[float]:
    """Profit a customer of choosing by learned effects less that by the mean, squared errors of both, the mean held."""
    rng = np.random.default_rng(seed)
    (tested, _), (others, truth) = _customers(rng, 2_000, kind), _customers(rng, 4_000, kind)
    learned = _learned(tested)
    effect, mean = learned.effect(others), float(learned.test.effect()["effect"])
    gains = [float(np.where(by > COST, truth - COST, 0.0).mean()) for by in (effect, np.full(len(truth), mean))]
    lower, upper = learned.effect_interval(others)
    errors = [float(((by - truth) ** 2).mean()) for by in (effect, mean)]
    return [gains[0] - gains[1], *errors, lower.mean() < truth.mean() < upper.mean(), learned.kept.effect]


@pytest.mark.parametrize("kind", list(EFFECTS))
def test_learned_effects_beat_the_mean_where_they_differ_and_lose_nothing_where_not(kind: str) -> None:
    more, error, error_of_mean, held, kept = np.array([_run(seed, kind) for seed in range(RUNS)]).T
    assert held.mean() > 0.6  # 90 % of 20 runs, less 4 standard errors
    if kind == "the same":
        assert abs(more.mean()) < 0.05 * 0.3  # a twentieth of what choosing everybody brings; measured .001
        assert error.mean() < 1.5 * error_of_mean.mean()
        assert np.median(kept) == 0.0
    else:
        assert more.mean() > STANDARD_ERRORS * more.std() / np.sqrt(RUNS)
        assert error.mean() < 0.7 * error_of_mean.mean()  # measured .35 to .55


def test_effects_of_the_test_are_by_regressions_that_did_not_see_the_customer() -> None:
    """A regressor that learns by heart finds nothing out of fold, and keeps nothing."""

    class ByHeart:
        def fit(self, x: np.ndarray, y: np.ndarray) -> None:
            self.known = {row.tobytes(): value for row, value in zip(x, y, strict=True)}

        def predict(self, x: np.ndarray) -> np.ndarray:
            return np.array([self.known.get(row.tobytes(), 0.0) for row in x])

    table, _ = _customers(np.random.default_rng(1), 400, "the same")
    learned = _learned(table, regressor=ByHeart())
    assert learned.kept.effect == 0.0
    assert learned.out_of_fold.nunique() == 1
    assert "does not show" in learned.summary()


def test_a_regressor_of_scikit_learn_and_a_campaign() -> None:
    ensemble = pytest.importorskip("sklearn.ensemble")
    rng = np.random.default_rng(2)
    (tested, _), (others, truth) = _customers(rng, 3_000, "on one side"), _customers(rng, 2_000, "on one side")
    forest = ensemble.RandomForestRegressor(20, min_samples_leaf=50, random_state=0)
    learned = _learned(tested, regressor=forest)
    assert not hasattr(forest, "estimators_")  # the one that was passed stays as it was
    value = others[["a", "b", "c"]].assign(lifetime_value=1.0)
    plan = clv.target(value, clv.Activity(name="call", cost=COST, effect=learned), holdout=0.0)
    assert truth[plan.plan["customer_id"]].mean() > 1.5  # by chance 1; all who gain gain 2
    assert "a randomised test, learned by a, b, c" in plan.summary()
    assert plan.profit_lower < (truth[plan.plan["customer_id"]] - COST).sum()
    curve = clv.plots.qini_table(learned.out_of_fold, learned.test)
    assert curve.attrs["coefficient"] > 0.0


def test_the_ridge_is_the_mean_where_features_say_nothing_and_least_squares_where_all_is_said() -> None:
    rng = np.random.default_rng(3)
    x = rng.normal(size=(500, 2))
    line = BentRidge().fit(x, 1.0 + x @ [2.0, -1.0]).predict(x)
    assert np.abs(line - (1.0 + x @ [2.0, -1.0])).max() < 0.01  # the smallest penalty, .01 of 500
    assert BentRidge().fit(x, rng.normal(size=500)).predict(x).std() < 0.15  # least squares: .13 by chance alone
    constant = BentRidge().fit(np.ones((50, 1)), np.arange(50.0))
    assert constant.predict(np.array([[1.0], [9.0]])).tolist() == [24.5, 24.5]


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"features": []}, ArgumentError), ({"features": "nowhere"}, DataError), ({"features": "text"}, DataError),
        ({"features": "hole"}, DataError), ({"folds": 1}, ArgumentError), ({"folds": 100}, DataError),
        ({"seed": -1}, ArgumentError), ({"regressor": object()}, ArgumentError),
        ({"regressor": "ridge"}, ArgumentError), ({"treated": "a"}, DataError), ({"outcome": "hole"}, DataError),
    ],
)  # fmt: skip
def test_what_cannot_be_learned_is_refused(options: dict[str, Any], error: type[ClvError]) -> None:
    table, _ = _customers(np.random.default_rng(4), 200, "the same")
    table = table.assign(text="x", hole=np.where(np.arange(200) == 3, np.nan, 1.0))
    with pytest.raises(error):
        _learned(table, **options)


def test_a_regressor_that_fails_is_named() -> None:
    class Broken:
        def fit(self, x: np.ndarray, y: np.ndarray) -> None: ...

        def predict(self, x: np.ndarray) -> np.ndarray:
            return x

    table, _ = _customers(np.random.default_rng(5), 200, "the same")
    with pytest.raises(ArgumentError, match="predicts shape"):
        _learned(table, regressor=Broken())
    learned = _learned(table)
    with pytest.raises(ClvError):
        learned.effect(table[["a"]])
    with pytest.raises(ArgumentError):
        learned.effect_interval(table, alpha=0.0)
