"""Groups of options that several commands share, each defined once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from clvmodels.cli.inputs import options as o
from clvmodels.cli.inputs.values import EquityPeriod, Period, Unit, read_horizon, read_rates, read_table
from clvmodels.cli.terminal import UsageProblem
from clvmodels.passwords import without_passwords

if TYPE_CHECKING:
    from clvmodels.value.periods.period_costs import Costs


@dataclass(frozen=True)
class LogOptions:
    """A log and how to read it."""

    log: o.LogFiles
    customer: o.Customer = None
    date: o.Date = None
    amount: o.Amount = None
    order: o.Order = None
    unit: o.UnitOfTime = None
    observation_end: o.ObservationEnd = None
    refunds: o.RefundPolicy = None
    timezone: o.Timezone = None
    currency: o.Currency = None
    rates: o.Rates = None
    skip: o.Skip = None
    amount_per: o.AmountPer = None
    no_header: o.NoHeader = False
    sheet: o.Sheet = None
    query: o.Query = None
    date_format: o.DateFormat = None
    unreadable_dates: o.UnreadableDates = None
    decimal: o.Decimal = None
    duplicates: o.Duplicates = None

    @property
    def title(self) -> str:
        """The log in a few words."""
        first = without_passwords(self.log[0])
        return first if len(self.log) == 1 else f"{first} and {len(self.log) - 1} more"

    @property
    def keywords(self) -> dict[str, Any]:
        """What was said of the log, as keywords of `clvmodels.Log`."""
        values = {
            "customer": self.customer,
            "date": self.date,
            "amount": self.amount,
            "order": self.order,
            "refunds": None if self.refunds is None else self.refunds.value,
            "timezone": self.timezone,
            "currency": self.currency,
            "rates": None if self.rates is None else read_rates(self.rates),
            "skip": self.skip,
            "amount_per": None if self.amount_per is None else self.amount_per.value,
            "header": False if self.no_header else None,
            "sheet": self.sheet,
            "query": self.query,
            "date_format": self.date_format,
            "unreadable_dates": self.unreadable_dates,
            "decimal": self.decimal,
            "duplicates": self.duplicates,
        }
        return {name: value for name, value in values.items() if value is not None}

    @property
    def time_unit(self) -> str:
        """The unit that was given, or weeks."""
        return (self.unit or Unit.week).value


@dataclass(frozen=True)
class ForecastModels:
    """Models of a forecast."""

    purchase_model: o.ForecastModel = None
    spend_model: o.ForecastSpend = None

    @property
    def names(self) -> tuple[str, str]:
        """The purchase model and the spend model."""
        return self.purchase_model or "auto", self.spend_model or "gamma-gamma-amounts"

    @property
    def are_given(self) -> bool:
        """Whether one of them was named."""
        return bool(self.purchase_model or self.spend_model)


@dataclass(frozen=True)
class ModelOptions:
    """Models to fit to a log."""

    purchase_model: o.PurchaseModel = None
    spend_model: o.SpendModel = None

    @property
    def names(self) -> tuple[str, str]:
        """The purchase model and the spend model."""
        return self.purchase_model or "bg/nbd", self.spend_model or "gamma-gamma"

    @property
    def are_given(self) -> bool:
        """Whether one of them was named."""
        return bool(self.purchase_model or self.spend_model)


@dataclass(frozen=True)
class ExplainingOptions:
    """What may explain that customers differ, and when they buy."""

    calendar: o.WithCalendar = False
    purchase_covariates: o.PurchaseCovariates = None
    dropout_covariates: o.DropoutCovariates = None
    spend_covariates: o.SpendCovariates = None

    @property
    def keywords(self) -> dict[str, Any]:
        """As ``covariates`` and ``calendar`` of `clvmodels.fit`."""
        from clvmodels.inference.data.clock.calendar import Calendar
        from clvmodels.inference.data.covariates import Covariates

        purchase, dropout, spend = self.purchase_covariates, self.dropout_covariates, self.spend_covariates
        named = any((purchase, dropout, spend))
        covariates = Covariates(purchase=purchase, dropout=dropout, spend=spend) if named else None
        return {"covariates": covariates, "calendar": Calendar() if self.calendar else None}


@dataclass(frozen=True)
class ValuationOptions:
    """Horizon, discounting and margin."""

    horizon: o.Horizon = "1Y"
    discount_rate: o.DiscountRate = 0.10
    margin: o.Margin = 1.0

    @property
    def span(self) -> str | float | None:
        """The horizon as `clvmodels.lifetime_value` takes it; None is for life."""
        return read_horizon(self.horizon)


@dataclass(frozen=True)
class ForecastOptions:
    """What is forecast."""

    horizon: o.Horizon = "1Y"
    interval: o.Interval = 0.90
    by: o.By = Period.month

    @property
    def span(self) -> str | float | None:
        """The horizon as `clvmodels.forecast` takes it; None is for life, which has no forecast."""
        return read_horizon(self.horizon)


@dataclass(frozen=True)
class CostOptions:
    """Costs of a customer."""

    cost_per_purchase: o.CostPerPurchase = 0.0
    retention_cost_per_year: o.RetentionCost = 0.0


@dataclass(frozen=True)
class PeriodCostOptions:
    """Costs of a past period."""

    file: o.CostsFile = None
    cost_per_purchase: o.CostPerPurchase = 0.0
    acquisition_cost: o.AcquisitionCost = 0.0

    @property
    def files(self) -> list[str]:
        """The file with costs, if there is one."""
        return [] if self.file is None else [self.file]

    @property
    def are_given(self) -> bool:
        """Whether there are any."""
        return bool(self.file or self.cost_per_purchase or self.acquisition_cost)

    @property
    def title(self) -> str:
        """What costs were given, in a few words."""
        return "" if self.are_given else "no costs were given"

    def costs(self) -> Costs:
        """The costs as `clvmodels.value_per_customer` takes them."""
        from clvmodels.value.periods.period_costs import Costs

        table = None if self.file is None else read_table(self.file, "--costs")
        return Costs(per_order=self.cost_per_purchase, per_new_customer=self.acquisition_cost, table=table)


@dataclass(frozen=True)
class EquityOptions:
    """How customers count, and how many are still to come."""

    horizon: o.Horizon = "3Y"
    value_horizon: o.ValueHorizon = "3Y"
    discount_rate: o.DiscountRate = 0.10
    margin: o.Margin = 1.0
    acquisition_cost: o.AcquisitionCost = 0.0
    counts: o.Counts = "auto"
    by: o.EquityPeriods = EquityPeriod.month
    interval: o.Interval = 0.90

    @property
    def files(self) -> list[str]:
        """The file with numbers of new customers, if there is one."""
        return [self.counts] if self.counts.lower().endswith((".csv", ".parquet")) else []

    @property
    def keywords(self) -> dict[str, Any]:
        """As `clvmodels.customer_equity` takes them; what has no meaning is refused."""
        horizon, each = read_horizon(self.horizon), read_horizon(self.value_horizon)
        if horizon is None:
            raise UsageProblem("New customers are counted until an end. Pass a --horizon such as 3Y.")
        if each is None and self.discount_rate == 0.0:
            raise UsageProblem(
                "For life and without discounting a customer's value can be infinite. Pass a --discount-rate above 0 "
                "or a --value-horizon with an end."
            )
        return {
            "horizon": horizon,
            "value_horizon": each,
            "annual_discount_rate": self.discount_rate,
            "margin": self.margin,
            "acquisition_cost": self.acquisition_cost,
            "counts": read_table(self.counts, "--counts") if self.files else self.counts,
            "by": self.by.value,
            "interval": self.interval,
        }


def check_for_life(valuation: ValuationOptions) -> None:
    """Raise if a value for life may be infinite."""
    if valuation.span is None and valuation.discount_rate == 0.0:
        raise UsageProblem(
            "For life and without discounting a customer's value can be infinite. Pass a --discount-rate above 0 or a "
            "--horizon with an end."
        )
