"""From the log and the options to customers, saying what was read and what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from clvmodels.cli.inputs.columns import LogColumns, choose_columns
from clvmodels.cli.output import tables
from clvmodels.cli.output.terminal import Terminal

if TYPE_CHECKING:
    from clvmodels.transactions.customers import Customers
    from clvmodels.transactions.log.log import Log


@dataclass(frozen=True)
class Source:
    """A log and how to read it, as the options say."""

    paths: list[str]
    customer: str | None
    date: str | None
    amount: str | None
    order: str | None
    observation_end: str | None
    refunds: str
    timezone: str | None
    currency: str | None

    @property
    def name(self) -> str:
        """The log in a few words."""
        return self.paths[0] if len(self.paths) == 1 else f"{self.paths[0]} and {len(self.paths) - 1} more"


def read_columns(source: Source) -> LogColumns:
    """Which column of the log holds what."""
    from clvmodels.transactions.log.readers import open_log

    return choose_columns(
        open_log(source.paths).collect_schema().names(),
        customer=source.customer,
        date=source.date,
        amount=source.amount,
        order=source.order,
    )


def bound_log(source: Source, columns: LogColumns) -> Log:
    """The log with its columns."""
    from clvmodels.transactions.log.log import Log

    return Log(
        source.paths[0] if len(source.paths) == 1 else source.paths,
        customer=columns.customer,
        date=columns.date,
        amount=(columns.amount[0] if len(columns.amount) == 1 else columns.amount) or None,
        order=columns.order,
        refunds=source.refunds,
        timezone=source.timezone,
        currency=source.currency,
    )


def read_customers(terminal: Terminal, source: Source, unit: str, *, keep_purchases: bool = False) -> Customers:
    """Summarize the log; the columns and the row report are printed."""
    with terminal.working(f"Reading {source.name}"):
        from clvmodels.transactions.summary.summarize import summarize

        columns = read_columns(source)
        customers = summarize(
            bound_log(source, columns),
            unit=unit,
            observation_end=source.observation_end,
            keep_purchases=keep_purchases,
        )
    terminal.say(tables.title(source.name), tables.columns(columns))
    if customers.report is not None:
        terminal.say(
            tables.title("From lines to customers", tables.observed(customers.report)), tables.rows(customers.report)
        )
        for sentence in customers.report.imbalances():
            terminal.warn(f"The counts above don't add up: {sentence}. Please report this.")
    return customers
