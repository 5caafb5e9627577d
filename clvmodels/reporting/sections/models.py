"""The fitted models: what their parameters say, how well they were found, and how they fit."""

from __future__ import annotations

from clvmodels.errors import UnsupportedPrediction
from clvmodels.forecasting.notes import doubts_of
from clvmodels.forecasting.timeline.purchase_record import sampled_customers
from clvmodels.inference.fits.display import fitted_to
from clvmodels.inference.fits.fit import Fit
from clvmodels.inference.fits.kinds import PurchaseFit, SpendFit
from clvmodels.inference.population.clock.structure import ClockStructure
from clvmodels.plots.calendar_factors import calendar, calendar_table
from clvmodels.plots.independence import spend_independence, spend_independence_table
from clvmodels.plots.repeat_histogram import repeat_purchases, repeat_purchases_table
from clvmodels.plots.spend import spend_density, spend_density_table
from clvmodels.reporting import formats
from clvmodels.reporting.blocks import Block, Figure, Heading, Prose, Remark, Remarks, Section, Table
from clvmodels.reporting.figures import figure
from clvmodels.reporting.study.study import Study

_MOST_DRAWN = 50_000  # customers of a density: bars of 1,000 of them are off by 3 %
_METHODS = {
    "mle": "maximum likelihood",
    "map": "the posterior mode",
    "laplace": "Laplace's method",
    "nuts": "Hamiltonian Monte Carlo",
}


def section(study: Study) -> Section:
    """The purchase model and the spend model."""
    purchases, spend = study.purchases, study.spend
    blocks: list[Block] = [Heading(f"Purchases: {purchases.definition.spec.title}"), Prose(of_purchases(study))]
    blocks += [parameters(purchases), *_calendar(purchases), _repeat(study)]
    doubts = tuple(Remark("problem", "models", formats.plainly(one)) for one in doubts_of(study.forecast))
    blocks += [Remarks(doubts)] if doubts else []
    if spend is not None:
        blocks += [Heading(f"Spend: {spend.definition.spec.title}"), Prose(of_spend(study, spend))]
        blocks += [parameters(spend), *_of_a_sample(study), _spend(study, spend), *_independence(study)]
    return Section("models", "The models", tuple(blocks))


def of_purchases(study: Study) -> tuple[str, ...]:
    """What a new customer does under the model, and how the fit went."""
    fit, ahead = study.purchases, study.options.horizon
    said = []
    try:
        count = float(fit.expected_purchases(ahead, "new").iloc[0])
        chance = float(fit.purchase_probability(ahead, "new").iloc[0])
        said.append(
            f"By this model a new customer comes back within the first {study.horizon_text} with a probability of "
            f"{formats.share(chance)}, and makes {formats.about(count)} further purchases on average."
        )
    except UnsupportedPrediction:
        pass
    return (*said, _fitted(fit))


def of_spend(study: Study, fit: SpendFit) -> tuple[str, ...]:
    """What a purchase is worth under the model, and how the fit went."""
    buyer = "customer" if fit.definition.spec.every_purchase else "repeat buyer"
    mean = formats.money(float(fit.expected_spend("new").iloc[0]), study.currency)
    return (
        f"A purchase of a customer of whom nothing else is known is worth {mean} on average. For each {buyer} the "
        "model takes what they spent so far and draws it towards this mean, the more so the fewer their purchases.",
        _fitted(fit),
    )


def _fitted(fit: Fit) -> str:
    """What a fit was fitted to, how, and its diagnosis."""
    method = _METHODS.get(fit.method, fit.method)
    found = formats.plainly(" ".join(fit.diagnosis))
    return f"Fitted to {fitted_to(fit.definition, fit.n_customers)} by {method}. {found}"


def parameters(fit: Fit) -> Table:
    """Estimates with their intervals, and what they mean; those of a calendar are drawn."""
    rows, summary = [], fit.summary(0.95)
    structure = fit.structure
    drawn = set(structure.clock.coefficients) if isinstance(structure, ClockStructure) else set()
    summary = summary[[name not in drawn for name in fit.parameters]]
    names = [name for name in fit.parameters if name not in drawn]
    for name, row in zip(names, summary.to_dict("records"), strict=True):
        known = row["std_error"] < float("inf")
        bounds = f"{_number(row['lower'])} to {_number(row['upper'])}" if known else "not identified"
        rows.append((name, _number(row["estimate"]), bounds))
    return Table(
        caption=f"Parameters of {fit.definition.spec.title}",
        heads=("Parameter", "Estimate", "95 % interval"),
        rows=tuple(rows),
        details=tuple(map(formats.plainly, summary["meaning"])),
    )


def _calendar(fit: PurchaseFit) -> list[Block]:
    """What a calendar does, in sentences and drawn, if the model has one."""
    if not isinstance(fit.structure, ClockStructure):
        return []
    table = calendar_table(fit)
    said = f"Beside these parameters it has a calendar. {' '.join(table.attrs['sentences'])}"
    height = 1.4 + 0.17 * (len(table) + table["part"].nunique())  # rows that can be told apart
    picture = figure(lambda ax: calendar(table, ax=ax), wide=(7.6, height), narrow=(4.3, height))
    return [Prose((formats.plainly(said),)), picture]


def _number(value: float) -> str:
    """A parameter in four figures."""
    return f"{value:,.4g}" if 1e-4 < value < 1e6 else f"{value:.2e}"


def _repeat(study: Study) -> Figure:
    """Customers by number of repeat purchases, observed and expected."""
    table = repeat_purchases_table(study.purchases, customers=study.customers)
    return figure(lambda ax: repeat_purchases(table, ax=ax))


def _of_a_sample(study: Study) -> list[Block]:
    """That the next picture is of some of the customers only, if it is."""
    if len(study.customers) <= _MOST_DRAWN:
        return []
    return [Prose((f"The next picture is of {_MOST_DRAWN:,} customers, chosen at random.",))]


def _spend(study: Study, fit: SpendFit) -> Figure:
    """The distribution of mean spend, observed and of the model."""
    table = spend_density_table(fit, customers=sampled_customers(study.customers, _MOST_DRAWN, 0))
    table.attrs["currency"] = study.currency
    return figure(lambda ax: spend_density(table, ax=ax))


def _independence(study: Study) -> list[Figure]:
    """Whether who buys more often spends more a purchase, which the spend model takes no account of."""
    table = spend_independence_table(study.customers)
    if len(table) < 2:
        return []
    table.attrs["currency"] = study.currency
    return [figure(lambda ax: spend_independence(table, ax=ax))]
