"""The three commands: what they write, what they say, and how they end."""

import json
import re
from pathlib import Path

import pandas as pd
import pytest

import clvmodels as models_of_value
from clvmodels import datasets
from clvmodels.scoring.columns import MEANINGS
from tests.reference.tolerances import PREDICTION

SUMMARY = ["customer_id", "frequency", "recency", "T", "monetary_value"]
PREDICTED = ["probability_alive", "purchase_probability", "attrition_risk", "expected_purchases"]
VALUED = ["expected_spend", "lifetime_value"]
SAMPLE = datasets.path("cdnow_sample")
TO_39_WEEKS = (SAMPLE, "--observation-end", "1997-09-30")


def test_score_writes_a_row_for_each_of_23570_cdnow_customers(clv):
    result = clv("score", datasets.path("cdnow"), "--observation-end", "1997-09-30", "--currency", "USD")
    assert (result.exit_code, result.stderr) == (0, "")
    scores = pd.read_csv("scores.csv")
    assert list(scores) == list(MEANINGS)
    assert len(scores) == scores["customer_id"].nunique() == 23_570
    assert scores.drop(columns=["mean_spend", "expected_next_purchase"]).notna().all(axis=None)
    assert (scores["rank"] == scores.index + 1).all()  # the best first
    assert scores["lifetime_value"].is_monotonic_decreasing
    total = float(re.search(r"Value of the base \[USD\] +([\d,]+) *\n", result.stdout)[1].replace(",", ""))
    assert scores["lifetime_value"].sum() == pytest.approx(total, rel=1e-4)  # of values in cents
    assert "Wrote scores.csv: 23,570 customers, 17 columns." in result.stdout


def test_score_takes_a_fit_of_any_method(clv):
    customers = models_of_value.summarize(SAMPLE, customer="customer_id", date="date", observation_end="1997-09-30")
    models_of_value.fit(customers, "bg/nbd", method="laplace", draws=200).save("model.json")
    result = clv("score", *TO_39_WEEKS, "--model", "model.json")
    assert result.exit_code == 0, result.stderr
    assert "posterior by Laplace's method" in result.stdout


def test_score_gives_what_python_gives(clv):
    terms = ["--horizon", "39W", "--discount-rate", "0.15", "--margin", "0.3", "--cost-per-purchase", "1"]
    result = clv("score", *TO_39_WEEKS, *terms, "--retention-cost-per-year", "2", "-o", "scores.parquet")
    assert result.exit_code == 0, result.stderr
    forecast = models_of_value.forecast(
        SAMPLE, customer="customer_id", date="date", amount="amount", observation_end="1997-09-30", horizon="39W"
    )
    value = forecast.lifetime_value(
        annual_discount_rate=0.15, margin=0.3, cost_per_purchase=1.0, retention_cost_per_year=2.0
    )
    scores = pd.read_parquet("scores.parquet").set_index("customer_id")
    pd.testing.assert_frame_equal(scores[PREDICTED + VALUED], value, rtol=1e-9)  # amounts are summed in any order
    assert scores["expected_purchases"].sum() == pytest.approx(forecast.range_of("purchases")[0], rel=1e-9)


def test_a_saved_model_scores_as_the_fitted_one(clv):
    models = ["--purchase-model", "bg/nbd", "--spend-model", "gamma-gamma"]
    assert clv("score", *TO_39_WEEKS, *models, "-o", "fitted.parquet").exit_code == 0
    assert clv("fit", *TO_39_WEEKS, "-o", "model.json", "--currency", "USD").exit_code == 0
    result = clv("score", *TO_39_WEEKS, "--model", "model.json", "-o", "loaded.parquet")
    assert (result.exit_code, result.stderr) == (0, "")
    fitted, loaded = pd.read_parquet("fitted.parquet"), pd.read_parquet("loaded.parquet")
    names = ["customer_id", "purchases", *PREDICTED]
    pd.testing.assert_frame_equal(fitted[names], loaded[names], rtol=PREDICTION)
    # a forecast moves the level of spend to that of late, for all alike
    level = fitted["expected_spend"] / loaded["expected_spend"]
    assert level.max() == pytest.approx(level.min(), rel=PREDICTION)
    assert "from model.json" in result.stdout
    assert "Value of the base [USD]" in result.stdout


def test_csv_and_parquet_hold_the_same(clv):
    for name in ("scores.csv", "exact.csv", "scores.parquet"):
        assert clv("score", *TO_39_WEEKS, "-o", name, *(["--as-is"] if name == "exact.csv" else [])).exit_code == 0
    stored = pd.read_parquet("scores.parquet")
    assert stored.attrs["columns"] == MEANINGS
    stored = stored.sort_values("rank", ignore_index=True)
    found, exact = (
        pd.read_csv(name, parse_dates=["first_purchase", "last_purchase", "expected_next_purchase"])
        for name in ("scores.csv", "exact.csv")
    )
    stored = stored.assign(stage=stored["stage"].astype("str"))
    # pandas can miss the last digit when it reads a number
    pd.testing.assert_frame_equal(exact, stored, rtol=1e-14, atol=0, check_dtype=False)
    pd.testing.assert_frame_equal(found, stored, rtol=1e-3, atol=0.005, check_dtype=False)  # four digits
    assert found["attrition_risk"].map(lambda risk: len(f"{risk:.12g}")).max() <= 8


