"""``clv segment``: customers in segments, with a profile of each."""

from __future__ import annotations

from clvmodels.cli.inputs import options as o
from clvmodels.cli.inputs.command import command
from clvmodels.cli.inputs.decisions import CustomersFile, SegmentOptions
from clvmodels.cli.inputs.groups import CostOptions, ForecastModels, LogOptions, ValuationOptions
from clvmodels.cli.output import decisions, tables
from clvmodels.cli.output.files import TABLES, check_output, write_table
from clvmodels.cli.steps.scores import valued_customers
from clvmodels.cli.terminal import Terminal, UsageProblem


@command
def segment(
    terminal: Terminal,
    log: LogOptions,
    options: SegmentOptions,
    models: ForecastModels,
    valuation: ValuationOptions,
    costs: CostOptions,
    output: o.Output = "segments.csv",
    customers_output: CustomersFile = "segmented_customers.csv",
    as_is: o.AsIs = False,
) -> None:
    """Divide customers into segments by value, by recency, frequency and money, or by value and risk."""
    path, each = (check_output(name, TABLES, log.log) for name in (output, customers_output))
    if path == each:
        raise UsageProblem("--output and --customers-output name the same file.")
    if options.labels is not None and options.by not in ("value", "share"):
        raise UsageProblem("--labels names tiers: leave it out, or choose --by value or --by share.")
    customers, scores = valued_customers(terminal, log, models, valuation, costs, keep=options.column)
    with terminal.working("Dividing customers into segments"):
        from clvmodels.decisions.segments.segment import segment

        table = scores.set_index("customer_id")
        found = segment(table, by=options.by, q=options.tiers, labels=options.names, customers=customers.table)
    terminal.say(tables.title("Segments", f"by {options.by}"), decisions.segments(found, customers.currency))
    for file, frame, what in (
        (path, found.table, f"{len(found.table):,} segments"),
        (each, found.customers, f"{len(found.customers):,} customers"),
    ):
        replaced = file.exists()
        write_table(frame.reset_index(), file, as_is=as_is)
        terminal.say(tables.written(file, what, replaced))
