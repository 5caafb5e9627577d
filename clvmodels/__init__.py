"""clvmodels: customer lifetime value from a purchase history."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from clvmodels.version import __version__ as __version__

# Public names and the module each is loaded from on first use, so that `import clvmodels` is quick.
_HOMES = {
    "summarize": "clvmodels.transactions.summary.summarize",
    "summarize_lazy": "clvmodels.transactions.lazy.summarize_lazy",
    "LazyCustomers": "clvmodels.transactions.lazy.lazy_customers",
    "summarize_opportunities": "clvmodels.transactions.summary.opportunities",
    "summary_sql": "clvmodels.transactions.summary.sql.statement",
    "State": "clvmodels.transactions.summary.state.state",
    "load_state": "clvmodels.transactions.summary.state.state",
    "update_state": "clvmodels.transactions.summary.state.update",
    "holdout_split": "clvmodels.transactions.summary.holdout",
    "Log": "clvmodels.transactions.log.log",
    "Customers": "clvmodels.transactions.customers",
    "Payments": "clvmodels.transactions.payments",
    "Subscriptions": "clvmodels.transactions.subscriptions.subscriptions",
    "Calendar": "clvmodels.inference.data.clock.calendar",
    "Covariates": "clvmodels.inference.data.covariates",
    "build_pymc_model": "clvmodels.inference.estimation.pymc_model",
    "fit": "clvmodels.inference.estimation.fit",
    "Fit": "clvmodels.inference.fits.fit",
    "fit_by_segment": "clvmodels.inference.estimation.by_segment",
    "compare": "clvmodels.evaluation.selection.compare",
    "from_lifetimes": "clvmodels.inference.estimation.from_lifetimes",
    "Comparison": "clvmodels.evaluation.selection.comparison",
    "load": "clvmodels.forecasting.result.reading",
    "loo": "clvmodels.inference.fits.leave_one_out",
    "predictions": "clvmodels.inference.fits.published",
    "posterior_check": "clvmodels.inference.fits.predictive_check",
    "prior_check": "clvmodels.inference.fits.predictive_check",
    "lifetime_value": "clvmodels.value.lifetime_value",
    "CreditLoss": "clvmodels.value.credit_loss",
    "Costs": "clvmodels.value.periods.period_costs",
    "PastValue": "clvmodels.value.periods.past_value",
    "NextPurchase": "clvmodels.value.next_purchase.next_purchase",
    "StageRules": "clvmodels.value.next_purchase.stages",
    "next_purchase": "clvmodels.value.next_purchase.next_purchase",
    "CustomerEquity": "clvmodels.decisions.equity.result",
    "customer_equity": "clvmodels.decisions.equity.customer_equity",
    "CohortEconomics": "clvmodels.value.economics.cohort_economics",
    "cohort_economics": "clvmodels.value.economics.cohort_economics",
    "UnitEconomics": "clvmodels.value.economics.unit_economics",
    "unit_economics": "clvmodels.value.economics.unit_economics",
    "RiskTable": "clvmodels.value.risk.risk_result",
    "calibrate_default_probability": "clvmodels.value.risk.external_probability",
    "risk_table": "clvmodels.value.risk.risk_table",
    "switching_risk": "clvmodels.value.risk.switching_risk",
    "Switching": "clvmodels.value.switching.switching",
    "value_per_customer": "clvmodels.value.periods.value_per_customer",
    "Forecast": "clvmodels.forecasting.result.forecast_result",
    "forecast": "clvmodels.forecasting.forecast",
    "AcquisitionForecast": "clvmodels.forecasting.acquisition.result",
    "forecast_acquisition": "clvmodels.forecasting.acquisition.forecast_acquisition",
    "Drift": "clvmodels.evaluation.drift.drift",
    "check_drift": "clvmodels.evaluation.drift.check_drift",
    "Evaluation": "clvmodels.evaluation.holdout.evaluation",
    "Activity": "clvmodels.decisions.targeting.activity",
    "LearnedEffect": "clvmodels.decisions.targeting.effects.learned_effect",
    "RandomisedTest": "clvmodels.decisions.targeting.effects.randomised_test",
    "Targeting": "clvmodels.decisions.targeting.result",
    "customers_needed": "clvmodels.decisions.targeting.effects.randomised_test",
    "policy_value": "clvmodels.decisions.targeting.effects.policy_value",
    "target": "clvmodels.decisions.targeting.target",
    "Scenario": "clvmodels.decisions.potential.scenario_result",
    "scenario": "clvmodels.decisions.potential.scenario",
    "evaluate": "clvmodels.evaluation.holdout.evaluate",
    "Backtest": "clvmodels.evaluation.holdout.backtest_results",
    "backtest": "clvmodels.evaluation.holdout.backtest",
    "NetworkValue": "clvmodels.decisions.network.network_result",
    "network_value": "clvmodels.decisions.network.network_value",
    "CrossSell": "clvmodels.decisions.potential.cross_sell",
    "cross_sell": "clvmodels.decisions.potential.cross_sell",
    "Wallet": "clvmodels.decisions.potential.share_of_wallet",
    "share_of_wallet": "clvmodels.decisions.potential.share_of_wallet",
    "ValueInUse": "clvmodels.decisions.potential.value_in_use",
    "value_in_use": "clvmodels.decisions.potential.value_in_use",
    "ResponseCurve": "clvmodels.decisions.spending.response_curve",
    "SpendOptimum": "clvmodels.decisions.spending.spend_optimum",
    "spend_optimum": "clvmodels.decisions.spending.spend_optimum",
    "Segments": "clvmodels.decisions.segments.segments",
    "segment": "clvmodels.decisions.segments.segment",
    "report": "clvmodels.reporting.report",
    "score": "clvmodels.scoring.score",
    "score_to": "clvmodels.scoring.streamed.score_to",
    "to_mlflow": "clvmodels.scoring.with_mlflow.to_mlflow",
}
_MODULES = {"datasets", "errors", "models", "plots"}

__all__ = ["__version__", *sorted(_HOMES), *sorted(_MODULES)]

if TYPE_CHECKING:
    from clvmodels import datasets as datasets
    from clvmodels import errors as errors
    from clvmodels import models as models
    from clvmodels import plots as plots
    from clvmodels.decisions.equity.customer_equity import customer_equity as customer_equity
    from clvmodels.decisions.equity.result import CustomerEquity as CustomerEquity
    from clvmodels.decisions.network.network_result import NetworkValue as NetworkValue
    from clvmodels.decisions.network.network_value import network_value as network_value
    from clvmodels.decisions.potential.cross_sell import CrossSell as CrossSell
    from clvmodels.decisions.potential.cross_sell import cross_sell as cross_sell
    from clvmodels.decisions.potential.scenario import scenario as scenario
    from clvmodels.decisions.potential.scenario_result import Scenario as Scenario
    from clvmodels.decisions.potential.share_of_wallet import Wallet as Wallet
    from clvmodels.decisions.potential.share_of_wallet import share_of_wallet as share_of_wallet
    from clvmodels.decisions.potential.value_in_use import ValueInUse as ValueInUse
    from clvmodels.decisions.potential.value_in_use import value_in_use as value_in_use
    from clvmodels.decisions.segments.segment import segment as segment
    from clvmodels.decisions.segments.segments import Segments as Segments
    from clvmodels.decisions.spending.response_curve import ResponseCurve as ResponseCurve
    from clvmodels.decisions.spending.spend_optimum import SpendOptimum as SpendOptimum
    from clvmodels.decisions.spending.spend_optimum import spend_optimum as spend_optimum
    from clvmodels.decisions.targeting.activity import Activity as Activity
    from clvmodels.decisions.targeting.effects.learned_effect import LearnedEffect as LearnedEffect
    from clvmodels.decisions.targeting.effects.policy_value import policy_value as policy_value
    from clvmodels.decisions.targeting.effects.randomised_test import RandomisedTest as RandomisedTest
    from clvmodels.decisions.targeting.effects.randomised_test import customers_needed as customers_needed
    from clvmodels.decisions.targeting.result import Targeting as Targeting
    from clvmodels.decisions.targeting.target import target as target
    from clvmodels.evaluation.drift.check_drift import check_drift as check_drift
    from clvmodels.evaluation.drift.drift import Drift as Drift
    from clvmodels.evaluation.holdout.backtest import backtest as backtest
    from clvmodels.evaluation.holdout.backtest_results import Backtest as Backtest
    from clvmodels.evaluation.holdout.evaluate import evaluate as evaluate
    from clvmodels.evaluation.holdout.evaluation import Evaluation as Evaluation
    from clvmodels.evaluation.selection.compare import compare as compare
    from clvmodels.evaluation.selection.comparison import Comparison as Comparison
    from clvmodels.forecasting.acquisition.forecast_acquisition import forecast_acquisition as forecast_acquisition
    from clvmodels.forecasting.acquisition.result import AcquisitionForecast as AcquisitionForecast
    from clvmodels.forecasting.forecast import forecast as forecast
    from clvmodels.forecasting.result.forecast_result import Forecast as Forecast
    from clvmodels.forecasting.result.reading import load as load
    from clvmodels.inference.data.clock.calendar import Calendar as Calendar
    from clvmodels.inference.data.covariates import Covariates as Covariates
    from clvmodels.inference.estimation.by_segment import fit_by_segment as fit_by_segment
    from clvmodels.inference.estimation.fit import fit as fit
    from clvmodels.inference.estimation.from_lifetimes import from_lifetimes as from_lifetimes
    from clvmodels.inference.estimation.pymc_model import build_pymc_model as build_pymc_model
    from clvmodels.inference.fits.fit import Fit as Fit
    from clvmodels.inference.fits.leave_one_out import loo as loo
    from clvmodels.inference.fits.predictive_check import posterior_check as posterior_check
    from clvmodels.inference.fits.predictive_check import prior_check as prior_check
    from clvmodels.inference.fits.published import predictions as predictions
    from clvmodels.reporting.report import report as report
    from clvmodels.scoring.score import score as score
    from clvmodels.scoring.streamed.score_to import score_to as score_to
    from clvmodels.scoring.with_mlflow.to_mlflow import to_mlflow as to_mlflow
    from clvmodels.transactions.customers import Customers as Customers
    from clvmodels.transactions.lazy.lazy_customers import LazyCustomers as LazyCustomers
    from clvmodels.transactions.lazy.summarize_lazy import summarize_lazy as summarize_lazy
    from clvmodels.transactions.log.log import Log as Log
    from clvmodels.transactions.payments import Payments as Payments
    from clvmodels.transactions.subscriptions.subscriptions import Subscriptions as Subscriptions
    from clvmodels.transactions.summary.holdout import holdout_split as holdout_split
    from clvmodels.transactions.summary.opportunities import summarize_opportunities as summarize_opportunities
    from clvmodels.transactions.summary.sql.statement import summary_sql as summary_sql
    from clvmodels.transactions.summary.state.state import State as State
    from clvmodels.transactions.summary.state.state import load_state as load_state
    from clvmodels.transactions.summary.state.update import update_state as update_state
    from clvmodels.transactions.summary.summarize import summarize as summarize
    from clvmodels.value.credit_loss import CreditLoss as CreditLoss
    from clvmodels.value.economics.cohort_economics import CohortEconomics as CohortEconomics
    from clvmodels.value.economics.cohort_economics import cohort_economics as cohort_economics
    from clvmodels.value.economics.unit_economics import UnitEconomics as UnitEconomics
    from clvmodels.value.economics.unit_economics import unit_economics as unit_economics
    from clvmodels.value.lifetime_value import lifetime_value as lifetime_value
    from clvmodels.value.next_purchase.next_purchase import NextPurchase as NextPurchase
    from clvmodels.value.next_purchase.next_purchase import next_purchase as next_purchase
    from clvmodels.value.next_purchase.stages import StageRules as StageRules
    from clvmodels.value.periods.past_value import PastValue as PastValue
    from clvmodels.value.periods.period_costs import Costs as Costs
    from clvmodels.value.periods.value_per_customer import value_per_customer as value_per_customer
    from clvmodels.value.risk.external_probability import calibrate_default_probability as calibrate_default_probability
    from clvmodels.value.risk.risk_result import RiskTable as RiskTable
    from clvmodels.value.risk.risk_table import risk_table as risk_table
    from clvmodels.value.risk.switching_risk import switching_risk as switching_risk
    from clvmodels.value.switching.switching import Switching as Switching


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return importlib.import_module(f"clvmodels.{name}")
    if name in _HOMES:
        value = getattr(importlib.import_module(_HOMES[name]), name)
        globals()[name] = value
        return value
    raise AttributeError(f"module 'clvmodels' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
