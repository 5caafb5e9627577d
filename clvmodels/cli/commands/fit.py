"""``clv fit``: the models of a log, kept in one file."""

from __future__ import annotations

from clvmodels.cli.inputs import options as o
from clvmodels.cli.inputs.command import command
from clvmodels.cli.inputs.groups import ExplainingOptions, LogOptions, ModelOptions
from clvmodels.cli.output import tables
from clvmodels.cli.output.files import MODELS, check_output
from clvmodels.cli.steps.customers import read_customers
from clvmodels.cli.steps.models import check_models, fit_models, needs_purchases
from clvmodels.cli.terminal import Terminal


@command
def fit(
    terminal: Terminal,
    log: LogOptions,
    models: ModelOptions,
    explaining: ExplainingOptions,
    output: o.Output = "model.json",
) -> None:
    """Fit models to a log and keep them in a file, for [bold]clv score --model[/]."""
    path = check_output(output, MODELS, log.log)
    check_models(*models.names)
    how = explaining.keywords
    covariates, every = how["covariates"], needs_purchases(*models.names) or explaining.calendar
    keep = () if covariates is None else covariates.columns_to_keep
    customers = read_customers(terminal, log, log.time_unit, keep_purchases=every, keep=keep)
    fits = fit_models(terminal, customers, *models.names, **how)
    from clvmodels.inference.fits.store import save

    replaced = path.exists()
    save(path, *fits.all)
    titles = " and ".join(fit.definition.spec.title for fit in fits.all)
    terminal.say(tables.written(path, titles, replaced))
