"""The learned order leans on the model where few bought, and ranks by value or by likelihood."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from scipy import stats

import clvmodels as clv
from clvmodels.errors import ArgumentError
from clvmodels.evaluation.holdout.beside_rules import beside_rules
from clvmodels.evaluation.ranking.best import _Learned, _order, _trust
from clvmodels.evaluation.snapshots.prediction import Prediction
from tests.evaluation.conftest import COLUMNS, SPLIT

N = 400
RNG = np.random.default_rng(1)
MODEL, LEARNED, EXPECTED = (RNG.permutation(np.arange(1.0, N + 1)) for _ in range(3))
WHAT_WAS_LEARNED = _Learned(np.full(N, 0.5), LEARNED, EXPECTED)


@dataclass
class Past:
    """As much of a snapshot as an order asks for; all customers have the same past."""

    total: Any = None

    def __post_init__(self) -> None:
        self.total = np.ones(N)

    def daily_rate(self, days: float) -> Any:
        return np.ones(N)

    def column(self, name: str) -> Any:
        return np.zeros(N)


def order(trust: float, rank_by: Any) -> Any:
    past: Any = Past()
    return stats.rankdata(_order(past, WHAT_WAS_LEARNED, MODEL, trust, rank_by))


def test_without_trust_the_order_is_the_model_s() -> None:
    for rank_by in ("value", "likelihood"):
        assert np.array_equal(order(0.0, rank_by), stats.rankdata(MODEL))


def test_with_trust_likelihood_is_what_was_learned_and_value_follows_what_is_expected() -> None:
    assert np.array_equal(order(1.0, "likelihood"), stats.rankdata(LEARNED))
    followed = {by: stats.spearmanr(order(1.0, by), EXPECTED).statistic for by in ("value", "likelihood")}
    assert followed["value"] > 0.5  # the two orders and the model's have nothing to do with each other
    assert abs(followed["likelihood"]) < 3 / np.sqrt(N)  # chance


@pytest.mark.parametrize(("buyers", "trust"), [(0, 0.0), (300, 0.5), (2_700, 0.9)])
def test_trust_grows_with_the_buyers(buyers: int, trust: float) -> None:
    assert _trust(np.repeat([0.0, 2.0], [100, buyers])) == pytest.approx(trust, rel=1e-12)  # one division


def test_sentences_say_who_is_ahead() -> None:
    y = np.arange(N, dtype=float)
    good, bad, noise = y, -y, MODEL
    said = {
        word: beside_rules(
            y, {"best": Prediction(value=one), "past total": Prediction(value=other)},
            {"best": "combined", "past total": "baseline"}, 0.2, 0,
        )
        for word, one, other in (
            ("is ahead of", good, noise), ("is behind", bad, noise), ("can't be told apart from", good, good)
        )
    }  # fmt: skip
    for word, sentences in said.items():
        assert len(sentences) == 2
        assert all(f'"best" {word} past total, the best baseline' in one for one in sentences)
    assert beside_rules(y, {"best": Prediction(value=good)}, {"best": "combined"}, 0.2, 0) == []


def test_evaluate_ranks_by_what_is_asked(sample) -> None:
    options = {**COLUMNS, **SPLIT, "models": "best", "baselines": ["past total"], "intervals": False}
    value, likely = (clv.evaluate(sample, **options, rank_by=rank_by) for rank_by in ("value", "likelihood"))
    one, other = value.predictions["best", "value"], likely.predictions["best", "value"]
    assert one.sum() == pytest.approx(other.sum(), rel=1e-9)  # the same values in another order
    assert stats.spearmanr(one, other).statistic < 0.99
    assert value.table.loc["best", "top_capture"] > likely.table.loc["best", "top_capture"]
    assert "most valuable at the top" in value.notes[0]
    assert "likely to buy again at the top" in likely.notes[0]
    assert 'By rank correlation "best" is ahead of past total, the best baseline' in value.notes[1]
    with pytest.raises(ArgumentError, match="rank_by"):
        clv.evaluate(sample, **options, rank_by="luck")
