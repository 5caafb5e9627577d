"""The state of ``clv update`` in the place of a log."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clvmodels.cli.inputs.groups import LogOptions
from clvmodels.cli.output import tables
from clvmodels.cli.terminal import Terminal, UsageProblem
from clvmodels.formats import plural

if TYPE_CHECKING:
    from clvmodels.inference.fits.fit import Fit
    from clvmodels.transactions.customers import Customers


def is_state(log: LogOptions) -> bool:
    """Whether the log is one file, which ``clv update`` wrote."""
    if len(log.log) != 1 or not log.log[0].lower().endswith(".parquet"):
        return False
    from clvmodels.transactions.summary.state.layout import is_state

    return is_state(log.log[0])


def refuse_state(log: LogOptions) -> None:
    """A command that needs every purchase says so of a state."""
    if is_state(log):
        raise UsageProblem(f"{log.title} is a state of clv update, which holds no single purchases. Pass the log.")


def customers_of_state(
    terminal: Terminal, log: LogOptions, unit: str, *, keep_purchases: bool, model: Fit | None
) -> Customers:
    """The customers of a state; what it doesn't know, or knows already, is refused."""
    if keep_purchases:
        raise UsageProblem(
            f"{log.title} is a state of clv update, which holds no single purchases. Score it with models that were "
            "fitted before and don't ask for them (--model FILE), or pass the log."
        )
    if log.keywords or log.observation_end:
        raise UsageProblem(f"{log.title} is a state of clv update, which knows how its lines were read. Leave it out.")
    with terminal.working(f"Reading {log.title}"):
        from clvmodels.transactions.log.columns.remembered import check_currency
        from clvmodels.transactions.summary.state.state import load_state

        state = load_state(log.log[0])
        if model is not None:
            check_currency(model.currency, state.currency)
        customers = state.customers(unit)
    until = f"{plural(state.lines, 'line')} in {plural(state.updates, 'update')} until {state.observation_end:%Y-%m-%d}"
    terminal.say(tables.title(log.title, f"{len(customers):,} customers, {until}"))
    return customers
