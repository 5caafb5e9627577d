"""Can it be trusted? The model on days that it had not seen, beside rules of thumb."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

from clvmodels import formats as plain
from clvmodels.evaluation.holdout.choice import BOOSTING
from clvmodels.evaluation.holdout.forecast_scores import EARLIER_ERRORS
from clvmodels.evaluation.holdout.score_tables import METRICS
from clvmodels.evaluation.ranking.boosting import MOST_ROWS
from clvmodels.plots.calibration import reliability, reliability_table
from clvmodels.plots.decile_bars import decile_table, deciles
from clvmodels.plots.forecast_band import past_and_future
from clvmodels.reporting import formats
from clvmodels.reporting.blocks import Block, Figure, Prose, Section, Table
from clvmodels.reporting.figures import figure
from clvmodels.reporting.options import LEVEL
from clvmodels.reporting.study.holdout import HoldoutTest
from clvmodels.reporting.study.study import Study

# What one decides by, in plain words.
MEASURES = {
    "count_bias": "Purchases",
    "value_bias": "Value",
    "spearman": "Rank correlation",
    "top_capture": "Value found",
    "auc": "Who buys (AUC)",
}
EXPLAINED = {
    "last-period count": "as many purchases as in the time just before",
    "last-period spend": "as much spend as in the time just before",
    "past rate": "each customer goes on at the rate so far",
    "past total": "ranked by what was spent so far",
    "hiatus": "active if the last purchase is recent",
    "pooled mean": "everybody is average",
    "gradient boosting": "machine learning on the same summary",
}


def section(study: Study) -> Section | None:
    """The holdout: in sentences, as a table and in plots."""
    test = study.holdout_test
    if test is None:
        return None
    made = figure(lambda ax: past_and_future(test.evaluation, ax=ax), wide=(7.6, 3.4))
    blocks: tuple[Block, ...] = (
        Prose(sentences(test)),
        made,
        table(test),
        *_calibration(study, test),
    )
    return Section("trust", "Can it be trusted?", blocks)


def in_a_sentence(test: HoldoutTest | None) -> str:
    """The holdout in the summary."""
    return "" if test is None else f"{_total(test)} {_capture(test)}".strip()


def sentences(test: HoldoutTest) -> tuple[str, ...]:
    """What was done, and what came out."""
    held = test.evaluation.holdout
    which = "What came after the end of the calibration"
    if test.end_was_chosen:
        which = "The last part of the log, a third of it but no more than the time to be forecast,"
    setup = (
        f"{which} was held out: the model was fitted "
        f"to the days until {formats.day(held.calibration_end)} only, and had to forecast what its {len(held.table):,} "
        f"customers would do until {formats.day(held.observation_end)} ({_length(test)}). Beside it stand "
        f"{_others(test)}: a model that is no better is not worth its trouble."
    )
    outcome = " ".join(filter(None, (_total(test), _revenue(test), _capture(test), _score(test))))
    notes = [note for note in test.evaluation.notes if not note.startswith("Forecast of ")]
    return (setup, outcome, *map(formats.plainly, notes))


def table(test: HoldoutTest) -> Table:
    """The model and the baselines, on what one decides by."""
    scores = test.evaluation.table
    measures = [name for name in _measures(test) if scores[name].notna().any()]
    best = {name: scores[name].map(METRICS[name].merit).idxmax() for name in measures}
    rows = []
    for name, row in scores.to_dict("index").items():
        title = test.evaluation.fits[str(name)].definition.spec.title if row["kind"] == "model" else str(name)
        cells = [_cell(measure, row[measure], best[measure] == name) for measure in measures]
        rows.append((f"{title[0].upper()}{title[1:]}", *cells))
    top, what = formats.share(test.evaluation.top), test.quantity
    totals = "Purchases, Value" if what == "value" else "Purchases"
    return Table(
        caption="The model and its alternatives on the holdout",
        heads=("", *[_measures(test)[name] for name in measures]),
        rows=tuple(rows),
        details=tuple(EXPLAINED.get(str(name), "") for name in scores.index),
        strong=frozenset({0}),
        note=(
            f"{totals}: how far the total was off. Rank correlation: whether the order of the customers by {what} was "
            f"right (1 perfect, 0 none). {what.capitalize()} found: share of the {what} in the {top} ranked best. Who "
            "buys: the chance that a buyer got a higher probability than a customer who did not buy. • marks the best."
        ),
    )


def _measures(test: HoldoutTest) -> dict[str, str]:
    """The measures to show; without amounts value is the number of purchases."""
    if test.quantity == "value":
        return MEASURES
    named = {**MEASURES, "top_capture": "Purchases found"}
    del named["value_bias"]
    return named


def _others(test: HoldoutTest) -> str:
    """What the model is compared with."""
    rules = "rules of thumb that need no model"
    if BOOSTING not in test.evaluation.table.index:
        return rules
    some = f" of {MOST_ROWS:,} of them" if len(test.evaluation.holdout.table) > MOST_ROWS else ""
    return f"{rules}, and machine learning on the same few numbers{some}"


def model_name(test: HoldoutTest) -> str:
    """The model that was tested."""
    kinds = test.evaluation.table["kind"]
    return str(kinds.index[kinds.isin(["forecast", "model"])][0])


def _length(test: HoldoutTest) -> str:
    """Length of the holdout in words."""
    held = test.evaluation.holdout
    days = (held.observation_end - held.calibration_end).days
    return plain.plural(days // 7, "week") if days % 7 == 0 else plain.plural(days, "day")


def _total(test: HoldoutTest) -> str:
    """How far off the number of purchases was."""
    evaluation = test.evaluation
    happened = float(evaluation.outcome["count"].sum())
    expected = float(evaluation.predictions[(model_name(test), "count")].sum())
    said = (
        f"Put to the test on the last {_length(test)}, which it had not seen, the model forecast "
        f"{plain.count(expected)} purchases; {happened:,.0f} {'was' if happened == 1 else 'were'} made"
    )
    if happened == 0:
        return f"{said}."
    off = expected / happened - 1.0
    return f"{said} ({formats.share(abs(off))} too {'many' if off > 0 else 'few'}). {_inside(test, happened)}".strip()


def _inside(test: HoldoutTest, happened: float) -> str:
    """Whether the range that was given held."""
    made = test.evaluation.forecast
    if made is None:
        return ""
    _, lower, upper = made.range_of("purchases")
    given = f"the {formats.rate(made.interval)} range that it gave, {plain.count(lower)} to {plain.count(upper)}"
    if lower <= happened <= upper:
        return f"That is inside {given}."
    return f"That is outside {given}: take the ranges in this report with care."


def _revenue(test: HoldoutTest) -> str:
    """How far off the revenue was, and whether its range held."""
    row = revenue_row(test)
    if row is None or not row["actual"] > 0.0:
        return ""
    off = row["estimate"] / row["actual"] - 1.0
    held = "inside" if row["covered"] else "outside"
    low, high, estimate, actual = (f"{row[name]:,.0f}" for name in ("lower", "upper", "estimate", "actual"))
    return (
        f"It forecast revenue of {estimate}; {actual} came ({formats.share(abs(off))} too "
        f"{'much' if off > 0 else 'little'}), {held} its range, {low} to {high}."
    )


def revenue_row(test: HoldoutTest) -> Mapping[Hashable, Any] | None:
    """The total of revenue at the level of the report, if there are amounts."""
    scores = test.evaluation.forecast_scores
    if scores is None:
        return None
    here = (scores["kind"] == "total") & (scores["quantity"] == "revenue") & (scores["level"] == LEVEL)
    found = scores[here & (scores["range"] == EARLIER_ERRORS)].to_dict("records")
    return found[0] if found else None


def of_forecast(test: HoldoutTest) -> tuple[str, ...]:
    """How the last test of the forecast went, to be read beside it."""
    return (_total(test),)


def _capture(test: HoldoutTest) -> str:
    """How much of the value the model found, beside the best baseline."""
    won = _winners(test).get("top_capture")
    if won is None or not formats.is_number(won["model_value"]):
        return ""
    rule = ""
    if formats.is_number(won["baseline_value"]):
        rule = f" (the best alternative: {formats.share(won['baseline_value'])})"
    top, found = formats.share(test.evaluation.top), formats.share(won["model_value"])
    return f"The {top} of customers whom it ranked best brought {found} of the {test.quantity}{rule}."


def _score(test: HoldoutTest) -> str:
    """On how many of the measures shown the model is ahead of every baseline."""
    won = {name: row for name, row in _winners(test).items() if name in _measures(test) and row["baseline"] is not None}
    won = {name: row for name, row in won.items() if row["model"] is not None}
    if not won:
        return ""
    ahead = [name for name, row in won.items() if row["winner"] == row["model"]]
    if len(ahead) == len(won):
        return f"It is the best on all {len(won)} measures in the table."
    others = list(dict.fromkeys(row["winner"] for name, row in won.items() if name not in ahead))
    verb = "is" if len(others) == 1 else "are"
    return (
        f"It is the best on {len(ahead)} of {len(won)} measures; on the others {formats.listed(others)} {verb} ahead."
    )


def _winners(test: HoldoutTest) -> dict[Hashable, dict[Hashable, Any]]:
    """The best predictor, model and baseline by metric."""
    return test.evaluation.winners.to_dict("index")


def _cell(measure: str, value: float, best: bool) -> str:
    """A metric as a cell of the table; the best has a mark."""
    if not formats.is_number(value):
        return "–"
    if measure.endswith("bias"):
        text = f"{value * 100:+.0f}{formats.NO_BREAK}%".replace("-", "−")
    else:
        text = formats.share(value) if measure == "top_capture" else f"{value:.2f}"
    return f"• {text}" if best else text


def _calibration(study: Study, test: HoldoutTest) -> tuple[Figure, ...]:
    """Whether chances and values are right, group by group."""
    evaluation, name = test.evaluation, model_name(test)
    bought = reliability_table(evaluation.predictions[(name, "probability")], evaluation.outcome["count"])
    worth = decile_table(evaluation.predictions[(name, "value")], evaluation.outcome["value"])
    of = "Spend per customer" if test.quantity == "value" else "Purchases per customer"
    currency = study.currency if test.quantity == "value" else None
    return (
        figure(lambda ax: reliability(bought, ax=ax).set_aspect("auto")),
        figure(lambda ax: deciles(worth, of=f"{of} in the holdout", currency=currency, ax=ax)),
    )
