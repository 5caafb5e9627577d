"""Every plot, drawn from the same few things: what the tests of structure run over."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import betaln

import clvmodels as clv
from clvmodels.inference.posterior.priors import Prior
from clvmodels.transactions.summary.holdout import Holdout


@dataclass(frozen=True)
class Business:
    """A log, its split and its fits."""

    log: pd.DataFrame
    split: Holdout
    purchases: clv.Fit
    spend: clv.Fit

    @property
    def value(self) -> pd.DataFrame:
        return clv.lifetime_value(self.purchases, self.spend, horizon="39W", annual_discount_rate=0.1)

    @property
    def risks(self) -> pd.DataFrame:
        return clv.risk_table(self.purchases, self.spend, horizon="39W", annual_discount_rate=0.1).table


COLUMNS = {"customer": "customer_id", "date": "date"}


def _band(table: pd.DataFrame, column: str, size: float) -> pd.DataFrame:
    return pd.DataFrame({"lower": table[column] * (1 - size), "upper": table[column] * (1 + size)})


def _tracking_with_band(it: Business, ax: Any) -> Any:
    table = clv.plots.tracking_table(it.purchases, it.log, **COLUMNS)
    return clv.plots.tracking(table, band=_band(table, "expected", 0.1), ax=ax)


def _calendar(it: Business, ax: Any) -> Any:
    customers = clv.summarize(it.log, **COLUMNS, unit="week", keep_purchases=True)
    return clv.plots.calendar(clv.fit(customers, "mbg/nbd", calendar=clv.Calendar()), ax=ax)


def _targeting(it: Business) -> clv.Targeting:
    activities = [
        clv.Activity(name="call", cost=0.5, effect=(0.10, 0.03)),
        clv.Activity(name="letter", cost=0.1, effect=0.01),
    ]
    return clv.target(it.value, activities, budget=100.0)


def _qini(it: Business, ax: Any) -> Any:
    rng, value = np.random.default_rng(1), it.value["lifetime_value"].to_numpy()
    mailed = rng.integers(0, 2, len(value))
    table = pd.DataFrame({"mailed": mailed, "spent": 0.2 * value * mailed + rng.normal(0.0, 5.0, len(value))})
    test = clv.RandomisedTest.of(table, treated="mailed", outcome="spent")
    scores = {"value": value, "chance": rng.random(len(value))}
    curves = {name: clv.plots.qini_table(score, test, interval=0.9, draws=50) for name, score in scores.items()}
    return clv.plots.qini(curves, ax=ax)


def _scenario(it: Business, ax: Any) -> Any:
    changes = {"purchase_rate": 0.1, "dropout": -0.2, "spend": -0.05, "product": {"case": (0.02, 30.0)}}
    fits = it.purchases, it.spend
    return clv.plots.waterfall(clv.scenario(fits, horizon="1Y", annual_discount_rate=0.1, **changes), ax=ax)


def _cohort_economics(it: Business, ax: Any) -> Any:
    customers = clv.summarize(it.log, **COLUMNS, amount="amount", unit="week", keep_purchases=True)
    found = clv.cohort_economics(
        it.purchases, it.spend, customers, acquisition_cost=20.0, horizon="1Y", annual_discount_rate=0.1, by="month"
    )
    return clv.plots.clv_to_cac(found, ax=ax)


def _equity(it: Business) -> clv.CustomerEquity:
    """Of customers without their purchases, for whom nothing can be tried at earlier dates, which saves time."""
    customers = replace(it.split.calibration, purchases=None)
    return clv.customer_equity(
        customers, acquisition_cost=5.0, annual_discount_rate=0.1, counts=[100.0] * 12, horizon="12M", model="bg/nbd"
    )


def _fan(it: Business, ax: Any) -> Any:
    table = clv.plots.forecast_table(it.purchases, it.spend)
    fan = {0.5: _band(table, "revenue", 0.05), 0.9: _band(table, "revenue", 0.12)}
    return clv.plots.forecast(table, of="revenue", band=fan, ax=ax)


def _history(it: Business, ax: Any) -> Any:
    busiest = it.log["customer_id"].value_counts().index[0]
    dates = it.log.loc[it.log["customer_id"] == busiest, "date"]
    return clv.plots.customer_history(it.purchases, dates, ax=ax)


def _posterior(it: Business, ax: Any) -> Any:
    draws = pd.DataFrame({"r": np.random.default_rng(3).lognormal(-1.4, 0.05, 2_000)})
    return clv.plots.posterior(draws, "r", prior=Prior("gamma", 1.0, 1.0), ax=ax)


def _retention(ax: Any, **options: Any) -> Any:
    year = np.arange(13)
    survival = np.exp(betaln(0.704, 1.182 + year) - betaln(0.704, 1.182))
    return clv.plots.retention(
        pd.DataFrame({"actual": np.round(survival, 2), "sBG": survival, "constant": 0.63**year}),
        period="year", fitted_until=7, ax=ax, **options,
    )  # fmt: skip


def _network(it: Business, ax: Any) -> Any:
    rng, value = np.random.default_rng(8), it.value
    places = rng.integers(0, len(value) - 1, (2, 900))
    places[0] //= 20  # so that some bring many
    pairs = pd.DataFrame({"referrer": value.index[places[0]], "referee": value.index[places[1]]})
    network = clv.network_value(value, pairs[places[0] < places[1]])
    return clv.plots.network(network, ax=ax)


def _past_value(it: Business, by: str | None = None) -> Any:
    costs = clv.Costs(per_order=5.0)
    options = {"amount": "amount", "period": "quarter", "interval": 0.9}
    return clv.value_per_customer(it.log, costs=costs, by=by, **options, **COLUMNS)


def _economics(it: Business) -> Any:
    groups = ("search", "a partner with a long name", "post")
    return clv.unit_economics(
        dict.fromkeys(groups, it.purchases), it.spend, horizon="1Y", annual_discount_rate=0.1, margin=0.3,
        acquisition_cost=dict(zip(groups, (8.0, 20.0, 400.0), strict=True)),
    )  # fmt: skip


def _migration(it: Business, ax: Any) -> Any:
    then = it.value
    now = (then["lifetime_value"] * np.random.default_rng(1).lognormal(0.0, 0.8, len(then))).iloc[50:]
    options: Any = {"purchases": it.purchases, "spend": it.spend, "after": "13W", "replications": 2}
    found = clv.segment(then).migration(pd.concat([now, pd.Series({10**9: 5.0})]), **options)
    return clv.plots.migration(found, ax=ax)


def _tornado(ax: Any) -> Any:
    elements = {"labour": (8, 12, 20), "downtime": (5, 10, 25), "energy": (-2, 3, 6), "training": -1.5}
    return clv.plots.tornado(clv.value_in_use(elements, price=118.0, alternative_price=100.0, currency="EUR"), ax=ax)


PLOTS: dict[str, Callable[[Business, Any], Any]] = {
    "tracking": lambda it, ax: clv.plots.tracking(it.purchases, it.log, ax=ax, **COLUMNS),
    "tracking, cumulative": lambda it, ax: clv.plots.tracking(it.purchases, it.log, cumulative=True, ax=ax, **COLUMNS),
    "tracking, band": _tracking_with_band,
    "by frequency": lambda it, ax: clv.plots.conditional_expectation(it.purchases, it.split, ax=ax),
    "by recency": lambda it, ax: clv.plots.conditional_expectation(it.purchases, it.split, by="recency", ax=ax),
    "by silence": lambda it, ax: clv.plots.conditional_expectation(it.purchases, it.split, by="since_last", ax=ax),
    "repeat purchases": lambda it, ax: clv.plots.repeat_purchases(it.purchases, ax=ax),
    "expected purchases": lambda it, ax: clv.plots.expected_purchases_matrix(it.purchases, ax=ax),
    "P(alive)": lambda it, ax: clv.plots.probability_alive_matrix(it.purchases, ax=ax),
    "P(purchase)": lambda it, ax: clv.plots.purchase_probability_matrix(it.purchases, ax=ax),
    "customer": _history,
    "iso-value": lambda it, ax: clv.plots.iso_value(it.purchases, it.spend, annual_discount_rate=0.1, ax=ax),
    "spend": lambda it, ax: clv.plots.spend_density(it.spend, ax=ax),
    "shrinkage": lambda it, ax: clv.plots.spend_shrinkage(it.spend, ax=ax),
    "frequency and spend": lambda it, ax: clv.plots.spend_independence(it.split.calibration, ax=ax),
    "lorenz": lambda it, ax: clv.plots.lorenz(it.value["lifetime_value"], it.split.table["spend"], ax=ax),
    "deciles": lambda it, ax: clv.plots.deciles(it.value["lifetime_value"], it.split.table["spend"], ax=ax),
    "reliability": lambda it, ax: clv.plots.reliability(
        it.value["purchase_probability"], it.split.table["frequency"], ax=ax
    ),
    "calendar": _calendar,
    "value and risk": lambda it, ax: clv.plots.value_risk(it.value, ax=ax),
    "value per customer": lambda it, ax: clv.plots.value_per_customer(_past_value(it), ax=ax),
    "value by cohort": lambda it, ax: clv.plots.value_per_customer(_past_value(it, by="cohort"), ax=ax),
    "CLV to CAC": lambda it, ax: clv.plots.clv_to_cac(_economics(it), ax=ax),
    "payback": lambda it, ax: clv.plots.payback(_economics(it), ax=ax),
    "next purchases": lambda it, ax: clv.plots.next_purchase_calendar(clv.next_purchase(it.purchases), ax=ax),
    "value at risk": lambda it, ax: clv.plots.value_at_risk(it.risks, ax=ax),
    "scenario": _scenario,
    "campaign size": lambda it, ax: clv.plots.profit_curve(_targeting(it), ax=ax),
    "qini": _qini,
    "forecast": lambda it, ax: clv.plots.forecast(it.purchases, ax=ax),
    "forecast, fan": _fan,
    "past and future": lambda it, ax: clv.plots.past_and_future(clv.forecast(it.purchases, horizon="6M"), ax=ax),
    "network": _network,
    "cohort economics": _cohort_economics,
    "equity": lambda it, ax: clv.plots.equity_waterfall(_equity(it), ax=ax),
    "segments": lambda it, ax: clv.plots.segments(clv.segment(it.value), ax=ax),
    "migration": _migration,
    "tornado": lambda it, ax: _tornado(ax),
    "posterior": _posterior,
    "cohorts": lambda it, ax: clv.plots.cohorts(it.log, ax=ax, **COLUMNS),
    "retention": lambda it, ax: _retention(ax),
    "retention rates": lambda it, ax: _retention(ax, rates=True),
}
