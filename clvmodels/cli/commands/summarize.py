"""``clv summarize``: a log becomes a table with one row a customer."""

from __future__ import annotations

from clvmodels.cli.inputs import options as o
from clvmodels.cli.inputs.command import command
from clvmodels.cli.inputs.groups import LogOptions
from clvmodels.cli.output import tables
from clvmodels.cli.output.files import TABLES, check_output, write_table
from clvmodels.cli.steps.customers import read_customers
from clvmodels.cli.terminal import Terminal


@command
def summarize(terminal: Terminal, log: LogOptions, output: o.Output = "customers.csv", as_is: o.AsIs = False) -> None:
    """Turn a log into one row a customer: how often, how recently and for how much each of them bought."""
    path = check_output(output, TABLES, log.log)
    customers = read_customers(terminal, log, log.time_unit)
    table = customers.to_frame()
    replaced = path.exists()
    with terminal.working(f"Writing {path}"):
        write_table(table, path, as_is=as_is)
    terminal.say(tables.written(path, f"{len(table):,} customers, time in {customers.unit}s", replaced))
