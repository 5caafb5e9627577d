"""``clv report``: what a log says about its customers, in one file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from clvmodels.cli.inputs import options as o
from clvmodels.cli.inputs.campaign import CampaignOrNone
from clvmodels.cli.inputs.command import command
from clvmodels.cli.inputs.groups import ForecastModels, LogOptions, PeriodCostOptions, ValuationOptions
from clvmodels.cli.output import tables
from clvmodels.cli.output.files import REPORTS, check_output
from clvmodels.cli.steps.customers import bind_log
from clvmodels.cli.steps.models import check_models
from clvmodels.cli.terminal import Terminal, UsageProblem

if TYPE_CHECKING:
    from clvmodels.reporting.study.study import Study


@command
def report(
    terminal: Terminal,
    log: LogOptions,
    calibration_end: o.CalibrationEnd = None,
    *,
    models: ForecastModels,
    valuation: ValuationOptions,
    costs: PeriodCostOptions,
    campaign: CampaignOrNone,
    title: o.Title = "Customer lifetime value",
    top: o.Top = 15,
    output: o.Output = "report.html",
    format: o.FileFormat = None,
) -> None:
    """Write a report: what customers will do and are worth, how sure that is, and whether it can be trusted."""
    if format is not None:
        output = str(Path(output).with_suffix(f".{format.value}"))
    path = check_output(output, REPORTS, [*log.log, *costs.files, *campaign.files])
    if valuation.span is None:
        raise UsageProblem("A report needs a --horizon with an end, such as 1Y or 3Y.")
    replaced = path.exists()
    with terminal.steps() as step:
        step(f"Reading {log.title}")
        from clvmodels.reporting.options import campaign_request, log_request, report_options
        from clvmodels.reporting.report import output_file, write
        from clvmodels.reporting.study.build import study_of_log

        check_models(*models.names)
        path, browser = output_file(path)
        options = report_options(
            valuation.span, valuation.discount_rate, valuation.margin, log.currency, title, max(top, 1),
            log.time_unit, costs.costs() if costs.are_given else None,
            campaign_request(campaign.table(), campaign.budget),
        )  # fmt: skip
        bound = bind_log(log)
        request = log_request(bound, log.time_unit, log.observation_end, calibration_end, *models.names)
        study = study_of_log(request, options, step)
        write(study, path, browser, step)
    terminal.say(tables.title(log.title), tables.columns(bound))
    _show(terminal, study)
    terminal.say(tables.written(path, _size(path), replaced))


def _show(terminal: Terminal, study: Study) -> None:
    """The summary of the report; problems and what is missing become warnings."""
    from clvmodels.reporting.sections import summary
    from clvmodels.transactions.checks.check import to_point_out

    terminal.say(tables.title("Summary"), tables.paragraphs(summary.sentences(study)))
    customers = study.customers
    odd = [one.name for one in to_point_out(customers.table, customers.unit, customers.report, customers.log)]
    for remark in summary.cautions(study):
        if remark.verdict != "look" or remark.name in odd:
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
