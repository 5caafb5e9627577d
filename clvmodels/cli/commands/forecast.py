"""``clv forecast``: what all customers together will do, by calendar period."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clvmodels.cli.inputs import options as o
from clvmodels.cli.inputs.command import command
from clvmodels.cli.inputs.groups import ForecastModels, ForecastOptions, LogOptions
from clvmodels.cli.output import tables
from clvmodels.cli.output.files import TABLES, check_output, write_table
from clvmodels.cli.steps.customers import read_customers
from clvmodels.cli.steps.models import check_models, cost_of_choice
from clvmodels.cli.terminal import Terminal, UsageProblem
from clvmodels.formats import without_python

if TYPE_CHECKING:
    import pandas as pd

    from clvmodels.forecasting.result.forecast_result import Forecast


@command
def forecast(
    terminal: Terminal,
    log: LogOptions,
    options: ForecastOptions,
    models: ForecastModels,
    new_customers: o.NewCustomers = False,
    output: o.Output = "forecast.csv",
    customers_output: o.CustomersOutput = None,
    as_is: o.AsIs = False,
) -> None:
    """Forecast purchases, buyers and revenue by month, with ranges that earlier forecasts of this log bear out."""
    path = check_output(output, TABLES, log.log)
    of_customers = None if customers_output is None else check_output(customers_output, TABLES, log.log)
    if of_customers == path:
        raise UsageProblem("--output and --customers-output name the same file.")
    if options.span is None:
        raise UsageProblem("A forecast needs a --horizon with an end, such as 1Y or 6M.")
    check_models(*models.names)
    customers = read_customers(terminal, log, log.time_unit, keep_purchases=True)
    with terminal.working(f"Forecasting {len(customers):,} customers"):
        from clvmodels.forecasting.forecast import forecast

        found = forecast(
            customers,
            horizon=options.span,
            interval=options.interval,
            by=options.by.value,
            model=models.names[0],
            spend=models.names[1],
            new_customers=new_customers,
        )
    _show(terminal, found)
    replaced = path.exists()
    write_table(_table(found).reset_index(), path, as_is=as_is)
    terminal.say(tables.written(path, f"{len(found.table):,} {found.by}s", replaced))
    if of_customers is not None:
        replaced = of_customers.exists()
        write_table(found.customers.reset_index(), of_customers, as_is=as_is)
        terminal.say(tables.written(of_customers, f"{len(customers):,} customers", replaced))


def _table(found: Forecast) -> pd.DataFrame:
    """The periods, those of customers still to come in columns of their own."""
    if found.new_customers is None:
        return found.table
    return found.table.join(found.new_customers.table.drop(columns=["first_day", "days", "whole"]).add_prefix("new_"))


def _show(terminal: Terminal, found: Forecast) -> None:
    """The totals, the periods, and what is to be known about them."""
    from clvmodels.forecasting.notes import doubts_of

    doubts = doubts_of(found)
    for sentence in doubts:
        terminal.warn(sentence)
    sentences = [one for one in found.summary().splitlines() if one not in (*found.warnings, *doubts)]
    sentences += cost_of_choice(found)
    terminal.say(tables.title("Forecast"), tables.paragraphs(map(without_python, sentences)))
    width, to_come = terminal.out.width, found.new_customers
    terminal.say(tables.title(f"By {found.by}"), tables.periods(found.table, found.by, width))
    if to_come is not None:
        terminal.say(tables.title("Customers still to come"), tables.periods(to_come.table, found.by, width))
