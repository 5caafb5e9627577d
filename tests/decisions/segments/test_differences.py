"""What the best customers differ by."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import chi2_contingency, fisher_exact, ttest_ind

import clvmodels as clv
from clvmodels.decisions.segments.differences import shares_differ
from clvmodels.errors import ClvError, DataError

SAME = 1e-9  # relative, of the same test computed another way


def test_standardised_difference_and_lift() -> None:
    """{3, 5, 7} against {1, 2, 3, 4}: d 1.485; .60 among the best and .25 among all: lift 2.4."""
    value = pd.Series([9.0, 8.0, 7.0, 1.0, 2.0, 1.0, 2.0])
    found = clv.segment(value, q=2).differences(pd.DataFrame({"age": [3, 5, 7, 1, 2, 3, 4]}), top=0.4)
    assert found["difference"].tolist() == pytest.approx([1.485], abs=5e-4)  # printed to three digits
    assert found.loc[0, ["best", "rest"]].tolist() == [5.0, 2.5]
    assert found.loc[0, "p_value"] == pytest.approx(
        ttest_ind([3, 5, 7], [1, 2, 3, 4], equal_var=False).pvalue, rel=SAME
    )
    many = pd.Series(np.r_[np.full(10, 5.0), np.ones(90)])
    web = pd.DataFrame({"channel": ["web"] * 6 + ["shop"] * 4 + ["web"] * 19 + ["shop"] * 71})
    lifts = clv.segment(many).differences(web, top=0.1).set_index("level")
    assert lifts.loc["web", ["best", "lift"]].tolist() == pytest.approx([0.6, 2.4])


def test_tests_of_two_shares() -> None:
    plain = chi2_contingency([[60, 40], [25, 75]], correction=False).pvalue
    assert shares_differ(60, 100, 25, 100) == pytest.approx(plain, rel=SAME)
    assert shares_differ(2, 5, 1, 90) == pytest.approx(fisher_exact([[2, 3], [1, 89]]).pvalue, rel=SAME)


def test_false_discoveries_are_controlled() -> None:
    """40 attributes of 2,000 customers, 5 that matter: of those found, 35/40 of 5 % are chance (here 4.1 %)."""
    rng, rates, found_true, runs = np.random.default_rng(8), [], 0, 50
    for _ in range(runs):
        best = np.arange(2_000) < 200
        attributes = rng.normal(size=(2_000, 40))
        attributes[best, :5] += 0.4
        frame = pd.DataFrame(attributes, columns=[f"a{i:02}" for i in range(40)])
        table = clv.segment(pd.Series(best + 0.0)).differences(frame, top=0.1, rate=0.05)
        hits = table.loc[table["differs"], "attribute"]
        false = (hits >= "a05").sum()
        rates.append(false / max(1, len(hits)))
        found_true += len(hits) - false
    error = np.std(rates) / np.sqrt(runs)
    assert np.mean(rates) == pytest.approx(0.05 * 35 / 40, abs=4.0 * error)  # four standard errors
    assert found_true / (5 * runs) > 0.99


def test_parts_of_value_and_constants_are_left_out_and_gaps_are_a_level() -> None:
    rng = np.random.default_rng(1)
    value = pd.Series(rng.lognormal(size=300), index=[f"c{i}" for i in range(300)])
    frame = pd.DataFrame(
        {
            "customer_id": value.index, "frequency": value.to_numpy(), "lifetime_value": value.to_numpy(), "same": 1,
            "age": np.where(rng.random(300) < 0.1, np.nan, rng.normal(40, 9, 300)), "member": rng.random(300) < 0.5,
            "town": rng.choice(["Ulm", "Bonn", None], 300),
        }
    ).sample(frac=1.0, random_state=3)  # fmt: skip
    table = clv.segment(value).differences(frame)
    assert set(table["attribute"]) == {"age", "member", "town"}
    assert set(table.loc[table["attribute"] == "town", "level"]) == {"Ulm", "Bonn", "missing"}
    assert not table[["best", "rest", "p_value", "adjusted_p"]].isna().any(axis=None)
    known = frame.set_index("customer_id")["age"]
    best = value.nlargest(30).index
    row = table.set_index("attribute").loc["age"]
    assert row["best"] == pytest.approx(known[best].mean(), rel=SAME)


def test_what_can_not_be_compared() -> None:
    value = pd.Series(np.arange(20.0))
    tiers = clv.segment(value)
    for wrong in (
        pd.DataFrame({"same": [1] * 20}), pd.DataFrame({"x": [1.0, np.inf] * 10}),
        pd.DataFrame({"x": range(10)}), "table",
    ):  # fmt: skip
        with pytest.raises(ClvError):
            tiers.differences(wrong)
    with pytest.raises(DataError, match="levels"):
        clv.segment(pd.Series(np.arange(60.0))).differences(pd.DataFrame({"name": [f"n{i}" for i in range(60)]}))
    ages = pd.DataFrame({"age": range(20)})
    with pytest.raises(DataError, match="too many values are equal"):
        clv.segment(pd.Series([1.0] * 20)).differences(ages)
    for options in ({"top": 0.0}, {"top": 1.0}, {"rate": 2.0}):
        with pytest.raises(ClvError):
            tiers.differences(ages, **options)
