"""A small business, and what each public function needs of it: what the test of hostile arguments calls them with."""

from __future__ import annotations

import warnings
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import clvmodels as clv

COLUMNS = {"customer": "customer_id", "date": "date"}
WITH_AMOUNT = {**COLUMNS, "amount": "amount"}


class Business:
    """Fifty-nine customers over a year and a half, and what is made of them; each when it is asked for."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.made: dict[str, Any] = {}  # results by their class

    @cached_property
    def needed(self) -> dict[str, dict[str, Any]]:
        return needed(self)

    @cached_property
    def log(self) -> pd.DataFrame:
        sample = clv.datasets.load_cdnow(sample=True)
        ids = np.sort(sample["customer_id"].unique())[::40]
        return sample[sample["customer_id"].isin(ids)].reset_index(drop=True)

    @cached_property
    def customers(self) -> clv.Customers:
        customers = clv.summarize(self.log, **WITH_AMOUNT, unit="week", keep_purchases=True)
        ids = customers.table.index
        return customers.join(pd.DataFrame({"channel": np.where(np.arange(len(ids)) % 2, "web", "shop")}, index=ids))

    @cached_property
    def purchases(self) -> Any:
        return clv.fit(self.customers, "bg/nbd")

    @cached_property
    def spend(self) -> Any:
        return clv.fit(self.customers, "gamma-gamma")

    @cached_property
    def with_covariates(self) -> Any:
        covariates = clv.Covariates(purchase="channel", penalty=1.0)
        return clv.fit(self.customers, "bg/nbd", method="laplace", draws=50, covariates=covariates)

    @cached_property
    def with_calendar(self) -> Any:
        calendar = clv.Calendar(season=1, tenure=False, cohort=False)
        return clv.fit(self.customers, "mbg/nbd", calendar=calendar)

    @cached_property
    def subscriptions(self) -> clv.Subscriptions:
        active = [1000, 869, 743, 653, 593, 551, 517, 491]  # Fader and Hardie (2007), high end
        return clv.Subscriptions.from_survival(active, unit="year")

    @cached_property
    def renewals(self) -> Any:
        return clv.fit(self.subscriptions, "sbg")

    @cached_property
    def invoices(self) -> pd.DataFrame:
        due = pd.to_datetime(["2024-01-01", "2024-02-01", "2024-03-01"] * 20)
        late = np.arange(60) % 7 < np.repeat(range(4), 15)  # some customers pay, some hardly do
        ids = np.repeat(range(20), 3)
        return pd.DataFrame({"customer_id": ids, "due": due, "paid": due.where(~late), "amount": 10.0})

    @cached_property
    def payments(self) -> clv.Payments:
        return clv.Payments.from_invoices(self.invoices, **INVOICES)

    @cached_property
    def payment_fit(self) -> Any:
        return clv.fit(self.payments, "beta-binomial")

    @property
    def fits(self) -> list[Any]:
        return [
            self.purchases, self.spend, self.renewals, self.payment_fit, self.with_covariates, self.with_calendar,
        ]  # fmt: skip

    @cached_property
    def split(self) -> Any:
        return clv.holdout_split(self.log, **WITH_AMOUNT, unit="week", calibration_end="1997-09-30")

    @cached_property
    def value(self) -> pd.DataFrame:
        return clv.lifetime_value(self.purchases, self.spend, horizon="26W", annual_discount_rate=0.1)

    @cached_property
    def choices(self) -> pd.DataFrame:
        days = pd.date_range("2024-01-01", periods=12)
        return pd.DataFrame({"customer_id": np.repeat([1, 2, 3], 4), "date": days, "brand": ["a", "b", "b", "a"] * 3})

    @cached_property
    def switching(self) -> clv.Switching:
        return clv.Switching.from_choices(self.choices, **COLUMNS, state="brand")

    @cached_property
    def tested(self) -> pd.DataFrame:
        """A randomised test on every other customer."""
        mailed = np.arange(len(self.value)) % 2
        return self.value.assign(mailed=mailed, spent=mailed + self.value["lifetime_value"])

    @cached_property
    def randomisedtest(self) -> clv.RandomisedTest:
        return clv.RandomisedTest.of(self.tested.assign(tier="a"), **TESTED, segment="tier")

    @cached_property
    def learnedeffect(self) -> clv.LearnedEffect:
        return clv.LearnedEffect.of(self.tested, **TESTED, features="expected_purchases", folds=2)

    @cached_property
    def responsecurve(self) -> clv.ResponseCurve:
        return clv.ResponseCurve.from_point(1.0, 0.04, 0.10)

    @cached_property
    def migration(self) -> Any:
        return clv.segment(self.value, q=2).migration(self.value)

    @cached_property
    def fitter(self) -> Any:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            from lifetimes import BetaGeoFitter

            table = self.customers.table
            return BetaGeoFitter(0.01).fit(table["frequency"], table["recency"], table["T"], index=table.index)

    @cached_property
    def model_file(self) -> Path:
        self.purchases.save(self.folder / "model.json")
        return self.folder / "model.json"

    @cached_property
    def state(self) -> clv.State:
        return clv.update_state(self.folder / "state.parquet", self.log, **WITH_AMOUNT)


INVOICES = {
    "customer": "customer_id", "due": "due", "paid": "paid", "amount": "amount", "observation_end": "2024-12-31",
}  # fmt: skip

DRAWN = {"policy": "rule", "activity": "drawn", "probability": "e", "outcome": "y"}
TESTED = {"treated": "mailed", "outcome": "spent"}

# What a parameter without a default is given, by its name; "log", "customers", "spend" … are those of the business.
BY_NAME: dict[str, Any] = {
    "horizon": 4, "annual_discount_rate": 0.1, "acquisition_cost": 20.0, "model": "bg/nbd", "n": 3, "level": 0.5,
    "calibration_end": "1997-09-30", "margin": 0.3, "name": "bg/nbd", "interval": 0.5, "quantity": "revenue",
    "periods": 2, "days": 20,
}  # fmt: skip


def needed(it: Business) -> dict[str, dict[str, Any]]:
    """What a function is given beside: where its parameters say too little, or where its default takes long."""
    fit, history, log = it.purchases, ["1997-01-01", "1997-02-01"], {"log": it.log, **WITH_AMOUNT}
    value, seen = it.value["lifetime_value"], it.value["expected_purchases"]
    outcome = pd.Series(np.arange(len(value)) % 2, index=value.index)
    survival = pd.DataFrame({"actual": [1.0, 0.8, 0.7], "sBG": [1.0, 0.79, 0.69]})
    draws = {"draws": it.with_covariates.draws(50), "parameter": "r"}
    contracts = pd.DataFrame({"start": pd.to_datetime(["2020-01-01"] * 4), "end": pd.NaT})
    years = pd.DataFrame({"customer_id": [1, 1, 2], "date": pd.to_datetime(["2001", "2002", "2001"])})
    years["year"] = years["date"].dt.year
    activity = clv.plots.cohort_activity(**log)
    grid = {"horizon": 4, "steps": 5, "max_frequency": 4}
    few = it.customers.table.iloc[:5]
    referrals = pd.DataFrame({"referrer": value.index[:2], "referee": value.index[1:3]})
    owed = pd.Series(0.02, index=it.payments.table.index)
    risks = clv.risk_table(fit, spend=it.spend, horizon=4, annual_discount_rate=0.1)
    months = pd.period_range("2024-01", periods=4, freq="M")
    own = pd.Series(["a", "b"], index=[1, 2])
    owned = pd.DataFrame({"loan": [0, 1], "fund": [0, 0]}, index=pd.Index(["ann", "bob"], name="customer_id"))
    drawn = pd.DataFrame({"rule": [0, 1] * 10, "drawn": [0, 0, 1, 1] * 5, "e": 0.5, "y": np.arange(20.0)})
    return {
        "plots.calendar": {"source": it.with_calendar}, "plots.calendar_table": {"fit": it.with_calendar},
        "plots.cohorts": {"source": activity}, "plots.cohort_table": {"log": activity},
        "plots.conditional_expectation": {"source": fit, "holdout": it.split},
        "plots.conditional_expectation_table": {"fit": fit, "holdout": it.split},
        "plots.customer_history": {"source": fit, "dates": history},
        "plots.customer_history_table": {"fit": fit, "dates": history},
        "plots.deciles": {"source": value, "actual": seen}, "plots.decile_table": {"prediction": value, "actual": seen},
        "plots.density_table": draws, "plots.posterior": draws,
        "plots.expected_purchases_matrix": {"source": fit, **grid},
        "plots.forecast": {"source": fit, "months": 2}, "plots.forecast_table": {"purchases": fit, "months": 2},
        "plots.history_matrix": {"fit": fit, "quantity": "purchase_probability", **grid},
        "plots.iso_value": {"source": fit, "spend": it.spend, "annual_discount_rate": 0.1, **grid},
        "plots.iso_value_matrix": {"purchases": fit, "spend": it.spend, **grid},
        "plots.lorenz": {"source": value, "actual": seen}, "plots.lorenz_table": {"prediction": value, "actual": seen},
        "plots.probability_alive_matrix": {"source": fit, "steps": 5, "max_frequency": 4},
        "plots.purchase_probability_matrix": {"source": fit, **grid},
        "plots.reliability": {"source": it.value["purchase_probability"], "outcome": outcome},
        "plots.reliability_table": {"probability": it.value["purchase_probability"], "outcome": outcome},
        "plots.repeat_purchases": {"source": fit}, "plots.repeat_purchases_table": {"fit": fit},
        "plots.retention": {"survival": survival}, "plots.retention_rates": {"survival": survival},
        "plots.spend_density": {"source": it.spend}, "plots.spend_independence": {"source": it.customers},
        "plots.tracking": {"source": fit, **log}, "plots.tracking_table": {"fit": fit, **log},
        "plots.value_at_risk": {"source": risks.table}, "plots.value_at_risk_table": {"risks": risks.table},
        "plots.value_risk": {"value": it.value}, "plots.value_risk_table": {"value": it.value},
        "datasets.path": {"name": "cdnow_sample"}, "datasets.simulate_log": {"customers": 20},
        "Covariates": {"purchase": "channel"}, "Costs": {"per_order": 1.0}, "Log": {"data": it.log, **COLUMNS},
        "Customers.from_frame": {"df": few, "unit": "week"}, "Customers.of": {"data": it.customers},
        "LazyCustomers.from_frame": {"frame": it.customers.table.reset_index(), "unit": "week"},
        "LazyCustomers.distinct": {"kind": "purchases"},
        "Customers.join": {"frame": pd.DataFrame({"extra": 1}, index=it.customers.table.index)},
        "Fit.at": {"channel": "web"}, "Fit.save": {"path": it.folder / "other.json"},
        "Fit.with_calendar": {"factors": {}},
        "Fit.effects": {"level": 0.9}, "Fit.read": log, "Forecast.save": {"path": it.folder / "forecast.json"},
        "Payments.from_counts": {"table": it.payments.table, "n": "invoices", "k": "unpaid"},
        "Payments.from_invoices": {"invoices": it.invoices, **INVOICES},
        "Subscriptions.from_frame": {
            "df": contracts, "start": "start", "end": "end", "unit": "year", "observation_end": "2022-12-31",
        },
        "Subscriptions.from_survival": {"counts": [9, 7, 6], "unit": "year"},
        "Switching.from_choices": {"choices": it.choices, **COLUMNS, "state": "brand"},
        "Switching.value": {"margin": {"a": 1.0}, "discount": 0.9},
        "compare": {"models": ["bg/nbd", "nbd"]}, "fit": {"model": "bg/nbd", "progress": False},
        "evaluate": {**log, "calibration_end": "1997-12-31", "models": "bg/nbd", "baselines": False},
        "backtest": {**log, "horizon": "2M", "origins": 1, "models": "bg/nbd", "baselines": False},
        "fit_by_segment": {"model": "sbg"}, "forecast": {"log": fit, "horizon": "2M"},
        "forecast_acquisition": {"counts": pd.Series([3.0, 4.0, 5.0, 6.0], index=months)},
        "from_lifetimes": {"fitter": it.fitter, "unit": "week"}, "load": {"path": it.model_file},
        "loo": {"fit": it.with_covariates}, "models.needs_purchases": {"name": "bg/nbd"},
        "posterior_check": {"fit": fit, "draws": 20}, "prior_check": {"draws": 20},
        "predictions": {"parameters": fit.parameters}, "report": {"log_or_fit": fit, "output": it.folder / "r.html"},
        "risk_table": {"purchases": fit, "spend": it.spend}, "score": {"log": fit},
        "score_to": {"output": it.folder / "scores.parquet", "log": it.customers, "fits": fit},
        "scenario": {"fits": (fit, it.spend), "purchase_rate": 0.1},
        "check_drift": {"log": it.log, "fits": clv.fit(it.split.calibration, "bg/nbd")},
        "load_state": {"path": it.state.path},
        "update_state": {
            "path": it.folder / "open.parquet", **log, "late": "add", "open_days": 36_525,  # the same lines many times
        },
        "summary_sql": {"table": "shop.orders", **COLUMNS},
        "summarize_opportunities": {"log": years, **COLUMNS, "opportunity": "year"},
        "network_value": {"value": value, "referrals": referrals},
        "NetworkValue.seeds": {"count": 2, "probability": 0.5, "cascades": 100},
        "plots.qini": {"curves": clv.plots.qini_table(range(len(it.tested)), it.randomisedtest)},
        "plots.migration": {"found": it.migration},
        "Activity": {"name": "call", "cost": 1.0, "effect": 0.1},
        "customers_needed": {"effect": 1.0, "sd": 10.0}, "policy_value": {"log": drawn, **DRAWN},
        "target": {"value": it.value, "activities": clv.Activity(name="call", cost=1.0, effect=0.1)},
        "Targeting.by_group": {"groups": pd.Series("a", index=value.index)},
        "segment": {"value": it.value, "q": 2}, "Segments.assign": {"value": it.value},
        "Segments.migration": {"later": it.value}, "Segments.assess": {"actual": value},
        "Segments.differences": {"attributes": it.customers.table[["channel"]]},
        "spend_optimum": {"acquisition": (1.0, 0.04, 0.10), "retention": (8.0, 0.60, 0.80), "margin": 50.0},
        "ResponseCurve.from_point": {"spend": 1.0, "rate": 0.04, "ceiling": 0.10},
        "ResponseCurve.from_points": {"today": (1.0, 0.04), "other": (2.0, 0.064)},
        "ResponseCurve.rate": {"spend": 1.0}, "ResponseCurve.slope": {"spend": 1.0},
        "value_in_use": {"elements": {"labour": (8, 12, 20)}, "price": 20.0, "alternative_price": 15.0},
        "share_of_wallet": {"spend": value, "features": it.customers.table[["T"]], "folds": 2},
        "cross_sell": {"owned": owned, "profit": {"loan": 20.0, "fund": 50.0}, "probability": owned * 0.0 + 0.1},
        "RandomisedTest.of": {"table": it.tested, **TESTED},
        "LearnedEffect.of": {"table": it.tested, **TESTED, "features": "expected_purchases", "folds": 2},
        "LearnedEffect.effect": {"X": it.tested}, "LearnedEffect.effect_interval": {"X": it.tested},
        "NetworkValue.tree": {"root": 0, "most": 3},
        "calibrate_default_probability": {"external": owed, "concentration": 25.0, "recalibrate": False},
        "switching_risk": {"last_choice": own, "own": "a"},
    }  # fmt: skip
