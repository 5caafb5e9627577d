"""``clv summarize``: a log becomes a table with one row a customer."""

from __future__ import annotations

import typer

from clvmodels.cli.inputs import options as o
from clvmodels.cli.inputs.customers import Source, read_customers
from clvmodels.cli.output import tables
from clvmodels.cli.output.files import TABLES, check_output, write_table
from clvmodels.cli.output.terminal import Terminal, plainly


@plainly
def summarize(
    context: typer.Context,
    log: o.Log,
    customer: o.Customer = None,
    date: o.Date = None,
    amount: o.Amount = None,
    order: o.Order = None,
    unit: o.UnitOfTime = None,
    observation_end: o.ObservationEnd = None,
    refunds: o.RefundPolicy = o.Refunds.net,
    timezone: o.Timezone = None,
    currency: o.Currency = None,
    output: o.Output = "customers.csv",
    quiet: o.Quiet = False,
    debug: o.Debug = False,
) -> None:
    """Turn a log into one row a customer: how often, how recently and for how much each of them bought."""
    terminal: Terminal = context.obj
    path = check_output(output, TABLES, log)
    source = Source(log, customer, date, amount, order, observation_end, refunds.value, timezone, currency)
    customers = read_customers(terminal, source, (unit or o.Unit.week).value)
    table = customers.to_frame()
    replaced = path.exists()
    with terminal.working(f"Writing {path}"):
        write_table(table, path)
    terminal.say(tables.written(path, f"{len(table):,} customers, time in {customers.unit}s", replaced))
