"""``clv check``: whether what was fitted still holds."""

from __future__ import annotations

from typing import Any

import typer

from clvmodels.cli.inputs import options as o
from clvmodels.cli.inputs.command import command
from clvmodels.cli.inputs.groups import LogOptions
from clvmodels.cli.inputs.nightly import FalseAlarms, FittedModel, Tolerance
from clvmodels.cli.output import tables
from clvmodels.cli.output.drift import measures
from clvmodels.cli.output.files import TABLES, check_output, write_table
from clvmodels.cli.steps.models import load_models
from clvmodels.cli.steps.state import refuse_state
from clvmodels.cli.terminal import DRIFT, Terminal


@command
def check(
    terminal: Terminal,
    log: LogOptions,
    against: FittedModel,
    level: FalseAlarms = 0.05,
    tolerance: Tolerance = 0.05,
    output: o.TableOutput = None,
) -> None:
    """Compare what has come since a fit with what the models expected, and tell drift from chance."""
    refuse_state(log)
    path = None if output is None else check_output(output, TABLES, [*log.log, against])
    fits = load_models(terminal, against, None if log.unit is None else log.unit.value)
    with terminal.working(f"Comparing {log.title} with {against}"):
        from clvmodels.evaluation.drift.check_drift import check_drift

        given: dict[str, Any] = {name: None if value == "none" else value for name, value in log.keywords.items()}
        data = log.log[0] if len(log.log) == 1 else log.log
        found = check_drift(
            data, fits.all, observation_end=log.observation_end, level=level, tolerance=tolerance, **given
        )
    until = f"{found.fitted_until:%Y-%m-%d} to {found.observation_end:%Y-%m-%d}"
    terminal.say(tables.title("Since the fit", until), measures(found))
    terminal.say(tables.paragraphs(found.summary().splitlines()))
    if path is not None:
        replaced = path.exists()
        write_table(found.table.reset_index(), path)
        terminal.say(tables.written(path, f"{len(found.table)} measures", replaced))
    if found.drifted:
        raise typer.Exit(DRIFT)
