"""Rich renderables that read well at 80 columns, in a pipe and without colour."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Group
from rich.padding import Padding
from rich.text import Text

from clvmodels import formats
from clvmodels.cli.output.cells import indented, money_cells, one_line, plain_table
from clvmodels.safe_text import visible
from clvmodels.transactions.units import DAYS_PER_UNIT

if TYPE_CHECKING:
    import pandas as pd

    from clvmodels.decisions.equity.result import CustomerEquity
    from clvmodels.evaluation.holdout.evaluation import Evaluation
    from clvmodels.forecasting.result.forecast_result import Forecast
    from clvmodels.inference.fits.fit import Fit
    from clvmodels.transactions.customers import Customers
    from clvmodels.transactions.log.log import Log
    from clvmodels.transactions.row_report import RowReport

_WIDTH_OF_OTHER_COLUMNS = 70


def title(text: str, more: str = "") -> Text:
    """A heading, and a note on it."""
    return Text.assemble((visible(text), "bold"), ("  " + visible(more) if more else "", "dim"))


def written(path: Path, what: str, replaced: bool) -> Text:
    """Where the output went."""
    return Text.assemble("Replaced " if replaced else "Wrote ", (visible(str(path)), "bold"), f": {visible(what)}.")


def columns(log: Log, of_model: Collection[str] = ()) -> Padding:
    """Which column holds what, and what else is to be said of how the log is read."""
    from clvmodels.transactions.log.columns.settle import GuessedLog

    guessed, notes = (log.guessed, log.notes) if isinstance(log, GuessedLog) else ((), ())
    amount = log.amount if log.amount is None or isinstance(log.amount, str) else " * ".join(log.amount)
    names = {
        "customer": log.customer or "",
        "date": log.date or "",
        "amount": amount or "none: purchases are counted, not valued",
        "order": log.order or "none: each line is an order",
    }
    table = plain_table("<<<")
    for role, name in names.items():
        origin = "guessed" if role in guessed else "as in the model" if role in of_model else ""
        origin += f"; --{role} names another" if origin else ""
        table.add_row(one_line(role.capitalize()), one_line(name.replace(" * ", " × ")), one_line(origin, "dim"))
    if not notes:
        return indented(table)
    return Padding(Group(table, Text("\n".join(["", *map(visible, notes)]))), (0, 0, 0, 2), expand=False)


def rows(report: RowReport) -> Padding:
    """The row report, without the counts that are 0."""
    table = plain_table("<>")
    for name, count in report.rows():
        if count.strip("-0.,"):
            table.add_row(one_line(name), one_line(count))
    return indented(table)


def observed(report: RowReport) -> str:
    """From when to when."""
    note = ", the last day of the log" if report.end_is_last_day else ""
    return f"{report.first_day} to {report.observation_end}{note}"


def fit_heading(fit: Fit, origin: str = "") -> tuple[str, str]:
    """Model, method, customers, and the file it is from."""
    from clvmodels.inference.fits.display import METHODS, fitted_to

    kind, who = fit.definition.spec.kind, fitted_to(fit.definition, fit.n_customers)
    state = "" if fit.converged else ", not every parameter is identified"
    source = f", from {origin}" if origin else ""
    return f"{kind.capitalize()}: {fit.definition.spec.title}", f"{METHODS[fit.method]}, {who}{source}{state}"


def fit(fit: Fit, width: int) -> Padding:
    """Estimates with their 95 % intervals; standard errors where there is room."""
    with_errors = width >= 100
    heads = ["", "Estimate", *(["Std. error"] if with_errors else []), "95 % interval", ""]
    table = plain_table(f"<{'>' * (len(heads) - 2)}<", heads)
    for name, (_, row) in zip(fit.parameters, fit.summary(0.95).iterrows(), strict=True):
        known = row["std_error"] < float("inf")
        cells = [number(row["estimate"])]
        cells += [number(row["std_error"]) if known else "unknown"] if with_errors else []
        cells += [f"{number(row['lower'])} to {number(row['upper'])}" if known else "unknown"]
        table.add_row(one_line(name), *cells, one_line(row["meaning"], "dim"))
    return indented(table)


def number(value: float) -> str:
    """A parameter with about four digits.

    Examples
    --------
    >>> number(0.24259), number(4.41359), number(1234.5), number(0.0000123)
    ('0.2426', '4.414', '1,234', '1.23e-05')
    """
    if value >= 1000:
        return f"{value:,.0f}" if value < 1e9 else f"{value:.2e}"
    if value < 0.001:
        return f"{value:.2e}"
    return f"{value:.{max(0, 4 - len(str(int(value))) + (value < 1))}f}"


def equity(found: CustomerEquity) -> Padding:
    """The parts of a customer equity and their ranges."""
    heads = ["", formats.with_currency("Value today", found.currency), f"{formats.share(found.interval)} range"]
    names = {"base": "Today's customers", "future": "Customers to come", "total": "Together"}
    table = plain_table("<>>", heads)
    for part, row in found.table.iterrows():
        value, lower, upper = money_cells(row[["estimate", "lower", "upper"]])
        table.add_row(one_line(names[str(part)]), value, f"{lower} to {upper}")
    return indented(table)


def sensitivities(found: CustomerEquity) -> Padding:
    """What the total would be if one thing were lower or higher."""
    table = plain_table("<<>>", ["", "", "Lower", "Higher"])
    for what, row in found.sensitivities.iterrows():
        table.add_row(one_line(str(what)), one_line(row["change"]), *money_cells(row[["lower", "higher"]]))
    return indented(table)


def paragraphs(sentences: Iterable[str]) -> Padding:
    """Sentences with an empty line between them."""
    return Padding(Text("\n\n".join(map(visible, sentences)).replace("\N{NO-BREAK SPACE}", " ")), (0, 2), expand=False)


def scores(evaluation: Evaluation, width: int) -> Padding:
    """The measures of each predictor, as many as there is room for."""
    from clvmodels.evaluation.holdout.display import readable

    shown = readable(evaluation.table, evaluation.top).drop(columns="")
    names = [str(name) for name in shown.index]
    room = width - 4 - max(map(len, names))
    columns: dict[str, list[str]] = {}
    for head, column in shown.items():
        cells = [str(cell) for cell in column]
        room -= max(len(str(head)), *map(len, cells)) + 2
        if room < 0:
            break
        columns[str(head)] = cells
    table = plain_table("<" + ">" * len(columns), ["", *columns])
    for name, *cells in zip(names, *columns.values(), strict=True):
        table.add_row(one_line(name), *map(one_line, cells))
    return indented(table)


def periods(table: pd.DataFrame, by: str, width: int) -> Padding:
    """Each period with its range; buyers only where there is room."""
    shown = ["customers", "purchases", *(["buyers"] if width >= 100 else []), "revenue"]
    names = [name for name in shown if name in table]
    if len(names) > 2 and width < 100:
        names.remove("purchases")
    heads = [head for name in names for head in (name.capitalize(), "Range")]
    grid = plain_table("<" + ">" * len(heads), ["", *heads])
    for end, row in zip(table.index, table.to_dict("records"), strict=True):
        cells = [[formats.count(row[name + side]) for side in ("", "_lower", "_upper")] for name in names]
        texts = [text for estimate, lower, upper in cells for text in (estimate, f"{lower} to {upper}")]
        grid.add_row(one_line(_period(end, by) + ("" if row["whole"] else " (part)")), *texts)
    return indented(grid)


def values(table: pd.DataFrame, by: str, width: int) -> Padding:
    """Value per customer of each period (and group); what it is made of only where there is room."""
    made_of = ["average_order_value", "purchase_frequency"] if width >= 100 else []
    names = ["value_per_customer", "revenue_per_customer", *made_of]
    heads = ["", "Customers", "Value\nper customer", "Range", "Revenue\nper customer", "Order\nvalue", "Orders"]
    grid = plain_table("<" + ">" * (len(names) + 2), heads[: len(names) + 3])
    for key, row in zip(table.index, table.to_dict("records"), strict=True):
        end, *group = key if isinstance(key, tuple) else (key,)
        name = " ".join([_period(end, by), *map(str, group)]) + ("" if row["complete"] else " (part)")
        if row["customers"] == 0:
            grid.add_row(one_line(name), "0")
            continue
        value, lower, upper = money_cells([row["value_per_customer" + side] for side in ("", "_lower", "_upper")])
        rest = [money_cells([row[column]])[0] for column in names[1:]]
        grid.add_row(one_line(name), f"{row['customers']:,}", value, f"{lower} to {upper}", *rest)
    return indented(grid)


def _period(end: pd.Timestamp, by: str) -> str:
    """A short name of the period with this last day."""
    if by == "quarter":
        return f"{end.year} Q{end.quarter}"
    if by == "year":
        return f"{end.year}"
    return f"{end:%b %Y}" if by == "month" else f"to {end:%Y-%m-%d}"


def totals(scores: pd.DataFrame, currency: str | None, for_life: bool, forecast: Forecast | None = None) -> Padding:
    """All customers together, with the ranges of a forecast."""
    table = plain_table("<><")
    table.add_row("Customers", f"{len(scores):,}")
    table.add_row(
        "Of these expected to buy", f"{scores['purchase_probability'].sum():,.0f}", _range(forecast, "buyers")
    )
    table.add_row("Expected purchases", f"{scores['expected_purchases'].sum():,.0f}", _range(forecast, "purchases"))
    if "lifetime_value" in scores:
        value = scores["lifetime_value"].sort_values(ascending=False)
        total, best = float(value.sum()), value.head(max(1, len(value) // 10)).sum()
        table.add_row(
            one_line(formats.with_currency(f"Value of the base{' for life' if for_life else ''}", currency), "bold"),
            one_line(money_cells([total])[0], "bold"),
        )
        table.add_row(
            formats.with_currency("Value of a customer, mean", currency), money_cells([total / len(value)])[0]
        )
        if total > 0:
            table.add_row("Share of the value in the best tenth", f"{best / total:.0%}")
    return indented(table)


def _range(forecast: Forecast | None, quantity: str) -> Text:
    """The range of a total, if there is one."""
    if forecast is None:
        return Text("")
    _, lower, upper = forecast.range_of(quantity)
    return Text(f"{formats.share(forecast.interval)} range {formats.count(lower)} to {formats.count(upper)}", "dim")


def ranking(scores: pd.DataFrame) -> str:
    """What `best` goes by."""
    return "the highest value" if "lifetime_value" in scores else "most purchases to come"


def best(scores: pd.DataFrame, customers: Customers, top: int, currency: str | None, width: int) -> Padding:
    """The customers of the highest value, or with the most expected purchases.

    Ids are never cut: where they are long and the terminal is narrow, the columns of the past are left out.
    """
    valued = "lifetime_value" in scores
    chosen = scores.nsmallest(top, "rank")
    ids = [str(one) for one in chosen.index]
    columns = {"Customer": ids}
    if max(map(len, ids), default=0) + _WIDTH_OF_OTHER_COLUMNS <= width:
        columns["Purchases\nso far"] = [f"{count:,}" for count in chosen["purchases"]]
        columns["Last\npurchase"] = _last_purchases(chosen, customers)
    columns["Chance to\nbuy again"] = [f"{chance:.1%}" for chance in chosen["purchase_probability"]]
    columns["Expected\npurchases"] = [f"{count:,.1f}" for count in chosen["expected_purchases"]]
    if valued:
        columns[f"Spend each\n[{currency}]" if currency else "Spend\neach"] = money_cells(chosen["expected_spend"])
        columns[f"Value\n[{currency}]" if currency else "\nValue"] = money_cells(chosen["lifetime_value"])
    table = plain_table("<" + ">" * (len(columns) - 1), list(columns))
    for cells in zip(*columns.values(), strict=True):
        table.add_row(*map(one_line, cells))
    return indented(table)


def _last_purchases(scores: pd.DataFrame, customers: Customers) -> list[str]:
    """The days, or how long ago if the end of the observation is not known."""
    if "last_purchase" in scores:
        return [f"{day:%Y-%m-%d}" for day in scores["last_purchase"]]
    table = customers.table.loc[scores.index]
    days_ago = ((table["T"] - table["recency"]) * DAYS_PER_UNIT[customers.unit]).round().astype(int)
    return [f"{days:,} days ago" for days in days_ago]
