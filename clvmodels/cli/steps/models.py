"""Models: names checked before any work, fits made or loaded, and printed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clvmodels.cli.output import tables
from clvmodels.cli.terminal import Terminal, UsageProblem

if TYPE_CHECKING:
    from clvmodels.inference.fits.fit import Fit
    from clvmodels.transactions.customers import Customers

Fits = dict[str, "Fit"]
NO_AMOUNTS = "There are no amounts, so purchases are predicted, but neither spend nor value."


def check_models(purchase_model: str, spend_model: str) -> None:
    """Raise if a name is unknown, or that of a model of something else."""
    from clvmodels import models

    for option, name, kind in (("purchase", purchase_model, "purchases"), ("spend", spend_model, "spend")):
        found = models.get(name).spec.kind
        if found != kind:
            raise UsageProblem(f"--{option}-model {name} is a model of {found}.")


def needs_purchases(*names: str) -> bool:
    """Whether one of the models asks for every purchase of the log."""
    from clvmodels import models

    return any(models.needs_purchases(name) for name in names)


def has_amounts(customers: Customers) -> bool:
    """Whether the log was read with amounts."""
    return customers.report is not None and customers.report.amount_bought is not None


def fit_models(terminal: Terminal, customers: Customers, purchase_model: str, spend_model: str) -> Fits:
    """Fit the purchase model, and the spend model if there are amounts."""
    from clvmodels.inference.estimation.fit import fit

    names = {"purchases": purchase_model}
    if has_amounts(customers):
        names["spend"] = spend_model
    fits = {}
    for kind, name in names.items():
        with terminal.working(f"Fitting {name} to {len(customers):,} customers"):
            fits[kind] = fit(customers, name)
        show(terminal, fits[kind])
    return fits


def load_models(terminal: Terminal, path: str, unit: str | None) -> Fits:
    """Read the fits of a file and raise if they don't go with the options."""
    with terminal.working(f"Reading {path}"):
        from clvmodels.inference.fits.store import load_all

        fits = load_all(path)
    if "purchases" not in fits:
        raise UsageProblem(f"{path} holds no model of purchases. Make one with clv fit.")
    fitted = fits["purchases"].unit
    if unit is not None and unit != fitted:
        raise UsageProblem(f"The models in {path} were fitted in {fitted}s, not in {unit}s. Leave --unit out.")
    return fits


def show(terminal: Terminal, fit: Fit, origin: str = "") -> None:
    """Print a fit; the doubts of its diagnosis become warnings."""
    terminal.say(tables.title(*tables.fit_heading(fit, origin)), tables.fit(fit, terminal.out.width))
    for sentence in fit.diagnosis[1:]:
        terminal.warn(sentence)
