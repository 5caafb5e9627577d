"""``clv score``: what each customer will do, and is worth."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from clvmodels.cli.inputs import models
from clvmodels.cli.inputs import options as o
from clvmodels.cli.inputs.customers import Source, read_customers
from clvmodels.cli.inputs.values import read_horizon
from clvmodels.cli.output import tables
from clvmodels.cli.output.files import TABLES, check_output, write_table
from clvmodels.cli.output.scores import Terms, score_customers
from clvmodels.cli.output.terminal import Terminal, UsageProblem, plainly

if TYPE_CHECKING:
    from clvmodels.transactions.customers import Customers


@plainly
def score(
    context: typer.Context,
    log: o.Log,
    customer: o.Customer = None,
    date: o.Date = None,
    amount: o.Amount = None,
    order: o.Order = None,
    unit: o.UnitOfTime = None,
    observation_end: o.ObservationEnd = None,
    refunds: o.RefundPolicy = o.Refunds.net,
    timezone: o.Timezone = None,
    currency: o.Currency = None,
    model: o.ModelFile = None,
    purchase_model: o.PurchaseModel = None,
    spend_model: o.SpendModel = None,
    horizon: o.Horizon = "1Y",
    discount_rate: o.DiscountRate = 0.10,
    margin: o.Margin = 1.0,
    cost_per_purchase: o.CostPerPurchase = 0.0,
    retention_cost_per_year: o.RetentionCost = 0.0,
    output: o.Output = "scores.csv",
    top: o.Top = 10,
    quiet: o.Quiet = False,
    debug: o.Debug = False,
) -> None:
    """Score every customer of a log: the chance to buy again, purchases, spend, risk and value."""
    terminal: Terminal = context.obj
    path = check_output(output, TABLES, [*log, *([model] if model else [])])
    terms = Terms(read_horizon(horizon), discount_rate, margin, cost_per_purchase, retention_cost_per_year)
    source = Source(log, customer, date, amount, order, observation_end, refunds.value, timezone, currency)
    asked = None if unit is None else unit.value
    customers, fits = _models(terminal, source, model, asked, purchase_model, spend_model)
    with terminal.working(f"Scoring {len(customers):,} customers"):
        scores = score_customers(customers, fits, terms)
    replaced = path.exists()
    with terminal.working(f"Writing {path}"):
        write_table(scores, path)
    money = currency or (fits["spend"].currency if "spend" in fits else None)
    terminal.say(
        tables.title(*terms.heading(customers.unit, "spend" in fits)),
        tables.totals(scores, money, terms.horizon is None),
    )
    if top:
        listed = f"The {min(top, len(scores)):,} customers with {tables.ranking(scores)}"
        terminal.say(tables.title(listed), tables.best(scores, customers, top, money, terminal.out.width))
    terminal.say(tables.written(path, f"{len(scores):,} customers, {scores.shape[1]} columns", replaced))


def _models(
    terminal: Terminal,
    source: Source,
    model: str | None,
    unit: str | None,
    purchase_model: str | None,
    spend_model: str | None,
) -> tuple[Customers, models.Fits]:
    """Customers and the models that predict them: from a file, or fitted to these customers."""
    if model is None:
        names = (purchase_model or "bg/nbd", spend_model or "gamma-gamma")
        models.check_models(*names)
        every = models.needs_purchases(*names)
        customers = read_customers(terminal, source, unit or "week", keep_purchases=every)
        fits = models.fit_models(terminal, customers, *names)
    else:
        if purchase_model or spend_model:
            raise UsageProblem("--model brings its own models. Leave --purchase-model and --spend-model out.")
        fits = models.load_models(terminal, model, unit)
        every = models.needs_purchases(*(fit.model for kind, fit in fits.items() if kind == "spend"))
        customers = read_customers(terminal, source, fits["purchases"].unit, keep_purchases=every)
        for fit in fits.values():
            models.show(terminal, fit, model)
    if not models.has_amounts(customers):
        fits.pop("spend", None)
        terminal.warn(models.NO_AMOUNTS)
    elif "spend" not in fits:
        terminal.warn(f"{model} holds no model of spend, so purchases are predicted, but neither spend nor value.")
    return customers, fits
