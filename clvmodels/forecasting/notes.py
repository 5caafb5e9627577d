"""What a reader of a forecast has to know: where its ranges come from, what was left out, what is unusual."""

from __future__ import annotations

from clvmodels import formats
from clvmodels.forecasting.result.forecast_result import Forecast
from clvmodels.forecasting.rules.choice import Tried
from clvmodels.forecasting.rules.gate import RULES, WHOLE_YEAR, FittedRule
from clvmodels.forecasting.timeline.purchase_record import PurchaseRecord
from clvmodels.inference.fits.kinds import SpendFit
from clvmodels.transactions.checks.busiest_day import busiest_day

WEAK_PRIORS = "The data don't identify every parameter of the models; weak priors hold them."
NO_SEASON = "With less than a year of data no season can be seen, so the forecast has none."


def doubts_of(forecast: Forecast) -> list[str]:
    """What is doubtful about the models of a forecast: their diagnoses, and that priors hold them."""
    titled = [(f"{fit.definition.spec.title}: ", one) for fit in forecast.fits for one in fit.diagnosis[1:]]
    found = [title + one.removeprefix(title) for title, one in titled]
    return [*dict.fromkeys(found), *(note for note in forecast.notes if note == WEAK_PRIORS)]


def notes_of(
    tried: Tried, record: PurchaseRecord | None, *, spend: SpendFit | None, has_amounts: bool
) -> tuple[str, ...]:
    """Sentences about models, priors and what could not be done."""
    earlier, found = tried.earlier, []
    if tried.choice is not None:
        found.append(tried.choice.sentence)
    if record is None:
        found.append(
            "The customers don't carry their purchases, so the rule could not be tried at earlier dates, and no "
            "season was looked for: pass the log, or keep_purchases=True to clvmodels.summarize."
        )
    elif not earlier.found:
        found.append("The log is too short or too small to try the rule at earlier dates.")
    if earlier.failed:
        found.append(f"At {formats.plural(earlier.failed, 'earlier date')} the rule could not be fitted.")
    if tried.rule.model in RULES and record is not None and record.observed_days < WHOLE_YEAR:
        found.append(NO_SEASON)
    elif tried.rule.model in RULES and record is not None and (left_out := _left_out(tried.fitted)):
        found.append(f"The data speak against {left_out}, so the forecast has none.")
    if tried.fitted.with_priors:
        found.append(WEAK_PRIORS)
    if has_amounts and spend is None:
        found.append("No spend model could be fitted: every purchase is taken at the mean amount.")
    return tuple(found)


def _left_out(fitted: FittedRule) -> str:
    """What of a season and a drift of purchase rates the models don't have, in words."""
    known = {name.split(":")[0] for fit in fitted.fits for name in fit.parameters}
    parts = {"season": "a season", "tenure": "a drift of purchase rates with tenure or between cohorts"}
    return " and ".join(words for name, words in parts.items() if name not in known)


def warnings_of(record: PurchaseRecord | None) -> tuple[str, ...]:
    """What asks for a look at the data."""
    found = None if record is None else busiest_day(record.day)
    return () if found is None else (found.sentence,)
