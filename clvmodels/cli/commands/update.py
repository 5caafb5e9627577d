"""``clv update``: new lines are added to what is known of each customer."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from clvmodels.cli.inputs import options as o
from clvmodels.cli.inputs.command import command
from clvmodels.cli.inputs.groups import LogOptions
from clvmodels.cli.inputs.nightly import Late, LateLines, OpenDays, StateFile, SummaryFile
from clvmodels.cli.output import tables
from clvmodels.cli.output.files import STATES, TABLES, check_output, write_table
from clvmodels.cli.terminal import Terminal, UsageProblem
from clvmodels.formats import plural

if TYPE_CHECKING:
    from clvmodels.transactions.summary.state.state import State


@command
def update(
    terminal: Terminal,
    state: StateFile,
    log: LogOptions,
    late: LateLines = Late.refuse,
    open_days: OpenDays = None,
    customers_output: SummaryFile = None,
    as_is: o.AsIs = False,
) -> None:
    """Add new lines of a log to the state of each customer, without reading the old lines again."""
    path = check_output(state, STATES, log.log)
    table = None if customers_output is None else check_output(customers_output, TABLES, [*log.log, state])
    if table is None and log.unit is not None:
        raise UsageProblem("A state holds days. --unit is that of --customers-output.")
    from clvmodels.transactions.summary.state.update import update_state

    given = {name: None if value == "none" else value for name, value in log.keywords.items()}
    given = given if path.exists() else log.keywords
    data = log.log[0] if len(log.log) == 1 else log.log
    replaced = path.exists()
    with terminal.working(f"Adding {log.title}"):
        found = update_state(
            path, data, observation_end=log.observation_end, late=late.value, open_days=open_days, **given
        )
    terminal.say(tables.paragraphs([_in_words(found, log.title)]))
    terminal.say(tables.written(path, f"{plural(found.lines, 'line')} so far, observed until {_end(found)}", replaced))
    if table is not None:
        _write_customers(terminal, found, table, log.time_unit, as_is)


def _end(state: State) -> str:
    return f"{state.observation_end:%Y-%m-%d}"


def _in_words(state: State, title: str) -> str:
    """What was added, and until when late lines are taken."""
    late = f", of which {plural(state.lines_late, 'line')} came late" if state.lines_late else ""
    return (
        f"{plural(state.lines_added, 'line')} of {title} added{late}. Lines and refunds from "
        f"{state.open_from:%Y-%m-%d} on can still be added; older ones only of new customers."
    )


def _write_customers(terminal: Terminal, state: State, path: Path, unit: str, as_is: bool) -> None:
    """The customers as a table."""
    table = state.customers(unit).to_frame()
    replaced = path.exists()
    with terminal.working(f"Writing {path}"):
        write_table(table, path, as_is=as_is)
    terminal.say(tables.written(path, f"{len(table):,} customers, time in {unit}s", replaced))
