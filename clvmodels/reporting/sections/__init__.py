"""The sections of the report, one a file: each a function from a Study to what is to be said.

A new section is one file here and one name in `SECTIONS`.
"""

from __future__ import annotations

from collections.abc import Callable

from clvmodels.reporting.blocks import Section
from clvmodels.reporting.sections import (
    all_customers,
    campaign,
    cohorts,
    customers,
    data,
    forecast,
    method,
    models,
    summary,
    trust,
    worth,
)
from clvmodels.reporting.study.study import Study

# In the order of the page; a section that has nothing to say returns None.
SECTIONS: tuple[Callable[[Study], Section | None], ...] = (
    summary.section,
    forecast.section,
    worth.section,
    cohorts.section,
    customers.section,
    all_customers.section,
    campaign.section,
    trust.section,
    data.section,
    models.section,
    method.section,
)
