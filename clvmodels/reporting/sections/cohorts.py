"""Who came when: new customers by month, how many came back, what they spent, and how the latest differ."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd

from clvmodels import formats as plain
from clvmodels.errors import LogWarning
from clvmodels.plots.cohort_map import cohort_table, cohorts
from clvmodels.reporting import formats
from clvmodels.reporting.blocks import Block, Prose, Section, Table
from clvmodels.reporting.figures import figure
from clvmodels.reporting.study.study import Study
from clvmodels.transactions.summary.activity import cohort_activity

_MOST = 18  # cohorts that one reads in a table
_AGES = {"month": (1, 3, 6, 12), "quarter": (1, 2, 4, 8), "year": (1, 2, 3, 5)}  # of the columns
_LEAST = 100  # customers of the latest cohorts, to say how they differ
_SURE = 2.0  # standard errors


def section(study: Study) -> Section | None:
    """New customers, retention and spend by cohort and age; None without purchases, or where no cohort has an age."""
    activity = _activity(study)
    if activity is None:
        return None
    period = str(activity.attrs["period"])
    came_back = cohort_table(activity, of="customers", period=period)
    later = came_back.loc[:, np.asarray(came_back.columns) >= 1]
    if not later.notna().to_numpy().any():
        return None
    said = (acquisition(activity, period), *latest(later, np.array(came_back.attrs["sizes"]), period))
    blocks: list[Block] = [Prose(said), by_cohort(study, activity, came_back, period)]
    if len(later.dropna(how="all")) > 1:
        height = min(6.0, 1.8 + 0.27 * len(later))
        blocks.append(figure(lambda ax: cohorts(came_back, ax=ax), wide=(7.6, height), narrow=(4.3, height)))
    return Section("cohorts", "When customers came", tuple(blocks))


def _activity(study: Study) -> pd.DataFrame | None:
    """Activity by cohort and age, in periods of which there are not too many."""
    purchases = study.customers.purchases
    if purchases is None or purchases.empty or study.customers.observation_end is None:
        return None
    days = purchases["day"]
    months = (days.max().year - days.min().year) * 12 + days.max().month - days.min().month + 1
    period = "month" if months <= _MOST else "quarter" if months <= 3 * _MOST else "year"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", LogWarning)  # the page has what they say
        found = cohort_activity(
            purchases, period=period, observation_end=study.customers.observation_end, customer="customer_id",
            date="day", amount=None if study.spend is None else "spend",
        )  # fmt: skip
    found.attrs["period"] = period
    return found


def acquisition(activity: pd.DataFrame, period: str) -> str:
    """How many came, when most did, and whether still some do."""
    new = activity["customers"].xs(0, level="age")
    starts = pd.DatetimeIndex(new.index)
    most = starts[int(new.to_numpy().argmax())]
    who = plain.plural(int(new.sum()), "customer")
    if len(new) == 1:
        return f"All {who} made their first purchase in {_name(most, period)}."
    said = (
        f"{who} made their first purchase between {_name(starts[0], period)} and {_name(starts[-1], period)}, "
        f"most of them in {_name(most, period)} ({new.max():,})."
    )
    last = activity.index.get_level_values("age").max()
    silent = last + 1 - len(pd.period_range(starts[0], starts[-1], freq=_FREQUENCY[period]))
    if silent > 0:
        said += f" In the {plain.plural(silent, period)} since then nobody is new."
    return said


def latest(later: pd.DataFrame, sizes: np.ndarray, period: str) -> tuple[str, ...]:
    """How the latest third of the cohorts differ from those before, in the first period after their own."""
    first = later[1] if 1 in later else pd.Series(dtype=np.float64)
    known = first.notna().to_numpy()
    n = int(known.sum())
    if n < 2:
        return ()
    share, size, starts = first[known].to_numpy(), sizes[known], first.index[known]
    cut = n - max(1, n // 3)
    old, new = (float(np.average(share[part], weights=size[part])) for part in (slice(cut), slice(cut, None)))
    before, after = int(size[:cut].sum()), int(size[cut:].sum())
    if after < _LEAST or before < _LEAST:
        return ()
    error = float(np.sqrt(old * (1 - old) / before + new * (1 - new) / after))
    since = f"Of the customers who came from {_name(starts[cut], period)} on"
    said = (
        f"{since}, {formats.share(new)} bought again in the {period} after their first, of those before them "
        f"{formats.share(old)}"
    )
    if abs(new - old) <= _SURE * error:
        return (f"{said}: no more of a difference than chance makes.",)
    better = "more" if new > old else "fewer"
    return (f"{said}: the latest come back in {better} cases, and by more than chance.",)


def by_cohort(study: Study, activity: pd.DataFrame, came_back: pd.DataFrame, period: str) -> Table:
    """A row a cohort: customers, the share that bought at some ages, and what each has spent until then."""
    ages = [age for age in _AGES[period] if age in came_back and came_back[age].notna().any()]
    columns = [
        ("First purchase", [_name(start, period) for start in came_back.index]),
        ("Customers", [f"{size:,}" for size in came_back.attrs["sizes"]]),
        *((f"Bought in {period} {age}", [_share(one) for one in came_back[age]]) for age in ages),
    ]
    if study.spend is not None:
        # NaN as soon as a period is not over
        spent = cohort_table(activity, of="spend", period=period).cumsum(axis=1, skipna=False)
        for age in dict.fromkeys((ages[0], ages[-1])):
            columns.append((_spent(study, period, age), _amounts(spent[age])))
    note = f"{period.capitalize()} 1 is the one after that of the first purchase. –: not over yet."
    return Table.of_columns("Customers by the time of their first purchase", columns, note=note)


# --- private helpers --------------------------------------------------------------------------------------------------

_FREQUENCY = {"month": "M", "quarter": "Q", "year": "Y"}


def _name(start: pd.Timestamp, period: str) -> str:
    """A cohort by its period."""
    if period == "month":
        return f"{start:%B %Y}"
    return f"{start.year}, quarter {start.quarter}" if period == "quarter" else f"{start.year}"


def _spent(study: Study, period: str, age: int) -> str:
    return plain.with_currency(f"Spend each to {period} {age}", study.currency)


def _share(value: float) -> str:
    return formats.share(value) if formats.is_number(value) else "–"


def _amounts(values: pd.Series[float]) -> list[str]:
    """Amounts of one column, with a dash where there is none."""
    known = values.notna().tolist()
    return [text if there else "–" for text, there in zip(plain.amounts(values.fillna(0.0)), known, strict=True)]
