"""Effects: from tests, shrunken, from models of others; Qini and off-policy values; numbers of the methods first."""

from __future__ import annotations

from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

import clvmodels as clv
from clvmodels.decisions.targeting.effects import estimates
from clvmodels.decisions.targeting.effects.shrinkage import shrink
from clvmodels.errors import ArgumentError, ClvError, DataError
from tests.reference.tolerances import ROUNDING, STANDARD_ERRORS, SUMMATION, printed

COVERAGE_OF_90 = (0.84, 0.96)  # of 300 runs: 90 % give or take 3.5 standard errors
EIGHT = pd.DataFrame({"w": [1, 0, 1, 1, 0, 0, 1, 0], "y": [1, 0, 1, 0, 0, 1, 0, 0]})


def _test(table: pd.DataFrame, **options: Any) -> clv.RandomisedTest:
    return clv.RandomisedTest.of(table, treated="w", outcome="y", **options)


def test_difference_in_means_of_seven_customers() -> None:
    test = _test(pd.DataFrame({"w": [1, 1, 1, 0, 0, 0, 0], "y": [4, 6, 8, 1, 3, 5, 3]}))
    assert test.effect()[["effect", "error"]].tolist() == pytest.approx([3.0, 1.414], abs=printed(3))


def test_cuped_takes_off_what_was_known() -> None:
    """Variance × (1 - ρ²): errors of both by one sample."""
    rng = np.random.default_rng(2)
    x = rng.normal(size=4_000)
    table = pd.DataFrame({"w": rng.integers(0, 2, 4_000), "x": x, "y": 0.8 * x + 0.6 * rng.normal(size=4_000)})
    plain, sharper = (
        _test(table, before=before, method=m).effect()["error"] for before, m in (((), None), ("x", "cuped"))
    )
    rho = np.corrcoef(table["x"], table["y"])[0, 1]
    assert (sharper / plain) ** 2 == pytest.approx(1.0 - rho**2, rel=0.05)  # sampling of two variances, each to 2 %


def test_regression_is_that_of_the_textbook_with_hc2_errors() -> None:
    """Against the sandwich written out in full, and against the means of each group predicted for all."""
    rng = np.random.default_rng(3)
    x, w = rng.normal(size=(60, 2)), rng.integers(0, 2, 60).astype(float)
    y = x @ [1.0, -2.0] + w * (1.0 + x[:, 0]) + rng.normal(size=60) * (1.0 + w)
    found = estimates.regression(w, y, x)
    lines = [np.linalg.lstsq(np.column_stack([np.ones(60), x])[w == g], y[w == g], rcond=None)[0] for g in (0.0, 1.0)]
    mean = np.append(1.0, x.mean(axis=0))
    assert found.effect == pytest.approx(mean @ (lines[1] - lines[0]), rel=SUMMATION)
    centred = x - x.mean(axis=0)
    design = np.column_stack([np.ones(60), w, centred, w[:, None] * centred])
    inverse = np.linalg.inv(design.T @ design)
    residual = y - design @ inverse @ design.T @ y
    weights = residual**2 / (1.0 - np.einsum("ij,jk,ik->i", design, inverse, design))
    sandwich = inverse @ (design.T * weights) @ design @ inverse
    assert found.error == pytest.approx(np.sqrt(sandwich[1, 1]), rel=1e-9)  # an inverse of numbers of order 100


@pytest.mark.parametrize("method", ["difference", "cuped", "regression"])
def test_intervals_of_a_test_with_rare_buyers_hold(method: Any) -> None:
    """A test like Hillstrom's: 1.5 % buy, spend hardly depends on what was known before."""
    rng, inside, runs, size = np.random.default_rng(5), 0, 300, 4_000
    for _ in range(runs):
        w, x = rng.integers(0, 2, size), rng.gamma(1.0, 1.0, size)
        buys = rng.random(size) < 0.015 * (1.0 + 0.5 * w)
        y = buys * rng.gamma(2.0, 30.0, size)
        found = _test(pd.DataFrame({"w": w, "y": y, "x": x}), before="x", method=method).effect()
        inside += bool(found["lower"] <= 0.015 * 0.5 * 60.0 <= found["upper"])
    assert COVERAGE_OF_90[0] < inside / runs < COVERAGE_OF_90[1]


def test_a_test_says_what_it_could_have_seen() -> None:
    assert clv.customers_needed(1.0, 10.0) == 1_570
    test = _test(EIGHT)
    assert "may be nothing" in test.summary()
    assert test.smallest_effect == pytest.approx(2.8016 * test.effect()["error"], rel=1e-4)  # 1.95996 + .84162


