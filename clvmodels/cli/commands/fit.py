"""``clv fit``: the models of a log, kept in one file."""

from __future__ import annotations

import typer

from clvmodels.cli.inputs import models
from clvmodels.cli.inputs import options as o
from clvmodels.cli.inputs.customers import Source, read_customers
from clvmodels.cli.output import tables
from clvmodels.cli.output.files import MODELS, check_output
from clvmodels.cli.output.terminal import Terminal, plainly


@plainly
def fit(
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
    purchase_model: o.PurchaseModel = None,
    spend_model: o.SpendModel = None,
    output: o.Output = "model.json",
    quiet: o.Quiet = False,
    debug: o.Debug = False,
) -> None:
    """Fit models to a log and keep them in a file, for [bold]clv score --model[/]."""
    terminal: Terminal = context.obj
    path = check_output(output, MODELS, log)
    names = (purchase_model or "bg/nbd", spend_model or "gamma-gamma")
    models.check_models(*names)
    source = Source(log, customer, date, amount, order, observation_end, refunds.value, timezone, currency)
    every = models.needs_purchases(*names)
    customers = read_customers(terminal, source, (unit or o.Unit.week).value, keep_purchases=every)
    fits = models.fit_models(terminal, customers, *names)
    if "spend" not in fits:
        terminal.warn(models.NO_AMOUNTS)
    from clvmodels.inference.fits.store import save

    replaced = path.exists()
    save(path, *fits.values())
    terminal.say(tables.written(path, " and ".join(fit.definition.spec.title for fit in fits.values()), replaced))
