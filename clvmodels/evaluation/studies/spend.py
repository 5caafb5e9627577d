"""Which spend model predicts what customers spend a purchase? ``python -m clvmodels.evaluation.studies.spend``.

The logs and origins of `accuracy`; customers who bought before and after the origin, by the mean of what they spent on
each purchase after it. The scores are means over customers.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence

import pandas as pd

from clvmodels.evaluation import metrics
from clvmodels.evaluation.studies.accuracy import cases
from clvmodels.inference.data.model_data import spend_columns
from clvmodels.inference.estimation.by_kind import fit_spend
from clvmodels.inference.fits.kinds import SpendFit
from clvmodels.models.protocol import SpendModel
from clvmodels.transactions.customers import Customers
from clvmodels.transactions.summary.summarize import summarize

MODELS = ("gamma-gamma", "gamma-gamma-amounts")


def run(models: Sequence[str] = MODELS) -> Iterator[tuple[str, pd.DataFrame]]:
    """Title and table of each case, with one row a spend model."""
    for case in cases():
        before, whole = (
            summarize(case.log, observation_end=last, keep_purchases=True) for last in (case.origin, case.end)
        )
        after = _after(whole, before)
        rows = {model: score(fit_spend(before, model), before, after) for model in models}
        yield case.title, pd.DataFrame(rows).T.rename_axis("spend")


def score(spend: SpendFit, before: Customers, after: Customers) -> dict[str, float]:
    """Errors of the expected spend, and the log density of what was spent.

    Parameters
    ----------
    spend : SpendFit
        A spend model, fitted to ``before``.
    before, after : Customers
        The same customers, with the purchases until the origin and of the time after it.

    Returns
    -------
    dict of str to float
        ``customers`` who bought later; ``mae``, ``rmse`` and ``spearman`` of their mean spend; ``bias`` of the sum over
        customers, as a share of it; ``log_score``, the mean log density of the mean spend given the history.
    """
    number, mean, _ = after.purchase_amounts()
    later = number > 0
    actual, expected = mean[later], spend.expected_spend(before).to_numpy()[later]
    x, m, *_ = (column[later] for column in spend_columns(spend.definition, before))
    p, q, v = (spend.parameters[name] for name in ("p", "q", "v"))
    # given the history a customer's rate is Gamma(p x + q, v + x m)
    assert isinstance(spend.definition, SpendModel)
    density = spend.definition.log_density_of_mean
    return {
        "customers": float(later.sum()),
        **{name: error(actual, expected) for name, error in metrics.POINT_ERRORS.items()},
        "spearman": metrics.spearman(actual, expected, ties="shared"),
        "log_score": float(density(number[later], actual, p=p, q=p * x + q, v=v + x * m).mean()),
    }


def _after(whole: Customers, before: Customers) -> Customers:
    """The customers of ``before`` with the purchases that came later."""
    assert whole.purchases is not None  # they were asked for
    late = whole.purchases["day"] > before.observation_end
    return Customers(before.table, before.unit, purchases=whole.purchases[late])


def main() -> None:
    """Print the tables."""
    for heading, table in run(sys.argv[1:] or MODELS):
        print(f"{heading}\n{table.to_string(float_format='{:,.3f}'.format)}\n")


if __name__ == "__main__":
    main()
