"""What came in a holdout, by the periods of a forecast."""

import pandas as pd
import pytest

import clvmodels as clv
from clvmodels.evaluation.holdout.forecast_scores import actual_periods, actual_totals, forecast_scores

COLUMNS = {"customer": "customer_id", "date": "date", "amount": "amount"}


@pytest.fixture(scope="module")
def parts() -> tuple[clv.Log, object, clv.Forecast]:
    log = clv.Log(clv.datasets.load_cdnow(sample=True), **COLUMNS)
    split = clv.holdout_split(log, calibration_end="1997-10-15", observation_end="1998-01-20", keep_purchases=True)
    forecast = clv.forecast(split.calibration, horizon="97D", model="bg/nbd")
    return log, split, forecast


def test_periods_of_the_holdout_sum_to_its_totals(parts) -> None:
    log, split, forecast = parts
    periods, totals = actual_periods(log, split, forecast), actual_totals(split)
    assert periods.index.equals(forecast.table.index)
    assert periods["purchases"].sum() == totals["purchases"]
    assert periods["revenue"].sum() == pytest.approx(totals["revenue"], rel=1e-12)  # in another order
    december = log.data[(log.data["date"] >= "1997-12-01") & (log.data["date"] <= "1997-12-31")]
    assert periods.loc["1997-12-31", "purchases"] == len(december.drop_duplicates(["customer_id", "date"]))


def test_every_total_and_period_is_scored_for_both_kinds_of_range(parts) -> None:
    log, split, forecast = parts
    scores = forecast_scores(forecast, actual_totals(split), actual_periods(log, split, forecast))
    total = scores[scores["kind"] == "total"]
    assert len(total) == 3 * 2 * 2  # quantities, kinds of range, levels
    assert set(total["range"]) == {"earlier errors", "model"}
    months = scores[scores["kind"] == "month"]
    assert len(months) == 4 * 2 * 2  # months, quantities, levels
    assert months["whole"].sum() == 2 * 2 * 2
    row = total[(total["quantity"] == "purchases") & (total["level"] == 0.9) & (total["range"] == "earlier errors")]
    estimate, lower, upper = forecast.with_interval(0.9).range_of("purchases")
    assert row[["estimate", "lower", "upper"]].to_numpy().tolist() == [[estimate, lower, upper]]
    assert row["covered"].item() == (lower <= split.table["frequency"].sum() <= upper)
    assert pd.isna(row["period_end"].item())


def test_evaluate_and_backtest_take_forecasts() -> None:
    log = clv.datasets.load_cdnow(sample=True)
    options = {**COLUMNS, "baselines": ["past total"], "intervals": False, "forecast": "bg/nbd"}
    result = clv.backtest(log, **options, horizon="13W", origins=["1997-09-30", "1997-12-30"])
    one = result.evaluations[pd.Timestamp("1997-09-30")]
    assert one.forecast is not None
    assert one.forecast.range_of("purchases")[0] == pytest.approx(
        one.predictions["bg/nbd", "count"].sum(), rel=1e-9
    )  # the same fit
    assert any(note.startswith("Forecast of purchases by BG/NBD:") for note in one.notes)
    mean = result.forecast_mean
    assert mean.loc[("total", "purchases", "earlier errors", 0.9), "number"] == 2
    assert "earlier errors" in repr(result)
    assert "earlier errors" in result._repr_html_()
    without = clv.evaluate(log, **COLUMNS, calibration_end="1997-09-30", baselines=False, intervals=False)
    assert without.forecast is None
