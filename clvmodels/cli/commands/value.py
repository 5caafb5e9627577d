"""``clv value``: what customers were worth by calendar period, and what new ones bring back for what they cost."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from clvmodels.cli.inputs import options as o
from clvmodels.cli.inputs.command import command
from clvmodels.cli.inputs.groups import LogOptions, ModelOptions, PeriodCostOptions, ValuationOptions, check_for_life
from clvmodels.cli.inputs.values import ValuePeriod
from clvmodels.cli.output import tables
from clvmodels.cli.output.files import TABLES, check_output, write_table
from clvmodels.cli.steps.customers import read_customers
from clvmodels.cli.steps.models import check_models, fit_models, has_amounts
from clvmodels.cli.terminal import Terminal, UsageProblem

if TYPE_CHECKING:
    import pandas as pd

    from clvmodels.transactions.customers import Customers
    from clvmodels.value.periods.past_value import PastValue

_COHORT = "cohort"


@command
def value(
    terminal: Terminal,
    log: LogOptions,
    costs: PeriodCostOptions,
    valuation: ValuationOptions,
    models: ModelOptions,
    period: o.ValuePeriods = ValuePeriod.quarter,
    group: o.GroupBy = None,
    interval: o.Interval = 0.90,
    output: o.Output = "value.csv",
    customers_output: o.ValueOfCustomers = None,
    as_is: o.AsIs = False,
) -> None:
    """What customers were worth by month, quarter or year, and CLV : CAC where the cost of winning them is known."""
    inputs = [*log.log, *costs.files]
    path = check_output(output, TABLES, inputs)
    of_customers = None if customers_output is None else check_output(customers_output, TABLES, inputs)
    if of_customers == path:
        raise UsageProblem("--output and --customers-output name the same file.")
    check_models(*models.names)
    check_for_life(valuation)
    spent = costs.costs()
    keep = [] if group in (None, _COHORT) else [str(group)]
    customers = read_customers(terminal, log, log.time_unit, keep_purchases=True, keep=keep)
    if not has_amounts(customers):
        raise UsageProblem("Value per customer needs amounts. Name their column by --amount.")
    with terminal.working("Adding up what came in and what it cost"):
        from clvmodels.value.periods.value_per_customer import value_per_customer

        found = value_per_customer(
            customers, costs=spent, margin=valuation.margin, period=period.value, by=group, interval=interval
        )
    title = tables.title(f"Value per customer by {period.value}", costs.title)
    terminal.say(title, tables.paragraphs(found.summary().splitlines()))
    terminal.say(tables.values(found.table, period.value, terminal.out.width))
    _say_acquisition(terminal, customers, found, costs, valuation, models)
    _write(terminal, found.table.reset_index(), path, f"{len(found.table):,} rows", as_is)
    if of_customers is not None:
        count = f"{len(found.customers):,} customers"
        _write(terminal, found.customers.reset_index(), of_customers, count, as_is)


def _say_acquisition(
    terminal: Terminal,
    customers: Customers,
    found: PastValue,
    costs: PeriodCostOptions,
    valuation: ValuationOptions,
    models: ModelOptions,
) -> None:
    """What a new customer is worth beside the mean cost of winning one, where that is known."""
    new = int(found.total["new_customers"])
    cost = float(found.total["cost_of_acquisition"]) / new if new else 0.0
    if not cost > 0.0:
        return
    fitted = fit_models(terminal, customers, *models.names)
    if fitted.spend is None:
        return
    with terminal.working("Valuing a new customer"):
        from clvmodels.value.economics.unit_economics import unit_economics

        economics = unit_economics(
            fitted.purchases,
            fitted.spend,
            acquisition_cost=cost,
            horizon=valuation.span,
            annual_discount_rate=valuation.discount_rate,
            margin=valuation.margin,
            cost_per_purchase=costs.cost_per_purchase,
        )
    terminal.say(tables.title("New customers"), tables.paragraphs(economics.summary().splitlines()))


def _write(terminal: Terminal, table: pd.DataFrame, path: Path, what: str, as_is: bool) -> None:
    replaced = path.exists()
    write_table(table, path, as_is=as_is)
    terminal.say(tables.written(path, what, replaced))