def test_the_largest_of_noisy_effects_is_no_promise() -> None:
    """Effects N(.5, 1), se 1, choose above 1: raw promises .349 a cell and delivers .084; shrunken .100 and .098."""
    rng = np.random.default_rng(7)
    promised, delivered = {"raw": [], "shrunken": []}, {"raw": [], "shrunken": []}
    for _ in range(200):
        truth = rng.normal(0.5, 1.0, 500)
        seen = truth + rng.normal(0.0, 1.0, 500)
        for name, effect in (("raw", seen), ("shrunken", shrink(seen, np.ones(500)).effect)):
            chosen = effect > 1.0
            promised[name].append((effect - 1.0)[chosen].sum() / 500)
            delivered[name].append((truth - 1.0)[chosen].sum() / 500)
    three = [
        np.mean(promised["raw"]),
        np.mean(delivered["raw"]),
        np.mean(promised["shrunken"]),
        np.mean(delivered["shrunken"]),
    ]
    assert three == pytest.approx([0.349, 0.084, 0.100, 0.098], abs=0.006)  # errors of 200 runs of 500 cells, .002


def test_qini_of_eight_customers() -> None:
    """As scikit-uplift has it."""
    table = clv.plots.qini_table([8, 7, 6, 5, 4, 3, 2, 1], _test(EIGHT))
    assert table["gain"].tolist() == pytest.approx([0, 1, 1, 2, 2, 2, 1, 0.667, 1], abs=printed(3))
    assert table.attrs["coefficient"] == pytest.approx(0.09635, abs=printed(5))
    tied = clv.plots.qini_table([1.0] * 8, _test(EIGHT))
    assert tied["gain"].tolist() == [0.0, 1.0]
    assert tied.attrs["coefficient"] == pytest.approx(0.0, abs=ROUNDING)
    known = clv.plots.qini_table([8, 7, 6, 5, 4, 3, 2, 1], _test(EIGHT), treated_share=0.5)["gain"]
    assert known.tolist() == [0, 1, 1, 2, 2, 2, 1, 1, 1]


def test_qini_orders_oracle_estimate_and_chance() -> None:
    rng, size = np.random.default_rng(11), 20_000
    x = rng.normal(size=(size, 2))
    effect = 0.05 * (1.0 + x[:, 0])
    w = rng.integers(0, 2, size)
    y = (rng.random(size) < 0.2 + 0.1 * (x[:, 1] > 0) + w * effect.clip(0.0, 0.3)).astype(float)
    test = _test(pd.DataFrame({"w": w, "y": y}))
    scores = {"oracle": effect, "response": x[:, 1], "chance": rng.random(size)}
    found = {name: clv.plots.qini_table(score, test).attrs["coefficient"] for name, score in scores.items()}
    assert found["oracle"] > 3.0 * abs(found["response"])
    assert found["oracle"] > 3.0 * abs(found["chance"])


def _with_score(rng: np.random.Generator, size: int) -> tuple[np.ndarray, clv.RandomisedTest]:
    """A score of five values, whose effect is the score, in a test."""
    score, w = rng.integers(0, 5, size), rng.integers(0, 2, size)
    return score, _test(pd.DataFrame({"w": w, "y": w * score + rng.normal(0.0, 4.0, size)}))


def test_bounds_of_qini_hold() -> None:
    """The truth by a test of a million: the area, and the gain of the best two fifths by customers in the test."""
    rng, size, runs = np.random.default_rng(12), 500, 200
    true = clv.plots.qini_table(*_with_score(rng, 1_000_000))
    area, at = true.attrs["coefficient"], 1.4 / 2.0  # two fifths with effects of 4 and 3, half of them treated
    inside = np.zeros(2)
    for seed in range(runs):
        found = clv.plots.qini_table(*_with_score(rng, size), interval=0.9, draws=100, seed=seed)
        bounds = [np.interp(0.4 * size, found["customers"], found[f"gain_{side}"]) for side in ("lower", "upper")]
        inside += [
            found.attrs["coefficient_lower"] <= area <= found.attrs["coefficient_upper"],
            bounds[0] <= at * size <= bounds[1],
        ]
    assert (inside / runs > 0.83).all()  # 90 % give or take 3.3 standard errors of 200 runs
    assert (inside / runs < 0.97).all()


