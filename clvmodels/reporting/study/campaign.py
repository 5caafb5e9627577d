"""The campaign of a report: what `clvmodels.target` chooses under the budget."""

from __future__ import annotations

import pandas as pd

from clvmodels.decisions.targeting.result import Targeting
from clvmodels.decisions.targeting.target import target
from clvmodels.reporting.options import LEVEL, CampaignRequest
from clvmodels.transactions.customers import Customers

# What an activity may name beside the columns of the values, as in the scores of the command line.
SUMMARY = ["frequency", "recency", "T", "monetary_value"]


def campaign_of(request: CampaignRequest, value: pd.DataFrame, customers: Customers) -> Targeting:
    """Whom to reach with what, of customers with these values.

    Parameters
    ----------
    request : CampaignRequest
        Activities and budget.
    value : pandas.DataFrame
        As `Forecast.lifetime_value` gives it: the range of its sum enters that of the profit.
    customers : Customers
        Their summaries.
    """
    known = {name: customers.table[name] for name in SUMMARY if name in customers.table}
    return target(value.assign(**known), request.activities, budget=request.budget, interval=LEVEL)
