"""``clv target``: whom to choose for which activity under a budget."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clvmodels.cli.inputs import options as o
from clvmodels.cli.inputs.campaign import CampaignOptions
from clvmodels.cli.inputs.command import command
from clvmodels.cli.inputs.groups import CostOptions, ForecastModels, LogOptions, ValuationOptions, check_for_life
from clvmodels.cli.output import tables
from clvmodels.cli.output.files import TABLES, check_output, write_table
from clvmodels.cli.steps import models as steps
from clvmodels.cli.steps.customers import read_customers
from clvmodels.cli.steps.scores import forecast_scores, scores_heading
from clvmodels.cli.terminal import Terminal, UsageProblem
from clvmodels.formats import without_python

if TYPE_CHECKING:
    import pandas as pd

    from clvmodels.decisions.targeting.result import Targeting

_GROUP_OF_REST = "holdout of the rest"


@command
def target(
    terminal: Terminal,
    log: LogOptions,
    campaign: CampaignOptions,
    models: ForecastModels,
    valuation: ValuationOptions,
    costs: CostOptions,
    output: o.Output = "campaign.csv",
    as_is: o.AsIs = False,
) -> None:
    """Choose customers for activities: the most profitable list within a budget, with a random holdout in it."""
    path = check_output(output, TABLES, [*log.log, campaign.activities])
    check_for_life(valuation)
    steps.check_models(*models.names)
    activities = campaign.table()
    customers = read_customers(terminal, log, log.time_unit, keep_purchases=True)
    if not steps.has_amounts(customers):
        raise UsageProblem("A campaign needs the value of customers, and so amounts. Name their column by --amount.")
    with terminal.working(f"Valuing {len(customers):,} customers"):
        found, scores = forecast_scores(customers, *models.names, valuation, costs)
    with terminal.working("Choosing customers"):
        from clvmodels.decisions.targeting.target import target

        plan = target(
            scores.set_index("customer_id"),
            activities,
            budget=campaign.budget,
            holdout=campaign.holdout,
            seed=campaign.seed,
        )
    heading = scores_heading(valuation, costs, customers.unit, found.spend_fit is not None)
    sentences = map(without_python, plan.summary().splitlines())
    terminal.say(tables.title("Campaign", heading[0]), tables.paragraphs(sentences))
    replaced, table = path.exists(), _written(plan)
    write_table(table, path, as_is=as_is)
    terminal.say(tables.written(path, f"{len(table):,} customers, {table.shape[1]} columns", replaced))


def _written(plan: Targeting) -> pd.DataFrame:
    """The chosen, and those of the rest who are held out."""
    import pandas as pd

    rest = plan.holdout.loc[plan.holdout["activity"].isna(), ["customer_id"]].assign(group=_GROUP_OF_REST)
    return pd.concat([plan.plan.astype({"activity": object}), rest], ignore_index=True)
