"""``clv score``: what each customer will do, and is worth."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clvmodels.cli.inputs import options as o
from clvmodels.cli.inputs.command import command
from clvmodels.cli.inputs.groups import CostOptions, ForecastModels, LogOptions, ValuationOptions, check_for_life
from clvmodels.cli.output import tables
from clvmodels.cli.output.files import TABLES, check_output, write_table
from clvmodels.cli.steps import models as steps
from clvmodels.cli.steps.customers import read_customers
from clvmodels.cli.steps.scores import forecast_log, score_customers, scores_heading
from clvmodels.cli.terminal import Terminal, UsageProblem

if TYPE_CHECKING:
    from clvmodels.transactions.customers import Customers

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
    output: o.Output = "scores.csv",
    top: o.Top = 10,
    as_is: o.AsIs = False,
) -> None:
    """Score every customer of a log: the chance to buy again, purchases, spend, risk and value."""
    path = check_output(output, TABLES, [*log.log, *([model] if model else [])])
    check_for_life(valuation)
    if model is None:
        customers, scores, found = forecast_log(terminal, log, models, valuation, costs)
        money, has_spend = found.currency, found.spend_fit is not None
    else:
        customers, fits = _load(terminal, log, model, models)
        found, has_spend = None, fits.spend is not None
        with terminal.working(f"Scoring {len(customers):,} customers"):
            scores = score_customers(customers, fits, valuation, costs)
        money = customers.currency or (None if fits.spend is None else fits.spend.currency)
        terminal.say(tables.paragraphs([_AS_SAVED.format(file=model)]))
    replaced = path.exists()
    with terminal.working(f"Writing {path}"):
        write_table(scores, path, as_is=as_is)
    heading = scores_heading(valuation, costs, customers.unit, has_spend)
    terminal.say(tables.title(*heading), tables.totals(scores, money, valuation.span is None, found))
    if top:
        listed = f"The {min(top, len(scores)):,} customers with {tables.ranking(scores)}"
        terminal.say(tables.title(listed), tables.best(scores, customers, top, money, terminal.out.width))
    terminal.say(tables.written(path, f"{len(scores):,} customers, {scores.shape[1]} columns", replaced))


def _load(terminal: Terminal, log: LogOptions, model: str, models: ForecastModels) -> tuple[Customers, steps.Models]:
    """Customers, and the models of a file; without amounts the spend model is left out."""
    if models.are_given:
        raise UsageProblem("--model brings its own models. Leave --purchase-model and --spend-model out.")
    fits = steps.load_models(terminal, model, None if log.unit is None else log.unit.value)
    every = any(steps.needs_purchases(one.model) for one in fits.all)
    customers = read_customers(terminal, log, fits.purchases.unit, keep_purchases=every, model=fits.purchases)
    for fit in fits.all:
        steps.show(terminal, fit, model)
    if fits.spend is None:
        terminal.warn(f"{model} holds no model of spend, so purchases are predicted, but neither spend nor value.")
    elif not steps.has_amounts(customers):
        terminal.warn(steps.NO_AMOUNTS)
        return customers, steps.Models(fits.purchases)
    return customers, fits
