"""``clv equity``: what today's customers and those still to come are worth together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clvmodels.cli.inputs import options as o
from clvmodels.cli.inputs.command import command
from clvmodels.cli.inputs.groups import CostOptions, EquityOptions, ForecastModels, LogOptions
from clvmodels.cli.output import tables
from clvmodels.cli.output.files import TABLES, check_output, write_table
from clvmodels.cli.steps.customers import read_customers
from clvmodels.cli.steps.models import check_models, has_amounts
from clvmodels.cli.terminal import Terminal, UsageProblem
from clvmodels.formats import without_python

if TYPE_CHECKING:
    from clvmodels.decisions.equity.result import CustomerEquity


@command
def equity(
    terminal: Terminal,
    log: LogOptions,
    options: EquityOptions,
    costs: CostOptions,
    models: ForecastModels,
    output: o.Output = "equity.csv",
    as_is: o.AsIs = False,
) -> None:
    """Value of today's customers and of those still to come, with ranges that earlier dates of this log bear out."""
    path = check_output(output, TABLES, [*log.log, *options.files])
    keywords = options.keywords
    check_models(*models.names)
    customers = read_customers(terminal, log, log.time_unit, keep_purchases=True)
    if not has_amounts(customers):
        raise UsageProblem("Customer equity needs amounts. Name their column by --amount.")
    with terminal.working(f"Valuing {len(customers):,} customers and those still to come"):
        import warnings

        from clvmodels.decisions.equity.customer_equity import customer_equity
        from clvmodels.errors import ClvWarning

        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ClvWarning)  # what they say is in the summary, or was said of the log
            found = customer_equity(
                customers,
                model=models.names[0],
                spend=models.names[1],
                cost_per_purchase=costs.cost_per_purchase,
                retention_cost_per_year=costs.retention_cost_per_year,
                **keywords,
            )
    _show(terminal, found, free=options.acquisition_cost == 0.0)
    replaced = path.exists()
    write_table(found.cohorts.reset_index(), path, as_is=as_is)
    terminal.say(tables.written(path, f"{len(found.cohorts):,} {found.by}s of new customers", replaced))


def _show(terminal: Terminal, found: CustomerEquity, *, free: bool) -> None:
    """Parts and total, what is to be known about them, and what they depend on."""
    note = "no cost of acquisition was given" if free else ""
    terminal.say(tables.title("Customer equity", note), tables.equity(found))
    terminal.say(tables.paragraphs(map(without_python, found.summary().splitlines())))
    terminal.say(tables.title("If one thing changes"), tables.sensitivities(found))