def test_a_folder_holds_what_score_writes_to_a_file(clv):
    assert clv("fit", *TO_39_WEEKS, "-o", "model.json").exit_code == 0
    log = datasets.load_cdnow(sample=True)
    log.to_parquet("log.parquet")
    common = ["log.parquet", "--observation-end", "1997-09-30", "--model", "model.json", "--margin", "0.3"]
    result = clv("score", *common, "-o", "scores/")
    assert (result.exit_code, result.stderr) == (0, "")
    assert "Wrote scores: 2,357 customers." in result.stdout
    assert clv("score", *common, "--memory", "1GiB", "-o", "parts.parquet").exit_code == 0
    assert clv("score", *common, "-o", "scores.parquet").exit_code == 0
    whole = pd.read_parquet("scores.parquet")
    names = ["customer_id", "purchases", *PREDICTED, *VALUED]
    for parts in ("scores", "parts.parquet"):
        found = pd.read_parquet(parts)
        assert list(found) == list(whole)
        pd.testing.assert_frame_equal(found[names], whole[names], rtol=1e-9)  # amounts are summed in any order


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (["-o", "scores/"], "need --model FILE"),
        (["--memory", "2GiB"], "need --model FILE"),
        (["--memory", "2GiB", "--model", "model.json"], "Name a folder"),
        (["--memory", "a lot", "--model", "model.json", "-o", "scores"], "memory must be a size"),
    ],
)
def test_scores_in_parts_that_can_not_be(clv, given, words):
    customers = models_of_value.summarize(SAMPLE, customer="customer_id", date="date", observation_end="1997-09-30")
    models_of_value.fit(customers, "bg/nbd").save("model.json")
    result = clv("score", *TO_39_WEEKS, *given)
    assert result.exit_code == 2
    assert words in result.stderr


def test_summarize_writes_what_customers_are_made_of(clv):
    result = clv("summarize", *TO_39_WEEKS, "--unit", "day", "--output", "customers.csv")
    assert (result.exit_code, result.stderr) == (0, "")
    assert "2,357 customers, time in days" in result.stdout
    table = pd.read_csv("customers.csv")
    assert list(table) == [*SUMMARY, "spend_frequency"]
    # customer 1 of the sample: purchases on days 0, 17 and 213 of 272
    assert table.loc[0, ["frequency", "recency", "T"]].tolist() == [2, 213, 272]
    assert len(models_of_value.Customers.from_frame(table, unit="day")) == 2357


def test_fit_writes_both_fits_to_one_small_file(clv):
    result = clv("fit", *TO_39_WEEKS)
    assert (result.exit_code, result.stderr) == (0, "")
    content = json.loads(Path("model.json").read_text(encoding="utf-8"))
    assert [fit["model"] for fit in content["fits"]] == ["bg/nbd", "gamma-gamma"]
    assert re.search(r"r +0\.2426 +0\.0126 +0\.2192 to 0\.2685", result.stdout)  # Fader, Hardie and Lee (2005)


def test_fit_chooses_k_of_regular_buyers_from_the_log(clv):
    result = clv("fit", *TO_39_WEEKS, "--purchase-model", "mbg/cnbd-k")
    assert (result.exit_code, result.stderr) == (0, "")
    content = json.loads(Path("model.json").read_text(encoding="utf-8"))
    assert content["fits"][0]["model"] == "mbg/cnbd-1"
    assert content["fits"][0]["log_likelihood"] == pytest.approx(-9582.14, abs=5e-3)  # as BTYDplus has it


def test_without_amounts_purchases_only(clv):
    result = clv("score", *TO_39_WEEKS, "--amount", "none")
    assert result.exit_code == 0
    assert list(pd.read_csv("scores.csv")) == [one for one in MEANINGS if one not in (*VALUED, "group")]
    assert "neither spend nor value" in result.stderr
    assert "Value" not in result.stdout
    assert "customers with most purchases to come" in result.stdout
    assert clv("fit", *TO_39_WEEKS, "--amount", "none").exit_code == 0
    result = clv("score", *TO_39_WEEKS, "--model", "model.json")
    assert result.exit_code == 0
    assert "model.json holds no model of spend" in result.stderr


