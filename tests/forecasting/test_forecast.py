"""`clv.forecast`: sums agree, ranges come from earlier errors, and it says what it did."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import clvmodels as clv
from clvmodels.errors import ArgumentError, ClvWarning, FileFormatError
from tests.reference.tolerances import PREDICTION, SUMMATION

CDNOW = {"customer": "customer_id", "date": "date", "amount": "amount"}
QUANTITIES = ("purchases", "buyers", "revenue")


def test_one_number_for_one_thing(retail_forecast: clv.Forecast) -> None:
    total, table, each = retail_forecast.total, retail_forecast.table, retail_forecast.customers
    # sums of the same numbers in another order
    assert table["purchases"].sum() == pytest.approx(total.loc["purchases", "estimate"], rel=1e-9)
    assert table["revenue"].sum() == pytest.approx(total.loc["revenue", "estimate"], rel=PREDICTION)
    assert each["expected_purchases"].sum() == pytest.approx(total.loc["purchases", "estimate"], rel=SUMMATION)
    assert each["purchase_probability"].sum() == pytest.approx(total.loc["buyers", "estimate"], rel=SUMMATION)
    assert each["value"].sum() == pytest.approx(total.loc["revenue", "estimate"], rel=SUMMATION)
    assert np.allclose(each["value"], each["expected_purchases"] * each["expected_spend"], rtol=SUMMATION)
    assert (each["purchase_probability"] <= each["expected_purchases"] + 1e-12).all()


def test_ranges_hold_the_estimate_and_widen_with_the_level(retail_forecast: clv.Forecast) -> None:
    narrow = retail_forecast.with_interval(0.5)
    for wide, tight in ((retail_forecast.total, narrow.total), (retail_forecast.table, narrow.table)):
        for name in QUANTITIES:
            columns = (name, f"{name}_lower", f"{name}_upper") if name in wide else ("estimate", "lower", "upper")
            rows = slice(None) if name in wide else name
            estimate, lower, upper = (wide.loc[rows, column] for column in columns)
            assert np.all(lower < estimate)
            assert np.all(estimate < upper)
            assert np.all(tight.loc[rows, columns[1]] > lower)
            assert np.all(tight.loc[rows, columns[2]] < upper)
    own = retail_forecast.model_range
    assert (own["lower"] < own["estimate"]).all()
    assert (own["estimate"] < own["upper"]).all()


def test_values_are_off_as_the_revenue_is(sample_forecast: clv.Forecast) -> None:
    value = sample_forecast.lifetime_value(annual_discount_rate=0.10, margin=0.30)
    total, revenue = value.attrs["total"]["lifetime_value"], sample_forecast.range_of("revenue")
    worth = value["lifetime_value"].sum()
    expected = [worth, worth * revenue[1] / revenue[0], worth * revenue[2] / revenue[0]]
    assert list(total.values()) == pytest.approx(expected, rel=SUMMATION)
    assert value.attrs["interval"] == sample_forecast.interval
    for_life = sample_forecast.lifetime_value(annual_discount_rate=0.10, for_life=True)
    assert "total" not in for_life.attrs
    # and so the profit of a campaign has a range that holds this error
    plan = clv.target(value, clv.Activity(name="call", cost=0.0, effect=0.1))
    assert plan.profit_upper - plan.profit_lower == pytest.approx(
        0.1 * (total["upper"] - total["lower"]), rel=SUMMATION
    )


def test_earlier_forecasts_are_those_of_the_log_until_then(sample_forecast: clv.Forecast) -> None:
    path = clv.datasets.path("cdnow_sample")
    assert len(sample_forecast.earlier) == 2
    for origin, row in sample_forecast.earlier.iterrows():
        split = clv.holdout_split(
            path, **CDNOW, calibration_end=origin, observation_end=origin + pd.Timedelta(days=int(row["days"]))
        )
        expected = clv.fit(split.calibration, "bg/nbd").expected_purchases(split.duration).sum()
        assert row["purchases_expected"] == pytest.approx(expected, rel=1e-6)  # two searches for the same maximum
        assert row["purchases_actual"] == split.table["frequency"].sum()
        assert row["buyers_actual"] == (split.table["frequency"] > 0).sum()
        assert row["revenue_actual"] == pytest.approx(split.table["spend"].sum(), rel=SUMMATION)
    off = sample_forecast.earlier["purchases_error"].abs().mean()
    assert f"at 2 earlier dates it was off by {off:.0%}".replace("%", " %") in sample_forecast.summary()


def test_nothing_after_the_end_has_an_influence() -> None:
    log = clv.datasets.load_cdnow(sample=True)
    before = clv.forecast(log[log["date"] <= "1997-09-30"], **CDNOW, observation_end="1997-09-30", horizon="13W")
    after = clv.forecast(log, **CDNOW, observation_end="1997-09-30", horizon="13W")
    pd.testing.assert_frame_equal(before.table, after.table)
    pd.testing.assert_frame_equal(before.earlier, after.earlier)


def test_a_log_customers_and_a_fit_give_the_same(sample_forecast: clv.Forecast) -> None:
    customers = clv.summarize(
        clv.datasets.path("cdnow_sample"), **CDNOW, observation_end="1997-09-30", keep_purchases=True
    )
    of_customers = clv.forecast(customers, horizon="39W", model="bg/nbd")
    of_fit = clv.forecast(clv.fit(customers, "bg/nbd"), horizon="39W")
    loaded = clv.forecast(clv.fit(customers, "bg/nbd"), customers=customers, horizon=39)
    for one in (of_customers, of_fit, loaded):
        pd.testing.assert_frame_equal(one.table, sample_forecast.table)
        pd.testing.assert_frame_equal(one.total, sample_forecast.total)


def test_customers_without_their_purchases_get_the_range_of_other_logs(cdnow: clv.Customers) -> None:
    forecast = clv.forecast(cdnow, horizon="39W")
    assert forecast.earlier.empty
    assert forecast.past.empty
    assert "no season was looked for: pass the log" in forecast.summary()
    _, lower, upper = forecast.range_of("purchases")
    assert 0.1 < np.log(upper / lower) / 2 < 0.2  # 1.6 times 10 % and chance
    assert forecast.has_revenue  # by "gamma-gamma", which needs means alone


def test_online_retail_has_ranges_where_a_parameter_is_not_identified() -> None:
    from clvmodels.evaluation.studies.accuracy import online_retail

    for end in ("2010-06-30", "2010-12-09", "2011-06-30"):
        forecast = clv.forecast(
            online_retail(),
            customer="customer_id",
            date="timestamp",
            order="order_id",
            observation_end=end,
            horizon="3M",
        )
        assert np.isfinite(forecast.total.to_numpy()).all()
        assert np.isfinite(forecast.model_range.to_numpy()).all()


def test_a_forecast_is_saved_and_loaded(tmp_path: Path, retail_forecast: clv.Forecast) -> None:
    retail_forecast.save(tmp_path / "forecast.json")
    loaded = clv.load(tmp_path / "forecast.json")
    assert isinstance(loaded, clv.Forecast)
    for name in ("table", "total", "model_range", "customers", "earlier", "past"):
        pd.testing.assert_frame_equal(getattr(loaded, name), getattr(retail_forecast, name), check_dtype=False)
    assert loaded.summary() == retail_forecast.summary()
    (tmp_path / "forecast.customers.parquet").unlink()
    with pytest.raises(FileFormatError, match="customers of this forecast are missing"):
        clv.load(tmp_path / "forecast.json")
    (tmp_path / "forecast.json").write_text('{"format": "clvmodels forecast", "version": 99}')
    with pytest.raises(FileFormatError, match="version 99"):
        clv.load(tmp_path / "forecast.json")
    (tmp_path / "forecast.json").write_text('{"format": "clvmodels forecast", "version": 1}')
    with pytest.raises(FileFormatError, match="damaged"):
        clv.load(tmp_path / "forecast.json")


def test_tables_cannot_be_changed(sample_forecast: clv.Forecast) -> None:
    table = sample_forecast.customers
    table["expected_purchases"] = 0.0
    assert sample_forecast.customers["expected_purchases"].sum() > 0


def test_one_day_with_many_purchases_is_pointed_out() -> None:
    log = clv.datasets.load_cdnow(sample=True)
    extra = pd.DataFrame(
        {"customer_id": log["customer_id"].unique()[:600], "date": pd.Timestamp("1997-08-20"), "amount": 10.0}
    )
    with pytest.warns(ClvWarning, match=r"% of all purchases are on one day, 1997-08-20"):
        forecast = clv.forecast(pd.concat([log, extra]), **CDNOW, horizon="13W")
    assert any("one day" in sentence for sentence in forecast.warnings)


@pytest.mark.parametrize("by", ["week", "month", "quarter"])
def test_every_period_is_finite_and_sums_agree(by: str) -> None:
    log = clv.datasets.load_cdnow(sample=True).query("customer_id <= 200")
    forecast = clv.forecast(log, **CDNOW, horizon="100D", by=by)
    assert np.isfinite(forecast.table.select_dtypes("number").to_numpy()).all()
    assert forecast.table["purchases"].sum() == pytest.approx(forecast.range_of("purchases")[0], rel=PREDICTION)


def test_tiny_logs_are_forecast_too() -> None:
    log = pd.DataFrame({
        "id": [1, 1, 2, 2, 2, 3, 4], "paid": [5.0, 6.0, 7.0, 8.0, 9.0, 4.0, 0.0],
        "day": ["2024-01-01", "2024-02-01", "2024-01-05", "2024-01-20", "2024-02-20", "2024-02-21", "2024-02-22"],
    })  # fmt: skip
    forecast = clv.forecast(log, customer="id", date="day", amount="paid", horizon="1M")
    assert np.isfinite(forecast.table.select_dtypes("number").to_numpy()).all()
    assert "No earlier forecast" in forecast.summary()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"horizon": "0D"}, "horizon"),
        ({"by": "year"}, "by must be"),
        ({"interval": 1.0}, "interval"),
        ({"model": "gamma-gamma"}, "purchase model"),
        ({"spend": "bg/nbd"}, "one of purchases"),
        ({"observation_end": "2020-01-01"}, "only for a log"),
        ({"customer": "id"}, "only for a log"),
    ],
)
def test_arguments_without_a_meaning_are_refused(cdnow: clv.Customers, arguments: dict, message: str) -> None:
    with pytest.raises(ArgumentError, match=message):
        clv.forecast(cdnow, **arguments)


def test_what_has_no_day_or_no_data_is_refused(cdnow: clv.Customers, tmp_path: Path) -> None:
    with pytest.raises(ArgumentError, match="don't know the last day"):
        clv.forecast(replace(cdnow, observation_end=None))
    clv.fit(cdnow, "bg/nbd").save(tmp_path / "model.json")
    with pytest.raises(ArgumentError, match="carries no data"):
        clv.forecast(clv.load(tmp_path / "model.json"))
    with pytest.raises(ArgumentError, match="Leave model= out"):
        clv.forecast(clv.fit(cdnow, "bg/nbd"), model="nbd")
    with pytest.raises(ArgumentError, match="customers= goes with a fit"):
        clv.forecast(clv.datasets.path("cdnow_sample"), customers=cdnow, **CDNOW)
