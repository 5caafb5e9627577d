"""Models: names checked before any work, fits made or loaded, and printed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from clvmodels.cli.output import tables
from clvmodels.cli.terminal import Terminal, UsageProblem

if TYPE_CHECKING:
    from clvmodels.forecasting.result.forecast_result import Forecast
    from clvmodels.inference.data.clock.calendar import Calendar
    from clvmodels.inference.data.covariates import Covariates
    from clvmodels.inference.fits.fit import Fit
    from clvmodels.inference.fits.kinds import PurchaseFit, SpendFit
    from clvmodels.transactions.customers import Customers

NO_REPEAT_SPEND = "Nobody paid for a second purchase, so purchases are predicted, but neither spend nor value."
NO_AMOUNTS = "There are no amounts, so purchases are predicted, but neither spend nor value."


def check_models(purchase_model: str, spend_model: str) -> None:
    """Raise if a name is unknown, or that of a model of something else."""
    from clvmodels import models
    from clvmodels.forecasting.rules.gate import RULES

    for option, name, kind in (("purchase", purchase_model, "purchases"), ("spend", spend_model, "spend")):
        if option == "purchase" and name in RULES:
            continue
        found = models.get(name).spec.kind
        if found != kind:
            raise UsageProblem(f"--{option}-model {name} is a model of {found}.")
        if models.get(name).spec.discrete:
            raise UsageProblem(f"--{option}-model {name} counts opportunities to buy, and clv reads days. Take bg/nbd.")


def needs_purchases(*names: str) -> bool:
    """Whether one of the models asks for every purchase of the log."""
    from clvmodels import models

    return any(models.needs_purchases(name) for name in names)


def has_amounts(customers: Customers) -> bool:
    """Whether the log was read with amounts."""
    if customers.report is None:  # of a state
        return customers.log is not None and customers.log.has_amounts
    return customers.report.amount_bought is not None


@dataclass(frozen=True)
class Models:
    """A fitted purchase model, and a spend model if there is one."""

    purchases: PurchaseFit
    spend: SpendFit | None = None

    @property
    def all(self) -> tuple[PurchaseFit | SpendFit, ...]:
        """The models there are."""
        return (self.purchases,) if self.spend is None else (self.purchases, self.spend)


def fit_models(
    terminal: Terminal,
    customers: Customers,
    purchase_model: str,
    spend_model: str,
    covariates: Covariates | None = None,
    calendar: Calendar | None = None,
) -> Models:
    """Fit the purchase model, and the spend model if there are amounts; each is printed."""
    from clvmodels.inference.estimation.by_kind import fit_purchases, fit_spend

    with terminal.working(f"Fitting {purchase_model} to {len(customers):,} customers"):
        purchases = fit_purchases(customers, purchase_model, covariates, calendar)
    show(terminal, purchases)
    if not has_amounts(customers):
        terminal.warn(NO_AMOUNTS)
        return Models(purchases)
    if not needs_purchases(spend_model) and not (customers.table["spend_frequency"] > 0).any():
        terminal.warn(NO_REPEAT_SPEND)
        return Models(purchases)
    with terminal.working(f"Fitting {spend_model} to {len(customers):,} customers"):
        spend = fit_spend(customers, spend_model, covariates)
    show(terminal, spend)
    return Models(purchases, spend)


def load_models(terminal: Terminal, path: str, unit: str | None) -> Models:
    """Read the fits of a file and raise if they don't go with the options."""
    with terminal.working(f"Reading {path}"):
        from clvmodels.inference.fits.kinds import PurchaseFit, SpendFit
        from clvmodels.inference.fits.store import load_all

        fits = load_all(path)
    purchases, spend = fits.get("purchases"), fits.get("spend")
    if not isinstance(purchases, PurchaseFit):
        raise UsageProblem(f"{path} holds no model of purchases. Make one with clv fit.")
    if unit is not None and unit != purchases.unit:
        raise UsageProblem(f"The models in {path} were fitted in {purchases.unit}s, not in {unit}s. Leave --unit out.")
    return Models(purchases, spend if isinstance(spend, SpendFit) else None)


def cost_of_choice(found: Forecast) -> list[str]:
    """What choosing the models of a forecast took, if others were tried."""
    return [] if found.choice is None or not found.choice.cost else [found.choice.cost]


def show(terminal: Terminal, fit: Fit, origin: str = "") -> None:
    """Print a fit; the doubts of its diagnosis become warnings."""
    terminal.say(tables.title(*tables.fit_heading(fit, origin)), tables.fit(fit, terminal.out.width))
    for sentence in fit.diagnosis[1:]:
        terminal.warn(sentence)
