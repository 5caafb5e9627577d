"""``clv network``: what customers are worth with those whom they bring."""

from __future__ import annotations

from clvmodels.cli.inputs import options as o
from clvmodels.cli.inputs.command import command
from clvmodels.cli.inputs.decisions import NetworkOptions
from clvmodels.cli.inputs.groups import CostOptions, ForecastModels, LogOptions, ValuationOptions
from clvmodels.cli.output import decisions, tables
from clvmodels.cli.output.files import TABLES, check_output, write_table
from clvmodels.cli.steps.scores import valued_customers
from clvmodels.cli.terminal import Terminal


@command
def network(
    terminal: Terminal,
    log: LogOptions,
    options: NetworkOptions,
    models: ForecastModels,
    valuation: ValuationOptions,
    costs: CostOptions,
    output: o.Output = "network.csv",
    top: o.Top = 10,
    as_is: o.AsIs = False,
) -> None:
    """Value customers with those whom they bring: own value, value of referrals, and accounts that add up."""
    path = check_output(output, TABLES, [*log.log, options.referrals])
    customers, scores = valued_customers(terminal, log, models, valuation, costs)
    with terminal.working("Following the referrals"):
        from clvmodels.decisions.network.network_value import network_value

        values = scores.set_index("customer_id")["lifetime_value"]
        found = network_value(values, **options.keywords(values.index))
    words = [sentence.replace(" (conserving_value)", "") for sentence in found.summary().splitlines()]
    terminal.say(tables.title("Referrals"), tables.paragraphs(words))
    if top:
        shown = min(top, len(found.table))
        listed = f"The {shown:,} customers with the highest network value"
        terminal.say(tables.title(listed), decisions.network(found, top, customers.currency))
    replaced = path.exists()
    write_table(found.table.reset_index(), path, as_is=as_is)
    terminal.say(tables.written(path, f"{len(found.table):,} customers", replaced))
