"""Arguments and options, each defined once for all commands."""

from __future__ import annotations

from typing import Annotated

import typer

from clvmodels.cli.inputs.values import AmountPer as Per
from clvmodels.cli.inputs.values import (
    EquityPeriod,
    Format,
    Period,
    Refunds,
    Unit,
    ValuePeriod,
    check_cost,
    check_day,
    check_horizon,
    check_level,
    check_rates,
    check_share,
)
from clvmodels.cli.terminal import Terminal

_COLUMNS = "Columns of the log, if their names do not say what they hold"
_FILE = "The file or database"
_TIME = "Time and money"
_MODELS = "Models"
_VALUE = "Value"
_OUTPUT = "Output"


def _set_quiet(context: typer.Context, value: bool) -> bool:
    context.ensure_object(Terminal).quiet |= value
    return value


def _set_debug(context: typer.Context, value: bool) -> bool:
    context.ensure_object(Terminal).debug |= value
    return value


LogFiles = Annotated[
    list[str],
    typer.Argument(
        metavar="LOG",
        show_default=False,
        help='The purchases: CSV, Excel, JSON, Parquet or Feather files, or a pattern: "sales/*.csv".',
    ),
]
NoHeader = Annotated[
    bool,
    typer.Option(
        "--no-header",
        help="The first line has no names of columns; they are 1, 2, … then: --customer 1.",
        rich_help_panel=_FILE,
    ),
]
Sheet = Annotated[
    str | None,
    typer.Option("--sheet", metavar="NAME", help="Sheet of an Excel workbook.", rich_help_panel=_FILE),
]
Customer = Annotated[
    str | None,
    typer.Option("--customer", metavar="COLUMN", help="Customer's id.", rich_help_panel=_COLUMNS),
]
Date = Annotated[
    str | None,
    typer.Option("--date", metavar="COLUMN", help="Day or time of the purchase.", rich_help_panel=_COLUMNS),
]
Amount = Annotated[
    str | None,
    typer.Option(
        "--amount",
        metavar="COLUMN",
        help='What was paid, or "Quantity * Price", or "Total - Refunded". "none": count purchases only.',
        rich_help_panel=_COLUMNS,
    ),
]
Order = Annotated[
    str | None,
    typer.Option(
        "--order",
        metavar="COLUMN",
        help='Order number, if a line is only a part of an order. "none": each line is an order.',
        rich_help_panel=_COLUMNS,
    ),
]
Skip = Annotated[
    list[str] | None,
    typer.Option(
        "--skip",
        metavar="COLUMN=VALUES",
        help='Lines that are no purchases: "status=cancelled,refunded". May be given several times.',
        show_default="none, or what a known export says",
        rich_help_panel=_COLUMNS,
    ),
]
AmountPer = Annotated[
    Per | None,
    typer.Option(
        "--amount-per",
        metavar="WHAT",
        help="line; or order: the amount is the order's total, which counts once.",
        show_default="line, unless name and values say otherwise",
        rich_help_panel=_COLUMNS,
    ),
]
Query = Annotated[
    str | None,
    typer.Option(
        "--query",
        metavar="SQL",
        help="SELECT or table, if LOG is a database: an address such as postgresql://ann@shop.example/db, or a SQLite "
        "or DuckDB file.",
        rich_help_panel=_FILE,
    ),
]
UnitOfTime = Annotated[
    Unit | None,
    typer.Option(
        "--unit",
        metavar="UNIT",
        help="hour, day, week, month or year.",
        show_default="week, or that of the model",
        rich_help_panel=_TIME,
    ),
]
ObservationEnd = Annotated[
    str | None,
    typer.Option(
        "--observation-end",
        metavar="DATE",
        callback=check_day,
        help="Last day to use, such as 1997-09-30.",
        show_default="last day of the log",
        rich_help_panel=_TIME,
    ),
]
CalibrationEnd = Annotated[
    str | None,
    typer.Option(
        "--calibration-end",
        metavar="DATE",
        callback=check_day,
        help="Last day that the model may see when it is tested; what comes after is held out.",
        show_default="the last third is held out, but no more than the horizon",
        rich_help_panel=_TIME,
    ),
]
RefundPolicy = Annotated[
    Refunds | None,
    typer.Option(
        "--refunds",
        metavar="POLICY",
        help="Negative amounts: net (set them against earlier purchases), drop (leave them out) or error.",
        show_default="net, or as for the model",
        rich_help_panel=_TIME,
    ),
]
Timezone = Annotated[
    str | None,
    typer.Option(
        "--timezone",
        metavar="ZONE",
        help="Time zone of the calendar day, such as Europe/London, for times that know theirs.",
        rich_help_panel=_TIME,
    ),
]
DateFormat = Annotated[
    str | None,
    typer.Option(
        "--date-format",
        metavar="FORM",
        help='How dates are written: "day first", "month first" or a form such as "%d.%m.%Y".',
        show_default="as all lines together tell",
        rich_help_panel=_TIME,
    ),
]
UnreadableDates = Annotated[
    float | None,
    typer.Option(
        "--unreadable-dates",
        metavar="SHARE",
        help="Share of the lines that may be left out because their date can't be read.",
        show_default="0.001",
        rich_help_panel=_TIME,
    ),
]
Decimal = Annotated[
    str | None,
    typer.Option(
        "--decimal",
        metavar="SIGN",
        help='Decimal sign of the amounts, "." or ",".',
        show_default="as all lines together tell",
        rich_help_panel=_TIME,
    ),
]
Duplicates = Annotated[
    str | None,
    typer.Option(
        "--duplicates",
        metavar="POLICY",
        help="Lines that are exact copies of another one: keep, or drop (leave them out), which needs --order.",
        show_default="keep",
        rich_help_panel=_TIME,
    ),
]
Currency = Annotated[
    str | None,
    typer.Option(
        "--currency",
        metavar="LABEL",
        help="Currency of the amounts, such as USD; or the column that has it; or both, as in Currency=USD, to take "
        "the lines of one.",
        rich_help_panel=_TIME,
    ),
]
Rates = Annotated[
    str | None,
    typer.Option(
        "--rates",
        metavar="RATES",
        callback=check_rates,
        help='What one unit of each currency is worth in that of the result, such as "EUR=1,USD=0.92".',
        rich_help_panel=_TIME,
    ),
]
ModelFile = Annotated[
    str | None,
    typer.Option(
        "--model",
        metavar="FILE",
        help="A file that [bold]clv fit[/] wrote. Without it, the models are fitted to this log.",
        rich_help_panel=_MODELS,
    ),
]
PurchaseModel = Annotated[
    str | None,
    typer.Option(
        "--purchase-model",
        metavar="NAME",
        help="Model of how often customers buy, and until when.",
        show_default="bg/nbd",
        rich_help_panel=_MODELS,
    ),
]
SpendModel = Annotated[
    str | None,
    typer.Option(
        "--spend-model",
        metavar="NAME",
        help="Model of what they spend on a purchase.",
        show_default="gamma-gamma",
        rich_help_panel=_MODELS,
    ),
]
ForecastSpend = Annotated[
    str | None,
    typer.Option(
        "--spend-model",
        metavar="NAME",
        help="Model of what they spend on a purchase.",
        show_default="gamma-gamma-amounts",
        rich_help_panel=_MODELS,
    ),
]
ForecastModel = Annotated[
    str | None,
    typer.Option(
        "--purchase-model",
        metavar="NAME",
        help="Model of how often customers buy, and until when.",
        show_default="auto: what the length of the log allows, or a simpler model that did better at earlier dates",
        rich_help_panel=_MODELS,
    ),
]
PurchaseModels = Annotated[
    list[str] | None,
    typer.Option(
        "--purchase-model",
        metavar="NAME",
        help='Model of how often customers buy, and until when; several may be named, and "best".',
        show_default="bg/nbd",
        rich_help_panel=_MODELS,
    ),
]
WithCalendar = Annotated[
    bool,
    typer.Option(
        "--calendar",
        help="Let purchases follow a calendar of season, tenure and cohort, in models that take one.",
        rich_help_panel=_MODELS,
    ),
]
PurchaseCovariates = Annotated[
    str | None,
    typer.Option(
        "--purchase-covariates",
        metavar="FORMULA",
        help='Columns of the log that may explain how often customers buy, such as "channel + scale(age)".',
        rich_help_panel=_MODELS,
    ),
]
DropoutCovariates = Annotated[
    str | None,
    typer.Option(
        "--dropout-covariates",
        metavar="FORMULA",
        help="Columns of the log that may explain how soon customers leave.",
        rich_help_panel=_MODELS,
    ),
]
SpendCovariates = Annotated[
    str | None,
    typer.Option(
        "--spend-covariates",
        metavar="FORMULA",
        help="Columns of the log that may explain what customers spend on a purchase.",
        rich_help_panel=_MODELS,
    ),
]
Horizon = Annotated[
    str,
    typer.Option(
        "--horizon",
        metavar="SPAN",
        callback=check_horizon,
        help="How far to look ahead: 90D, 39W, 12M, 1Y, a number of units of time, or life.",
        rich_help_panel=_VALUE,
    ),
]
WithForecast = Annotated[
    bool,
    typer.Option(
        "--forecast",
        help="Also forecast the totals of the held-out time, as clv forecast does, and compare them with what came.",
        rich_help_panel=_MODELS,
    ),
]
Interval = Annotated[
    float,
    typer.Option(
        "--interval",
        metavar="LEVEL",
        callback=check_level,
        help="Level of the ranges: 0.90 is 90 %.",
        rich_help_panel=_VALUE,
    ),
]
By = Annotated[
    Period,
    typer.Option("--by", help="Period of the calendar that a row is about.", rich_help_panel=_VALUE),
]
NewCustomers = Annotated[
    bool,
    typer.Option(
        "--new-customers",
        help="Forecast customers still to come as well, in columns of their own (new_…).",
        rich_help_panel=_VALUE,
    ),
]
DiscountRate = Annotated[
    float,
    typer.Option(
        "--discount-rate", metavar="RATE", callback=check_share, help="A year: 0.10 is 10 %.", rich_help_panel=_VALUE
    ),
]
Margin = Annotated[
    float,
    typer.Option(
        "--margin",
        metavar="SHARE",
        callback=check_share,
        help="Share of the spend that is earned.",
        rich_help_panel=_VALUE,
    ),
]
CostPerPurchase = Annotated[
    float,
    typer.Option(
        "--cost-per-purchase",
        metavar="COST",
        callback=check_cost,
        help="What serving a purchase costs.",
        rich_help_panel=_VALUE,
    ),
]
RetentionCost = Annotated[
    float,
    typer.Option(
        "--retention-cost-per-year",
        metavar="COST",
        callback=check_cost,
        help="What keeping a customer costs a year.",
        rich_help_panel=_VALUE,
    ),
]
Output = Annotated[
    str,
    typer.Option(
        "--output",
        "-o",
        metavar="FILE",
        help="The file to write; one that exists is replaced.",
        rich_help_panel=_OUTPUT,
    ),
]
ScoresOutput = Annotated[
    str,
    typer.Option(
        "--output",
        "-o",
        metavar="FILE",
        help="The file to write, or, with --model, a folder of Parquet files; what exists is replaced.",
        rich_help_panel=_OUTPUT,
    ),
]
Memory = Annotated[
    str | None,
    typer.Option(
        "--memory",
        metavar="SIZE",
        help="With --model: read and score a log larger than memory in parts that take about so much, such as 2GiB.",
        show_default="2GiB where the output is a folder",
        rich_help_panel=_OUTPUT,
    ),
]
TableOutput = Annotated[
    str | None,
    typer.Option(
        "--output",
        "-o",
        metavar="FILE",
        help="A file to write the table to, with all measures; one that exists is replaced.",
        show_default="none",
        rich_help_panel=_OUTPUT,
    ),
]
CustomersOutput = Annotated[
    str | None,
    typer.Option(
        "--customers-output",
        metavar="FILE",
        help="A file to write each customer's part of the forecast to.",
        show_default="none",
        rich_help_panel=_OUTPUT,
    ),
]
ValueOfCustomers = Annotated[
    str | None,
    typer.Option(
        "--customers-output",
        metavar="FILE",
        help="A file to write what each customer earned and cost to.",
        show_default="none",
        rich_help_panel=_OUTPUT,
    ),
]
ValuePeriods = Annotated[
    ValuePeriod,
    typer.Option("--period", help="Period of the calendar that a row is about.", rich_help_panel=_VALUE),
]
GroupBy = Annotated[
    str | None,
    typer.Option(
        "--group",
        metavar="COLUMN",
        help='A column of the log that groups customers, such as a channel; or "cohort", by the first purchase.',
        show_default="none",
        rich_help_panel=_VALUE,
    ),
]
CostsFile = Annotated[
    str | None,
    typer.Option(
        "--costs",
        metavar="FILE",
        help="CSV or Parquet with what was spent: columns date, cost, kind (serving or acquisition), and that of "
        "--group if there is one.",
        show_default="none",
        rich_help_panel=_VALUE,
    ),
]
ValueHorizon = Annotated[
    str,
    typer.Option(
        "--value-horizon",
        metavar="SPAN",
        callback=check_horizon,
        help="How long each customer counts, today's from now, new ones from the first purchase; or life.",
        rich_help_panel=_VALUE,
    ),
]
Counts = Annotated[
    str,
    typer.Option(
        "--counts",
        metavar="MODEL or FILE",
        help="New customers to come: last_year, recent_mean, trend, or auto for the one that was least off; or a CSV "
        "or Parquet with a column new_customers, one row a period.",
        rich_help_panel=_VALUE,
    ),
]
EquityPeriods = Annotated[
    EquityPeriod,
    typer.Option("--by", help="Period in which new customers are counted.", rich_help_panel=_VALUE),
]
AcquisitionCost = Annotated[
    float,
    typer.Option(
        "--acquisition-cost",
        metavar="COST",
        callback=check_cost,
        help="What winning a new customer costs.",
        rich_help_panel=_VALUE,
    ),
]
AsIs = Annotated[
    bool,
    typer.Option(
        "--as-is",
        help="Write texts that a spreadsheet would run (=…, +…, -…, @…) into CSV as they are; by default an apostrophe "
        "stands before them. Scores are written with all digits.",
        rich_help_panel=_OUTPUT,
    ),
]
FileFormat = Annotated[
    Format | None,
    typer.Option(
        "--format",
        metavar="FORMAT",
        help="html, or pdf, which Chromium or Google Chrome prints.",
        show_default="by the ending of the output",
        rich_help_panel=_OUTPUT,
    ),
]
Title = Annotated[str, typer.Option("--title", metavar="TEXT", help="Its heading.", rich_help_panel=_OUTPUT)]
Top = Annotated[
    int,
    typer.Option("--top", metavar="N", min=0, help="How many customers to list here.", rich_help_panel=_OUTPUT),
]
Quiet = Annotated[
    bool,
    typer.Option(
        "--quiet", "-q", callback=_set_quiet, help="Say nothing but warnings and errors.", rich_help_panel=_OUTPUT
    ),
]
Debug = Annotated[
    bool,
    typer.Option("--debug", callback=_set_debug, help="Show where an error comes from.", rich_help_panel=_OUTPUT),
]
