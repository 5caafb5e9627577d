"""``clv report``: what a log says about its customers, in one file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from clvmodels.cli.inputs import models
from clvmodels.cli.inputs import options as o
from clvmodels.cli.inputs.customers import Source, bound_log, read_columns
from clvmodels.cli.inputs.values import read_horizon
from clvmodels.cli.output import tables
from clvmodels.cli.output.files import REPORTS, check_output
from clvmodels.cli.output.terminal import Terminal, UsageProblem, plainly

if TYPE_CHECKING:
    from clvmodels.reporting.study.study import Study


@plainly
def report(
    context: typer.Context,
    log: o.Log,
    customer: o.Customer = None,
    date: o.Date = None,
    amount: o.Amount = None,
    order: o.Order = None,
    unit: o.UnitOfTime = None,
    observation_end: o.ObservationEnd = None,
    calibration_end: o.CalibrationEnd = None,
    refunds: o.RefundPolicy = o.Refunds.net,
    timezone: o.Timezone = None,
    currency: o.Currency = None,
    purchase_model: o.PurchaseModel = None,
    spend_model: o.SpendModel = None,
    horizon: o.Horizon = "1Y",
    discount_rate: o.DiscountRate = 0.10,
    margin: o.Margin = 1.0,
    title: o.Title = "Customer lifetime value",
    top: o.Top = 15,
    output: o.Output = "report.html",
    format: o.FileFormat = None,
    quiet: o.Quiet = False,
    debug: o.Debug = False,
) -> None:
    """Write a report: what customers will do and are worth, how sure that is, and whether it can be trusted."""
    terminal: Terminal = context.obj
    if format is not None:
        output = str(Path(output).with_suffix(f".{format.value}"))
    path = check_output(output, REPORTS, log)
    span = read_horizon(horizon)
    if span is None:
        raise UsageProblem("A report needs a --horizon with an end, such as 1Y or 3Y.")
    names = (purchase_model or "bg/nbd", spend_model or "gamma-gamma")
    source = Source(log, customer, date, amount, order, observation_end, refunds.value, timezone, currency)
    replaced = path.exists()
    with terminal.steps() as step:
        step(f"Reading {source.name}")
        from clvmodels.reporting import report as reporting

        models.check_models(*names)
        path, browser = reporting.output_file(path, None)
        time = (unit or o.Unit.week).value
        options = reporting.report_options(span, discount_rate, margin, currency, title, max(top, 1), time)
        columns = read_columns(source)
        request = reporting.log_request(
            bound_log(source, columns), time, source.observation_end, calibration_end, *names
        )
        study = reporting.study_of_log(request, options, step)
        reporting.write(study, path, browser, step)
    terminal.say(tables.title(source.name), tables.columns(columns))
    _show(terminal, study)
    terminal.say(tables.written(path, _size(path), replaced))


def _show(terminal: Terminal, study: Study) -> None:
    """The summary of the report; what is wrong or missing becomes a warning, what deserves a look stands in it."""
    from clvmodels.reporting.sections import summary

    terminal.say(tables.title("Summary"), tables.paragraphs(summary.sentences(study)))
    for remark in summary.cautions(study):
        if remark.verdict != "look":
            terminal.warn(remark.sentence)


def _size(path: Path) -> str:
    """How large the file is.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "some.html"
    >>> _ = path.write_text("a" * 1_500_000)
    >>> _size(path)
    '1.5 MB, to be opened in any browser'
    """
    how = "any browser" if path.suffix == ".html" else "any PDF reader"
    return f"{path.stat().st_size / 1e6:.1f} MB, to be opened in {how}"
