"""Plots: each a function that takes a fit or a frame and ``ax``, and returns the Axes.

What a plot shows is computed by a function of its own (``…_table``, ``…_matrix``), and most plots take its result too:
compute once, draw often. matplotlib is imported when the first plot is drawn.
"""

from clvmodels.decisions.segments.value_risk import value_risk_table
from clvmodels.decisions.targeting.effects.qini import qini_table
from clvmodels.plots.acquisition import clv_to_cac, payback
from clvmodels.plots.calendar_factors import calendar, calendar_table
from clvmodels.plots.calibration import reliability, reliability_table
from clvmodels.plots.campaign_size import profit_curve
from clvmodels.plots.cohort_map import cohort_table, cohorts
from clvmodels.plots.conditional import conditional_expectation, conditional_expectation_table
from clvmodels.plots.decile_bars import decile_table, deciles
from clvmodels.plots.densities import density_table, posterior
from clvmodels.plots.equity_waterfall import equity_waterfall, equity_waterfall_table
from clvmodels.plots.forecast_band import past_and_future
from clvmodels.plots.independence import spend_independence, spend_independence_table
from clvmodels.plots.iso_curves import iso_value, iso_value_matrix
from clvmodels.plots.lorenz_curve import lorenz, lorenz_table
from clvmodels.plots.matrices import (
    expected_purchases_matrix,
    history_matrix,
    probability_alive_matrix,
    purchase_probability_matrix,
)
from clvmodels.plots.monthly_forecast import forecast, forecast_table
from clvmodels.plots.next_purchases import next_purchase_calendar, next_purchase_calendar_table
from clvmodels.plots.one_customer import customer_history, customer_history_table
from clvmodels.plots.qini_curve import qini
from clvmodels.plots.quadrant import value_risk
from clvmodels.plots.referral_network import network
from clvmodels.plots.repeat_histogram import repeat_purchases, repeat_purchases_table
from clvmodels.plots.retention_curves import retention, retention_rates
from clvmodels.plots.risk_curve import value_at_risk, value_at_risk_table
from clvmodels.plots.scenario_steps import waterfall
from clvmodels.plots.segment_migration import migration
from clvmodels.plots.segment_profile import segments
from clvmodels.plots.shrinkage import spend_shrinkage, spend_shrinkage_table
from clvmodels.plots.spend import spend_density, spend_density_table
from clvmodels.plots.tornado_chart import tornado
from clvmodels.plots.track import tracking
from clvmodels.plots.track_table import tracking_table
from clvmodels.plots.value_over_time import value_per_customer, value_per_customer_table
from clvmodels.transactions.summary.activity import cohort_activity, purchases_by_day

__all__ = [
    "calendar",
    "calendar_table",
    "clv_to_cac",
    "cohort_activity",
    "cohort_table",
    "cohorts",
    "conditional_expectation",
    "conditional_expectation_table",
    "customer_history",
    "customer_history_table",
    "decile_table",
    "deciles",
    "density_table",
    "equity_waterfall",
    "equity_waterfall_table",
    "expected_purchases_matrix",
    "forecast",
    "forecast_table",
    "history_matrix",
    "iso_value",
    "iso_value_matrix",
    "lorenz",
    "lorenz_table",
    "migration",
    "network",
    "next_purchase_calendar",
    "next_purchase_calendar_table",
    "past_and_future",
    "payback",
    "posterior",
    "probability_alive_matrix",
    "profit_curve",
    "purchase_probability_matrix",
    "purchases_by_day",
    "qini",
    "qini_table",
    "reliability",
    "reliability_table",
    "repeat_purchases",
    "repeat_purchases_table",
    "retention",
    "retention_rates",
    "segments",
    "spend_density",
    "spend_density_table",
    "spend_independence",
    "spend_independence_table",
    "spend_shrinkage",
    "spend_shrinkage_table",
    "tornado",
    "tracking",
    "tracking_table",
    "value_at_risk",
    "value_at_risk_table",
    "value_per_customer",
    "value_per_customer_table",
    "value_risk",
    "value_risk_table",
    "waterfall",
]
