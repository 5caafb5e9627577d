"""``clv evaluate``: models and rules of thumb on days that none of them has seen."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from clvmodels.cli.inputs import options as o
from clvmodels.cli.inputs.customers import Source, bound_log, read_columns
from clvmodels.cli.output import tables
from clvmodels.cli.output.files import TABLES, check_output, write_table
from clvmodels.cli.output.terminal import Terminal, UsageProblem, plainly
from clvmodels.formats import without_python

if TYPE_CHECKING:
    from clvmodels.evaluation.holdout.evaluation import Evaluation


@plainly
def evaluate(
    context: typer.Context,
    log: o.Log,
    calibration_end: o.CalibrationEnd = None,
    customer: o.Customer = None,
    date: o.Date = None,
    amount: o.Amount = None,
    order: o.Order = None,
    unit: o.UnitOfTime = None,
    observation_end: o.ObservationEnd = None,
    refunds: o.RefundPolicy = o.Refunds.net,
    timezone: o.Timezone = None,
    currency: o.Currency = None,
    purchase_model: o.PurchaseModels = None,
    spend_model: o.SpendModel = None,
    output: o.TableOutput = None,
    quiet: o.Quiet = False,
    debug: o.Debug = False,
) -> None:
    """Test models on a part of the log that is held out, beside rules of thumb that need no model."""
    terminal: Terminal = context.obj
    if calibration_end is None:
        raise UsageProblem("Pass --calibration-end DATE, the last day that the models may see, such as 1997-09-30.")
    path = None if output is None else check_output(output, TABLES, log)
    source = Source(log, customer, date, amount, order, observation_end, refunds.value, timezone, currency)
    with terminal.working(f"Testing models on {source.name}"):
        from clvmodels.evaluation.holdout.evaluate import evaluate

        columns = read_columns(source)
        result = evaluate(
            bound_log(source, columns),
            unit=(unit or o.Unit.week).value,
            observation_end=observation_end,
            calibration_end=calibration_end,
            models=purchase_model or ["bg/nbd"],
            spend=spend_model or "gamma-gamma",
            intervals=False,
        )
    terminal.say(tables.title(source.name), tables.columns(columns))
    _show(terminal, result)
    if path is not None:
        replaced = path.exists()
        write_table(result.table.reset_index(), path)
        terminal.say(tables.written(path, f"{len(result.table):,} predictors", replaced))


def _show(terminal: Terminal, result: Evaluation) -> None:
    """The split, the table and what it says."""
    terminal.say(tables.title("Held out"), tables.paragraphs([repr(result.holdout)]))
    terminal.say(tables.title("On the holdout"), tables.scores(result, terminal.out.width))
    terminal.say(tables.paragraphs([*result.verdict, *map(without_python, result.notes)]))
