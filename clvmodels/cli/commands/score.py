"""``clv score``: what each customer will do, and is worth."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clvmodels.cli.inputs import options as o
from clvmodels.cli.inputs.command import command
from clvmodels.cli.inputs.groups import CostOptions, ForecastModels, LogOptions, ValuationOptions, check_for_life
from clvmodels.cli.output import tables
from clvmodels.cli.output.files import TABLES, check_folder, check_output, is_folder, write_scores
from clvmodels.cli.steps import models as steps
from clvmodels.cli.steps.customers import bind_log, read_customers
from clvmodels.cli.steps.scores import conditions, forecast_log, scores_heading
from clvmodels.cli.terminal import Terminal, UsageProblem

if TYPE_CHECKING:
    from pathlib import Path

    from clvmodels.transactions.customers import Customers

_MEMORY = "2GiB"
_NO_SPEND = "{file} holds no model of spend, so purchases are predicted, but neither spend nor value."
_AS_SAVED = (
    "These are predictions of the models in {file} as they were fitted. Without --model clv score forecasts: it fits "
    "models to this log, moves spend half way to the level of the last year, and takes ranges from earlier dates."
)


@command
def score(
    terminal: Terminal,
    log: LogOptions,
    model: o.ModelFile = None,
    *,
    models: ForecastModels,
    valuation: ValuationOptions,
    costs: CostOptions,
    output: o.ScoresOutput = "scores.csv",
    memory: o.Memory = None,
    top: o.Top = 10,
    as_is: o.AsIs = False,
) -> None:
    """Score every customer of a log: the chance to buy again, purchases, spend, risk and value."""
    if memory is not None or is_folder(output):
        _in_parts(terminal, log, model, models, valuation, costs, output, memory)
        return
    path = check_output(output, TABLES, [*log.log, *([model] if model else [])])
    check_for_life(valuation)
    if model is None:
        customers, found = forecast_log(terminal, log, models, valuation)
        money, has_spend = found.currency, found.spend_fit is not None
        with terminal.working(f"Scoring {len(customers):,} customers"):
            from clvmodels.scoring.score import scores_of

            scores = scores_of(found, for_life=valuation.span is None, **conditions(valuation, costs))
    else:
        customers, fits = _load(terminal, log, model, models)
        found, has_spend = None, fits.spend is not None
        with terminal.working(f"Scoring {len(customers):,} customers"):
            from clvmodels.scoring.score import score as score_by

            scores = score_by(customers, fits.all, horizon=valuation.span, **conditions(valuation, costs))
        money = customers.currency or (None if fits.spend is None else fits.spend.currency)
        terminal.say(tables.paragraphs([_AS_SAVED.format(file=model)]))
    replaced = path.exists()
    with terminal.working(f"Writing {path}"):
        write_scores(scores, path, as_is=as_is)
    heading = scores_heading(valuation, costs, customers.unit, has_spend)
    terminal.say(tables.title(*heading), tables.totals(scores, money, valuation.span is None, found))
    if top:
        listed = f"The {min(top, len(scores)):,} customers with {tables.ranking(scores)}"
        terminal.say(tables.title(listed), tables.best(scores, customers, top, money, terminal.out.width))
    terminal.say(tables.written(path, f"{len(scores):,} customers, {scores.shape[1] + 1} columns", replaced))


def _in_parts(
    terminal: Terminal,
    log: LogOptions,
    model: str | None,
    models: ForecastModels,
    valuation: ValuationOptions,
    costs: CostOptions,
    output: str,
    memory: str | None,
) -> None:
    """Scores of a log that may be larger than memory, by models of a file."""
    if model is None:
        raise UsageProblem(
            "--memory and folders need --model FILE: clv fit makes one. Or write a .csv or .parquet file."
        )
    _check_no_models(models)
    path = check_folder(output)
    check_for_life(valuation)
    fits = steps.load_models(terminal, model, None if log.unit is None else log.unit.value)
    bound = bind_log(log, fits.purchases.log)
    for fit in fits.all:
        steps.show(terminal, fit, model)
    every = fits.all if bound.has_amounts else (fits.purchases,)
    if len(every) == 1:
        terminal.warn(steps.NO_AMOUNTS if fits.spend else _NO_SPEND.format(file=model))
    replaced = path.exists()
    with terminal.progress() as progress:
        from clvmodels.scoring.streamed.score_to import score_to

        written = score_to(
            path,
            bound,
            every,
            memory=memory or _MEMORY,
            observation_end=log.observation_end,
            horizon=valuation.span,
            progress=progress,
            **conditions(valuation, costs),
        )
    heading = scores_heading(valuation, costs, fits.purchases.unit, len(every) > 1)
    terminal.say(tables.title(*heading), tables.paragraphs([_AS_SAVED.format(file=model)]))
    terminal.say(tables.written(path, f"{_customers_in(written):,} customers", replaced))


def _customers_in(path: Path) -> int:
    """Rows of a Parquet file, or of all files of a folder."""
    import pyarrow.parquet as pq

    return sum(pq.read_metadata(file).num_rows for file in (path.glob("*.parquet") if path.is_dir() else [path]))


def _check_no_models(models: ForecastModels) -> None:
    if models.are_given:
        raise UsageProblem("--model brings its own models. Leave --purchase-model and --spend-model out.")


def _load(terminal: Terminal, log: LogOptions, model: str, models: ForecastModels) -> tuple[Customers, steps.Models]:
    """Customers, and the models of a file; without amounts the spend model is left out."""
    _check_no_models(models)
    fits = steps.load_models(terminal, model, None if log.unit is None else log.unit.value)
    every = any(steps.needs_purchases(one.model) for one in fits.all)
    customers = read_customers(terminal, log, fits.purchases.unit, keep_purchases=every, model=fits.purchases)
    for fit in fits.all:
        steps.show(terminal, fit, model)
    if fits.spend is None:
        terminal.warn(_NO_SPEND.format(file=model))
    elif not steps.has_amounts(customers):
        terminal.warn(steps.NO_AMOUNTS)
        return customers, steps.Models(fits.purchases)
    return customers, fits