def test_bounds_of_qini_stand_beside_the_curve_and_are_drawn() -> None:
    score, test = _with_score(np.random.default_rng(1), 400)
    plain, found = clv.plots.qini_table(score, test), clv.plots.qini_table(score, test, interval=0.8, seed=3)
    assert found[["customers", "gain"]].equals(plain)
    assert found.equals(clv.plots.qini_table(score, test, interval=0.8, seed=3))
    assert (found["gain_lower"].iloc[1:] < found["gain"].iloc[1:]).all()
    assert (found["gain_upper"].iloc[1:] > found["gain"].iloc[1:]).all()
    assert found.iloc[0].tolist() == [0.0] * 4
    ax = clv.plots.qini(found)
    assert len(ax.collections) == 1
    assert any("band: 80 %" in text.get_text() for text in ax.texts)
    plt.close(ax.figure)
    with pytest.raises(ArgumentError, match="interval"):
        clv.plots.qini_table(score, test, interval=1.0)
    with pytest.raises(ArgumentError, match="draws"):
        clv.plots.qini_table(score, test, interval=0.9, draws=1)


def _drawn(rng: np.random.Generator, size: int = 4_000) -> pd.DataFrame:
    """Two activities, .3 of the one that is better for half of the customers; the rule gives each the better one."""
    x = rng.normal(size=size)
    rule = (x > 0).astype(int)
    p = np.where(rng.random(size) < 0.5, 0.3, 0.7)
    drawn = (rng.random(size) < p).astype(int)
    y = 10.0 + 2.0 * x + drawn * np.where(x > 0, 2.0, -2.0) + rng.normal(0.0, 3.0, size)
    return pd.DataFrame({"x": x, "rule": rule, "drawn": drawn, "p": np.where(drawn == 1, p, 1 - p), "y": y})


COLUMNS: dict[str, Any] = {"policy": "rule", "activity": "drawn", "probability": "p", "outcome": "y"}


def test_off_policy_values_are_right_and_the_doubly_robust_one_is_sharpest() -> None:
    """Truth 10 + 2 / 2 = 11."""
    rng, values, inside = np.random.default_rng(13), [], 0
    for _ in range(200):
        found = clv.policy_value(_drawn(rng), **COLUMNS, before=["x"])
        values.append(found["value"].to_numpy())
        inside += bool(found.loc["doubly robust", "lower"] <= 11.0 <= found.loc["doubly robust", "upper"])
    spread = np.std(values, axis=0)
    assert np.mean(values, axis=0) == pytest.approx([11.0] * 3, abs=STANDARD_ERRORS * spread.max() / np.sqrt(200))
    assert spread[0] < spread[1] < spread[2]
    assert COVERAGE_OF_90[0] - 0.02 < inside / 200 < COVERAGE_OF_90[1] + 0.02  # of 200 runs


def test_a_wrong_regression_does_no_harm() -> None:
    log = _drawn(np.random.default_rng(17), 40_000)
    found = clv.policy_value(log, **COLUMNS).loc["doubly robust"]
    assert found["value"] == pytest.approx(11.0, abs=STANDARD_ERRORS * found["error"])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"p": 0.005}, "probabilities from 0.01"),
        ({"p": 1.5}, "probabilities from 0.01"),
        ({"p": np.nan}, "missing"),
        ({"y": np.nan}, "missing"),
        ({"rule": 7}, "agree for nobody"),
        ({"y": "much"}, "not a number"),
    ],
)
def test_logs_that_show_nothing_are_refused(change: dict[str, Any], message: str) -> None:
    with pytest.raises(DataError, match=message):
        clv.policy_value(_drawn(np.random.default_rng(1), 50).assign(**change), **COLUMNS)


@pytest.mark.parametrize(
    ("table", "options", "message"),
    [
        (EIGHT.assign(w=2), {}, "must hold 1"),
        (EIGHT.assign(w=1), {}, "two of each"),
        (EIGHT.assign(y=np.nan), {}, "missing"),
        (EIGHT.assign(y="a"), {}, "not a number"),
        (EIGHT, {"before": "x"}, "x"),
        (EIGHT, {"method": "cuped"}, "needs before"),
        (EIGHT, {"method": "felt"}, "method must be"),
        (EIGHT.assign(s=range(8)), {"segment": "s"}, "Segment"),
        ("a table", {}, "can't be made from"),
    ],
)
def test_tables_that_are_no_test_are_refused(table: Any, options: dict[str, Any], message: str) -> None:
    with pytest.raises(ClvError, match=message):
        _test(table, **options).by_segment() if "segment" in options else _test(table, **options)


@pytest.mark.parametrize("score", [[1.0] * 7, [np.nan] * 8, ["a"] * 8])
def test_scores_that_are_none_are_refused(score: Any) -> None:
    with pytest.raises(ClvError, match="score"):
        clv.plots.qini_table(score, _test(EIGHT))


def test_a_test_without_segments_has_none() -> None:
    with pytest.raises(ArgumentError, match="no segments"):
        _test(EIGHT).by_segment()
    with pytest.raises(ArgumentError, match="other than 0"):
        clv.customers_needed(0.0, 1.0)
    assert "<table" in _test(EIGHT)._repr_html_()