def test_for_life_counts_are_of_a_year(clv):
    result = clv("score", *TO_39_WEEKS, "--horizon", "life")
    assert result.exit_code == 0
    assert "The next year" in result.stdout
    assert "Value of the base for life" in result.stdout
    life = pd.read_csv("scores.csv")
    assert clv("score", *TO_39_WEEKS, "--horizon", "1Y").exit_code == 0
    year = pd.read_csv("scores.csv")
    life, year = (one.sort_values("customer_id", ignore_index=True) for one in (life, year))
    assert (life["expected_purchases"] == year["expected_purchases"]).all()
    assert (life["lifetime_value"] > year["lifetime_value"]).all()


def test_several_files_and_a_pattern_are_one_log(clv, tmp_path):
    log = datasets.load_cdnow(sample=True)
    log[:3000].to_csv("a.csv", index=False)
    log[3000:].to_csv("b.csv", index=False)
    for words in (["a.csv", "b.csv"], [tmp_path / "[ab].csv"]):
        result = clv("summarize", *words, "--output", "customers.parquet")
        assert result.exit_code == 0, result.stderr
        assert len(pd.read_parquet("customers.parquet")) == 2357


def test_what_was_guessed_and_what_was_replaced_is_said(clv):
    assert "Wrote customers.csv" in clv("summarize", SAMPLE).stdout
    result = clv("summarize", SAMPLE, "--customer", "customer_id")
    assert "Replaced customers.csv" in result.stdout
    assert re.search(r"Customer +customer_id *\n", result.stdout)
    assert re.search(r"Date +date +guessed; --date names another", result.stdout)


def test_quiet_says_nothing(clv):
    for words in (["--quiet", "score", SAMPLE], ["score", SAMPLE, "-q"]):
        result = clv(*words)
        assert (result.exit_code, result.output) == (0, "")


def test_top_0_lists_no_customers(clv):
    assert "customers with the highest" not in clv("score", SAMPLE, "--top", 0).stdout


@pytest.mark.parametrize("width", [80, 120])
def test_nothing_is_wider_than_the_terminal(clv, monkeypatch, width):
    monkeypatch.setenv("COLUMNS", str(width))
    result = clv("score", *TO_39_WEEKS, "--currency", "USD")
    assert max(map(len, result.stdout.splitlines())) <= width
    assert "…" not in result.stdout


def test_long_ids_are_not_cut(clv, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    log = datasets.load_cdnow(sample=True)
    log["customer_id"] = "2c5ea4c0-4067-11e9-8bad-" + log["customer_id"].astype(str).str.zfill(12)
    log.to_csv("log.csv", index=False)
    result = clv("score", "log.csv", "--top", 3)
    assert len(re.findall(r"2c5ea4c0-4067-11e9-8bad-\d{12}", result.stdout)) == 3


def test_warnings_of_the_package_are_sentences(clv):
    days = pd.date_range("2024-01-01", periods=60).strftime("%Y-%m-%d")
    pd.DataFrame({"customer_id": range(60), "date": days}).to_csv("log.csv", index=False)
    result = clv("score", "log.csv")
    assert result.exit_code == 0
    warned = [line for line in result.stderr.splitlines() if line.startswith("Warning: ")]
    assert any("weak priors hold them" in line for line in warned)
    assert not any("BG/NBD: BG/NBD:" in line for line in warned)
    assert "IdentificationWarning" not in result.output


def test_names_that_look_like_markup_are_printed_as_they_are(clv):
    log = datasets.load_cdnow(sample=True).rename(columns={"customer_id": "[bold]"})
    log.to_csv("log.csv", index=False)
    assert "[bold]" in clv("summarize", "log.csv", "--customer", "[bold]").stdout


def test_spend_from_every_purchase_is_fitted_and_used_again(clv):
    assert clv("fit", *TO_39_WEEKS, "--spend-model", "gamma-gamma-amounts").exit_code == 0
    again = clv("score", *TO_39_WEEKS, "--model", "model.json", "--as-is")
    assert (again.exit_code, again.stderr) == (0, "")
    assert "2,349 customers with spend" in " ".join(again.stdout.split())
    options = [
        "--purchase-model",
        "bg/nbd",
        "--spend-model",
        "gamma-gamma-amounts",
        "--output",
        "direct.csv",
        "--as-is",
    ]
    assert clv("score", *TO_39_WEEKS, *options).exit_code == 0
    direct, scores = (pd.read_csv(name).set_index("customer_id").sort_index() for name in ("direct.csv", "scores.csv"))
    pd.testing.assert_frame_equal(direct[PREDICTED], scores[PREDICTED], rtol=PREDICTION)


def test_an_end_long_after_the_last_line_is_pointed_out(clv, tmp_path):
    log = tmp_path / "log.csv"
    datasets.load_cdnow(sample=True).to_csv(log, index=False)
    assert "Warning" not in clv("summarize", log, "--output", tmp_path / "customers.csv").stderr
    late = clv("summarize", log, "--observation-end", "1999-06-30", "--output", tmp_path / "customers.csv")
    assert late.exit_code == 0
    assert "Warning: The last purchase was 365 days before the end" in " ".join(late.stderr.split())
