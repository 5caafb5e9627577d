"""From the log and the options to customers, printing what was read and what became of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clvmodels.cli.inputs.groups import LogOptions
from clvmodels.cli.output import tables
from clvmodels.cli.terminal import Terminal

if TYPE_CHECKING:
    from clvmodels.transactions.customers import Customers
    from clvmodels.transactions.log.log import Log


def bind_log(log: LogOptions) -> Log:
    """The log with its columns: as given, or guessed."""
    from clvmodels.transactions.log.columns.settle import settle
    from clvmodels.transactions.log.log import Log

    return settle(
        Log(
            log.log[0] if len(log.log) == 1 else log.log,
            customer=log.customer,
            date=log.date,
            amount=log.amount,
            order=log.order,
            refunds=log.refunds.value,
            timezone=log.timezone,
            currency=log.currency,
            skip=log.skip,
            amount_per=None if log.amount_per is None else log.amount_per.value,
            header=not log.no_header,
            sheet=log.sheet,
        )
    )


def read_customers(terminal: Terminal, log: LogOptions, unit: str, *, keep_purchases: bool = False) -> Customers:
    """Summarize the log; the columns and the row report are printed."""
    with terminal.working(f"Reading {log.title}"):
        from clvmodels.transactions.silence import silent_end
        from clvmodels.transactions.summary.summarize import summarize

        bound = bind_log(log)
        customers = summarize(bound, unit=unit, observation_end=log.observation_end, keep_purchases=keep_purchases)
    terminal.say(tables.title(log.title), tables.columns(bound))
    report = customers.report
    if report is not None:
        terminal.say(tables.title("From lines to customers", tables.observed(report)), tables.rows(report))
        for sentence in report.imbalances():
            terminal.warn(f"The counts above don't add up: {sentence}. Please report this.")
    silence = silent_end(customers.table, customers.unit)
    if silence is not None:
        terminal.warn(silence.sentence)
    return customers
