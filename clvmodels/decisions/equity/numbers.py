"""The numbers of a customer equity."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from clvmodels.forecasting.result.forecast_result import Forecast
from clvmodels.transactions.read_only import read_only
from clvmodels.transactions.units import Span


@read_only("table", "cohorts", "sensitivities", "backtest")
@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class EquityNumbers:
    """What today's customers and those still to come are worth; `CustomerEquity` says what each field is."""

    table: pd.DataFrame
    cohorts: pd.DataFrame
    sensitivities: pd.DataFrame
    backtest: pd.DataFrame
    forecast: Forecast
    method: str
    horizon_end: pd.Timestamp
    value_horizon: Span | None
    unit: str
    interval: float
    by: str
    currency: str | None = None
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
