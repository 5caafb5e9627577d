"""From the log and the options to customers, printing what was read and what became of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from clvmodels.cli.inputs.groups import LogOptions
from clvmodels.cli.output import tables
from clvmodels.cli.steps.state import customers_of_state, is_state, refuse_state
from clvmodels.cli.terminal import Terminal
from clvmodels.cli.words import in_shell_words
from clvmodels.errors import ColumnError

if TYPE_CHECKING:
    from clvmodels.inference.fits.fit import Fit
    from clvmodels.transactions.customers import Customers
    from clvmodels.transactions.log.log import Log


def bind_log(log: LogOptions, remembered: Log | None = None) -> Log:
    """The log with its columns: as given, as those of the model, or guessed."""
    from clvmodels.transactions.log.columns.remembered import read_as
    from clvmodels.transactions.log.columns.settle import settle
    from clvmodels.transactions.log.log import Log

    refuse_state(log)
    data = log.log[0] if len(log.log) == 1 else log.log
    if remembered is None:
        return settle(Log(data, **log.keywords))
    given = {name: None if value == "none" else value for name, value in log.keywords.items()}
    return read_as(data, remembered, given)


def read_customers(
    terminal: Terminal,
    log: LogOptions,
    unit: str,
    *,
    keep_purchases: bool = False,
    model: Fit | None = None,
    keep: Sequence[str] = (),
) -> Customers:
    """Summarize the log, as that of a model was; the columns and the row report are printed. Or those of a state."""
    if is_state(log):
        return customers_of_state(terminal, log, unit, keep_purchases=keep_purchases or bool(keep), model=model)
    with terminal.working(f"Reading {log.title}"):
        from clvmodels.inference.fits.read_log import not_as_fitted
        from clvmodels.transactions.checks.check import to_point_out
        from clvmodels.transactions.log.columns.remembered import check_currency
        from clvmodels.transactions.log.readers import open_log
        from clvmodels.transactions.summary.summarize import summarize

        bound = bind_log(log, None if model is None else model.log)
        of_model = () if model is None else model.structure.customer_columns
        kept = [*keep, *(name for name in of_model if name in open_log(bound).columns)]
        try:
            customers = summarize(
                bound, unit=unit, observation_end=log.observation_end, keep=kept, keep_purchases=keep_purchases
            )
        except ColumnError as problem:
            if model is None or model.log is None:
                raise
            raise not_as_fitted(problem, model.log) from None
        if model is not None:
            check_currency(model.currency, customers.currency)
    known = set() if model is None or model.log is None else {"customer", "date", "amount", "order"} - set(log.keywords)
    terminal.say(tables.title(log.title), tables.columns(bound, known))
    report = customers.report
    if report is not None:
        terminal.say(tables.title("From lines to customers", tables.observed(report)), tables.rows(report))
        for sentence in report.imbalances():
            terminal.warn(f"The counts above don't add up: {sentence}. Please report this.")
    if customers.reading is not None and customers.reading.sentences():
        terminal.say(tables.paragraphs([in_shell_words(" ".join(customers.reading.sentences()))]))
    if report is not None and report.lines_date_unreadable:
        shown = "; ".join(report.unreadable_dates)
        terminal.warn(f"Lines left out, whose date can't be read: {report.lines_date_unreadable:,} ({shown}).")
    for finding in to_point_out(customers.table, customers.unit, report, customers.log):
        terminal.warn(finding.sentence)
    return customers
