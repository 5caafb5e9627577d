"""``clv evaluate``: models and naive baselines on days that none of them has seen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clvmodels.cli.inputs import options as o
from clvmodels.cli.inputs.command import command
from clvmodels.cli.inputs.groups import ExplainingOptions, LogOptions
from clvmodels.cli.output import tables
from clvmodels.cli.output.files import TABLES, check_output, write_table
from clvmodels.cli.steps.customers import bind_log
from clvmodels.cli.steps.models import check_models
from clvmodels.cli.terminal import Terminal, UsageProblem
from clvmodels.formats import without_python

if TYPE_CHECKING:
    from clvmodels.evaluation.holdout.evaluation import Evaluation


@command
def evaluate(
    terminal: Terminal,
    log: LogOptions,
    calibration_end: o.CalibrationEnd = None,
    purchase_model: o.PurchaseModels = None,
    spend_model: o.SpendModel = None,
    *,
    explaining: ExplainingOptions,
    forecast: o.WithForecast = False,
    output: o.TableOutput = None,
) -> None:
    """Test models on a part of the log that is held out, beside rules of thumb that need no model."""
    if calibration_end is None:
        raise UsageProblem("Pass --calibration-end DATE, the last day that the models may see, such as 1997-09-30.")
    path = None if output is None else check_output(output, TABLES, log.log)
    purchase_models, spend = purchase_model or ["bg/nbd"], spend_model or "gamma-gamma"
    for name in purchase_models:
        if name != "best":
            check_models(name, spend)
    with terminal.working(f"Testing models on {log.title}"):
        from clvmodels.evaluation.holdout.evaluate import evaluate

        bound = bind_log(log)
        result = evaluate(
            bound,
            unit=log.time_unit,
            observation_end=log.observation_end,
            calibration_end=calibration_end,
            models=purchase_models,
            spend=spend,
            intervals=False,
            forecast=forecast,
            **explaining.keywords,
        )
    terminal.say(tables.title(log.title), tables.columns(bound))
    _show(terminal, result)
    if path is not None:
        replaced = path.exists()
        write_table(result.table.reset_index(), path)
        terminal.say(tables.written(path, f"{len(result.table):,} predictors", replaced))


def _show(terminal: Terminal, result: Evaluation) -> None:
    """The split, the table of metrics and the verdict."""
    terminal.say(tables.title("Held out"), tables.paragraphs([repr(result.holdout)]))
    terminal.say(tables.title("On the holdout"), tables.scores(result, terminal.out.width))
    terminal.say(tables.paragraphs([*result.verdict, *map(without_python, result.notes)]))
