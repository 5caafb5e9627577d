"""Switching: worked examples, simulated truth with coverage, taste against loyalty."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import clvmodels as clv
from clvmodels.errors import ArgumentError, DataError
from clvmodels.value.switching.dirichlet import fit_concentrations, log_likelihood
from clvmodels.value.switching.switching import value_under_switching

PRINTED = 5e-4  # figures that are stated to three or four digits
MONTE_CARLO = 4.0  # standard errors that a simulated mean may be off
OF_DRAWS = 0.02  # a probability, and 0.5 of a value, over 4,000 draws: four standard errors and the rounding


def choices_of(counts: np.ndarray, segment: str = "all") -> pd.DataFrame:
    """One customer a transition, so that the counts are these."""
    rows = [
        (f"{segment} {i}{j}{n}", day, str(state), segment)
        for i, row in enumerate(counts)
        for j, number in enumerate(row)
        for n in range(int(number))
        for day, state in (("2024-01-01", i), ("2024-02-01", j))
    ]
    return pd.DataFrame(rows, columns=["id", "day", "brand", "segment"])


def switching(table: pd.DataFrame, **options: str) -> clv.Switching:
    return clv.Switching.from_choices(table, customer="id", date="day", state="brand", **options)


def test_posterior_of_counts() -> None:
    found = switching(choices_of(np.array([[16, 4], [6, 14]])))
    assert found.matrix().loc["0", "0"] == pytest.approx(0.7727, abs=PRINTED)
    ahead = found.matrix(steps=3, interval=0.90)
    assert ahead.loc["0", ("mean", "0")] == pytest.approx(0.6329, abs=OF_DRAWS)
    assert ahead.loc["0", ("lower", "0")] == pytest.approx(0.443, abs=OF_DRAWS)
    assert ahead.loc["0", ("upper", "0")] == pytest.approx(0.815, abs=OF_DRAWS)
    value = found.value({"0": 10.0}, discount=0.9, interval=0.90).loc["0"]
    assert value.tolist() == pytest.approx([65.78, 48.98, 82.09], abs=50 * OF_DRAWS)
    plug_in = value_under_switching(found.matrix().to_numpy(), np.array([10.0, 0.0]), 0.9)
    assert plug_in[0] == pytest.approx(65.38, abs=10 * PRINTED)


def test_value_under_switching_equals_simulation() -> None:
    matrix, rng, runs = np.array([[0.8, 0.2], [0.3, 0.7]]), np.random.default_rng(1), 20_000
    assert value_under_switching(matrix, np.array([10.0, 0.0]), 0.9) == pytest.approx([67.273, 49.091], abs=PRINTED)
    state, total, weight = np.zeros(runs, dtype=int), np.zeros(runs), 1.0
    for _ in range(200):
        total += weight * 10.0 * (state == 0)
        state, weight = (rng.random(runs) > matrix[state, 0]).astype(int), weight * 0.9
    assert total.mean() == pytest.approx(67.273, abs=MONTE_CARLO * total.std() / np.sqrt(runs))


def test_segments_are_drawn_to_what_they_have_in_common() -> None:
    few, many = np.array([[3, 1], [1, 3]]), np.array([[400, 100], [100, 400]])
    table = pd.concat([choices_of(few, "few"), choices_of(many, "many"), choices_of(many, "more")])
    found = switching(table, segment="segment")
    assert abs(found.matrix("few").loc["0", "0"] - 0.8) < 0.01  # not 0.75, as by itself
    assert found.matrix("many").loc["0", "0"] == pytest.approx(0.8, abs=0.01)
    with pytest.raises(ArgumentError, match="segment must be one of"):
        found.matrix()


def test_intervals_cover_simulated_truth() -> None:
    """Rows are drawn from the prior itself, so that 90 % hold the truth by construction."""
    rng, covered, runs = np.random.default_rng(4), 0, 200
    for _ in range(runs):
        truth = rng.dirichlet([1.0, 1.0, 1.0], 3)
        counts = np.stack([rng.multinomial(40, row) for row in truth])
        bounds = switching(choices_of(counts)).matrix(interval=0.90)
        covered += bounds.loc["0", ("lower", "1")] < truth[0, 1] < bounds.loc["0", ("upper", "1")]
    assert covered / runs == pytest.approx(0.90, abs=MONTE_CARLO * np.sqrt(0.09 / runs))


def test_taste_is_told_from_loyalty() -> None:
    """Zero-order buyers with Beta(.5, .5) tastes seem to stay with 3 / 4; buyers with memory and one matrix do."""
    rng, customers, times = np.random.default_rng(3), 600, 12
    taste = rng.beta(0.5, 0.5, customers)
    by_taste = (rng.random((customers, times)) > taste[:, None]).astype(int)
    by_memory = np.zeros((customers, times), dtype=int)
    by_memory[:, 0] = rng.integers(0, 2, customers)
    for t in range(1, times):
        by_memory[:, t] = np.where(rng.random(customers) < 0.75, by_memory[:, t - 1], 1 - by_memory[:, t - 1])
    found = {}
    for name, state in {"taste": by_taste, "memory": by_memory}.items():
        days = pd.date_range("2024-01-01", periods=times)
        ids = np.arange(customers)
        table = pd.DataFrame({"id": ids.repeat(times), "day": np.tile(days, customers), "brand": state.ravel()})
        found[name] = switching(table)
        assert found[name].matrix().to_numpy().diagonal() == pytest.approx(
            [0.75, 0.75],
            abs=0.03,  # more than four standard errors over 600 tastes
        )
    of_taste, of_memory = (found[name].holdout["log_score"] for name in ("taste", "memory"))
    assert of_taste["taste"] > of_taste["switching"]
    assert of_memory["switching"] > of_memory["taste"]
    assert "may be taste" in found["taste"].summary()
    assert "foreseen better" in found["memory"].summary()


def test_concentrations_are_recovered_and_are_a_maximum() -> None:
    rng, truth = np.random.default_rng(5), np.array([0.5, 1.0, 2.0])
    counts = np.stack([rng.multinomial(10, shares) for shares in rng.dirichlet(truth, 3_000)]).astype(float)
    alpha = fit_concentrations(counts)
    assert alpha == pytest.approx(truth, rel=0.1)  # standard errors are about 3 %
    for i in range(3):
        for factor in (0.99, 1.01):
            moved = alpha.copy()
            moved[i] *= factor
            assert log_likelihood(counts, moved) < log_likelihood(counts, alpha)


@pytest.mark.parametrize(
    ("table", "sentence"),
    [
        ({"id": [1, 1], "day": ["2024-01-01", "2024-01-02"], "brand": ["a", "a"]}, "nothing to switch to"),
        ({"id": [1, 2], "day": ["2024-01-01", "2024-01-02"], "brand": ["a", "b"]}, "Nobody has chosen twice"),
        ({"id": [1, 1], "day": ["2024-01-01", "soon"], "brand": ["a", "b"]}, "no date in row 2"),
        ({"id": [1, None], "day": ["2024-01-01", "2024-01-02"], "brand": ["a", "b"]}, "no id"),
        ({"id": [1, 1], "day": ["2024-01-01", "2024-01-02"]}, "brand"),
    ],
)
def test_tables_that_say_nothing_are_refused(table: dict[str, list[object]], sentence: str) -> None:
    with pytest.raises(DataError, match=sentence):
        switching(pd.DataFrame(table))


def test_arguments_without_meaning_are_refused() -> None:
    found = switching(choices_of(np.array([[2, 2], [2, 2]])))
    for call in (
        lambda: found.matrix(steps=0),
        lambda: found.matrix("web"),
        lambda: found.value({"2": 1.0}, discount=0.9),
        lambda: found.value({"0": 1.0}, discount=1.0),
        lambda: found.value({"0": np.nan}, discount=0.9),
        lambda: found.matrix(interval=90),
    ):
        with pytest.raises(ArgumentError):
            call()
