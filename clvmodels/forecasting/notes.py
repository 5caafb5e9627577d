"""What a reader of a forecast has to know: where its ranges come from, what was left out, what is unusual."""

from __future__ import annotations

import numpy as np
import pandas as pd

from clvmodels import formats
from clvmodels.forecasting.rules.gate import AUTO, WHOLE_YEAR, FittedRule
from clvmodels.forecasting.rules.inner_holdouts import EarlierForecasts
from clvmodels.forecasting.timeline.purchase_record import PurchaseRecord
from clvmodels.inference.fits.kinds import SpendFit

_LARGE_SHARE = 0.05  # of all purchases on one day …
_LEAST_PURCHASES = 100
_TIMES_USUAL = 5.0  # … and so many times those of a usual one


def notes_of(
    fitted: FittedRule,
    earlier: EarlierForecasts,
    record: PurchaseRecord | None,
    *,
    model: str,
    spend: SpendFit | None,
    has_amounts: bool,
) -> tuple[str, ...]:
    """Sentences about models, priors and what could not be done."""
    found = []
    if record is None:
        found.append(
            "The customers don't carry their purchases, so the rule could not be tried at earlier dates, and no "
            "season was looked for: pass the log, or keep_purchases=True to clvmodels.summarize."
        )
    elif not earlier.found:
        found.append("The log is too short or too small to try the rule at earlier dates.")
    if earlier.failed:
        found.append(f"At {formats.plural(earlier.failed, 'earlier date')} the rule could not be fitted.")
    if model == AUTO and record is not None and record.observed_days < WHOLE_YEAR:
        found.append("With less than a year of data no season can be seen, so the forecast has none.")
    if fitted.with_priors:
        found.append("The data don't identify every parameter of the models; weak priors hold them.")
    if has_amounts and spend is None:
        found.append("No spend model could be fitted: every purchase is taken at the mean amount.")
    return tuple(found)


def warnings_of(record: PurchaseRecord | None) -> tuple[str, ...]:
    """What asks for a look at the data."""
    if record is None or not len(record.day):
        return ()
    counts = np.bincount(record.day - record.day.min())
    busiest = int(counts.argmax())
    share = counts[busiest] / counts.sum()
    usual = _TIMES_USUAL * counts.sum() / len(counts)
    if counts.sum() < _LEAST_PURCHASES or share <= _LARGE_SHARE or counts[busiest] <= usual:
        return ()
    day = pd.Timestamp(int(record.day.min()) + busiest, unit="D")
    return (
        f"{formats.share(float(share))} of all purchases are on one day, {day:%Y-%m-%d}: an event, or an import of "
        "older data? A forecast takes such a day as what may come again.",
    )
