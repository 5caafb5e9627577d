"""From the log and the options to customers, printing what was read and what became of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clvmodels.cli.inputs.columns import LogColumns, choose_columns
from clvmodels.cli.inputs.groups import LogOptions
from clvmodels.cli.output import tables
from clvmodels.cli.terminal import Terminal

if TYPE_CHECKING:
    from clvmodels.transactions.customers import Customers
    from clvmodels.transactions.log.log import Log


def read_columns(log: LogOptions) -> LogColumns:
    """Which column of the log holds what."""
    from clvmodels.transactions.log.readers import open_log

    return choose_columns(
        open_log(log.log).collect_schema().names(),
        customer=log.customer,
        date=log.date,
        amount=log.amount,
        order=log.order,
    )


def bind_log(log: LogOptions, columns: LogColumns) -> Log:
    """The log with its columns."""
    from clvmodels.transactions.log.log import Log

    return Log(
        log.log[0] if len(log.log) == 1 else log.log,
        customer=columns.customer,
        date=columns.date,
        amount=(columns.amount[0] if len(columns.amount) == 1 else columns.amount) or None,
        order=columns.order,
        refunds=log.refunds.value,
        timezone=log.timezone,
        currency=log.currency,
    )


def read_customers(terminal: Terminal, log: LogOptions, unit: str, *, keep_purchases: bool = False) -> Customers:
    """Summarize the log; the columns and the row report are printed."""
    with terminal.working(f"Reading {log.title}"):
        from clvmodels.transactions.silence import silent_end
        from clvmodels.transactions.summary.summarize import summarize

        columns = read_columns(log)
        customers = summarize(
            bind_log(log, columns), unit=unit, observation_end=log.observation_end, keep_purchases=keep_purchases
        )
    terminal.say(tables.title(log.title), tables.columns(columns))
    report = customers.report
    if report is not None:
        terminal.say(tables.title("From lines to customers", tables.observed(report)), tables.rows(report))
        for sentence in report.imbalances():
            terminal.warn(f"The counts above don't add up: {sentence}. Please report this.")
    silence = silent_end(customers.table, customers.unit)
    if silence is not None:
        terminal.warn(silence.sentence)
    return customers
