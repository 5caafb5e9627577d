"""What speaks against relying on a report: the last test, a better alternative, seasons."""

from __future__ import annotations

from clvmodels import formats as plain
from clvmodels.forecasting.notes import NO_SEASON
from clvmodels.inference.population.clock.structure import ClockStructure
from clvmodels.plots.calendar_factors import calendar_table
from clvmodels.reporting import formats
from clvmodels.reporting.blocks import Remark
from clvmodels.reporting.options import LEVEL
from clvmodels.reporting.sections import trust
from clvmodels.reporting.study.holdout import HoldoutTest
from clvmodels.reporting.study.study import Study

_FAR = 0.05  # of a total, from which on an alternative that came closer is worth a remark: less is chance on one test
_STRONG = 1.25  # times an average month, or as many times less: beyond what weekdays and the length of months do


def remarks(study: Study) -> tuple[Remark, ...]:
    """The doubts that a reader of the summary has to know."""
    tested = () if study.holdout_test is None else of_test(study.holdout_test)
    found = [Remark("look", "the last test", sentence) for sentence in tested]
    return (*found, *_seasons(study))


def _seasons(study: Study) -> tuple[Remark, ...]:
    """Strong seasons of the forecast, or that there can be none."""
    if NO_SEASON in study.forecast.notes:
        return (Remark("note", "seasons", f"{NO_SEASON} If this trade has a season, its months will be off by it."),)
    if any(one.name == "season" and one.verdict == "look" for one in study.customers.check()):
        return ()  # said among the findings about the data
    if not isinstance(study.purchases.structure, ClockStructure):
        return ()
    table = calendar_table(study.purchases)
    months = table[table["part"] == "month"]["factor"]
    if not len(months) or (months.max() < _STRONG and months.min() > 1.0 / _STRONG):
        return ()
    said = (
        f"Seasons are strong: {months.idxmax()} has {plain.short(months.max())} times the purchases of an average "
        f"month, {months.idxmin()} {plain.short(months.min())} times. Compare a month with the same one a year before. "
        "With less than two years of data a season can't be told from a single good month."
    )
    return (Remark("note", "seasons", said),)


def of_test(test: HoldoutTest) -> tuple[str, ...]:
    """What the test says against the report: totals outside their ranges, alternatives that came closer."""
    said = []
    outside = [] if _held(test) else ["purchases"]
    row = trust.revenue_row(test)
    outside += ["revenue"] if row is not None and not row["covered"] else []
    if outside:
        said.append(
            f"In the test the {formats.rate(LEVEL)} range of {formats.listed(outside)} did not hold what came. Ranges "
            "like it may be too narrow here, or times have changed: leave more room than they do."
        )
    said += [one for one in (_closer(test), _found_more(test)) if one]
    return tuple(said)


def _held(test: HoldoutTest) -> bool:
    """Whether the number of purchases fell inside its range; also where there was none."""
    made = test.evaluation.forecast
    if made is None:
        return True
    _, lower, upper = made.range_of("purchases")
    return bool(lower <= float(test.evaluation.outcome["count"].sum()) <= upper)


def _closer(test: HoldoutTest) -> str:
    """An alternative whose total of purchases was closer, where the model was far off."""
    off = test.evaluation.table["count_bias"].dropna().abs()
    own = float(off.get(trust.model_name(test), 0.0))
    if own < _FAR or off.min() > own / 2.0:
        return ""
    best = str(off.idxmin())
    return (
        f"In the test the forecast of purchases was off by {formats.share(own)}, {_named(test, best)} by "
        f"{formats.share(float(off[best]))} only. One test is little evidence; see how both do on other dates."
    )


def _found_more(test: HoldoutTest) -> str:
    """An alternative that ranked customers better."""
    found = test.evaluation.table["top_capture"].dropna()
    own, best = float(found.get(trust.model_name(test), 1.0)), str(found.idxmax()) if len(found) else ""
    if not best or round(100.0 * own) >= round(100.0 * float(found[best])):
        return ""
    return (
        f"This model did not rank customers best in the test: the {formats.share(test.evaluation.top)} whom "
        f"{_named(test, best)} puts first brought {formats.share(float(found[best]))} of the {test.quantity}, its own "
        f"{formats.share(own)}."
    )


def _named(test: HoldoutTest, name: str) -> str:
    """A predictor in words."""
    if test.evaluation.table.loc[name, "kind"] == "model":
        return str(test.evaluation.fits[name].definition.spec.title)
    return f"{name} ({trust.EXPLAINED[name]})" if name in trust.EXPLAINED else name
