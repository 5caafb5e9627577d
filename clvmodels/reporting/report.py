"""`report`: everything about the customers of a log in one file, for people who never open a notebook."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Unpack

from clvmodels.arguments import shortly
from clvmodels.errors import ArgumentError
from clvmodels.files import whole_file
from clvmodels.forecasting.rules.gate import AUTO
from clvmodels.forecasting.rules.spend import DEFAULT
from clvmodels.inference.fits.fit import Fit
from clvmodels.inference.fits.kinds import PurchaseFit, SpendFit
from clvmodels.reporting import pdf
from clvmodels.reporting.options import Margin, ReportOptions, campaign_request, log_request, report_options
from clvmodels.reporting.study.build import Progress, study_of_customers, study_of_fits, study_of_log
from clvmodels.reporting.study.study import Study
from clvmodels.signatures import checked
from clvmodels.transactions.customers import Customers
from clvmodels.transactions.log.columns.settle import bound_log
from clvmodels.transactions.log.dates import DateLike
from clvmodels.transactions.log.log import LogKeywords
from clvmodels.transactions.log.takes_log import takes_log
from clvmodels.transactions.units import Span
from clvmodels.value.periods.period_costs import Costs

_SUFFIXES = {".html": "html", ".htm": "html", ".pdf": "pdf"}


@takes_log
@checked
def report(
    log_or_fit: Any,
    *,
    unit: str = "week",
    observation_end: DateLike | None = None,
    calibration_end: DateLike | None = None,
    model: str = AUTO,
    spend: str | Fit | None = DEFAULT,
    customers: Customers | None = None,
    horizon: Span = "1Y",
    annual_discount_rate: float = 0.10,
    margin: Margin = 1.0,
    title: str = "Customer lifetime value",
    top: int = 15,
    costs: Costs | None = None,
    activities: Any = None,
    budget: float | None = None,
    output: str | Path = "report.html",
    progress: Progress | None = None,
    **columns: Unpack[LogKeywords],
) -> Path:
    """Write a report: what customers will do and are worth, how sure that is, and whether it can be trusted.

    One file that needs nothing else: it can be mailed, opened without a network, read on a phone and printed.

    Parameters
    ----------
    log_or_fit : Log, frame, path or list of paths, Fit or Customers
        A transaction log, as `clvmodels.summarize` takes it; or a fit of a purchase model, or `Customers`, of which
        everything is reported but the test on a holdout.
    unit : {"hour", "day", "week", "month", "year"}, default "week"
        Unit of time; for a log only, as are the keywords that say how to read it.
    observation_end : date-like, optional
        Last day to use; for a log only. Default: the last day of the log.
    calibration_end : date-like, optional
        Last day of the calibration in the test on a holdout. Default: the last third of the days observed is held out,
        but no more than the horizon; a log that is too short for it is reported without a test.
    model : str, default "auto"
        Name of the purchase model; for a log or `Customers`. "auto" takes what the length of the log allows or
        a simpler model that did better at earlier dates, as `clvmodels.forecast` does, and the report says why.
    spend : str or Fit, default "gamma-gamma-amounts"
        Name of the spend model, or its fit; with a fit None for purchases only.
    customers : Customers, optional
        Those to report on, if a fit was loaded from a file.
    horizon : float or str, default "1Y"
        How far to look ahead: a number of ``unit``, or a span such as "90D" or "1Y".
    annual_discount_rate : float, default 0.10
        0.10 is 10 % a year.
    margin : float, sequence of float or Series, default 1.0
        Share of the spend that is earned; a number, or one a customer (a Series by customer_id).
    title : str, default "Customer lifetime value"
        Heading of the report.
    top : int, default 15
        How many of the best customers to list.
    costs : Costs, optional
        What serving orders and winning customers costs, see `clvmodels.Costs`: for value per customer by quarter; with
        a cost of acquisition customers still to come are valued too.
    activities : Activity, sequence of Activity or frame, optional
        What can be done with customers, at which cost and with what effect, as `clvmodels.target` takes it: the report
        then plans a campaign, and says of each group of customers whether it is worth acting on.
    budget : float, optional
        Of all costs of the campaign together; None is for no budget.
    output : str or path, default "report.html"
        The file to write, by its ending HTML or PDF; it is complete or absent. A file of this name is replaced. PDF
        needs Chromium or Google Chrome.
    progress : callable, optional
        Called with a description of each step.
    currency : str, optional
        Label of the amounts. Default: that of the fit or the customers.
    **columns
        How to read the log, see `clvmodels.Log`.

    Returns
    -------
    pathlib.Path
        The file.

    Raises
    ------
    ArgumentError
        An argument has no meaning here; a PDF is wanted and no browser is there to print it.
    DataError
        The log can't be used.
    ConvergenceError
        The purchase model has no maximum.

    Examples
    --------
    >>> import clvmodels as clv, pathlib, tempfile
    >>> customers = clv.summarize(clv.datasets.path("cdnow_sample"), customer="customer_id", date="date",
    ...                           amount="amount", observation_end="1997-09-30", currency="USD")
    >>> path = clv.report(clv.fit(customers, "bg/nbd"), output=pathlib.Path(tempfile.mkdtemp()) / "report.html")
    >>> "2,357 customers made" in path.read_text(encoding="utf-8")
    True
    """
    path, browser = output_file(output)
    of_log = not isinstance(log_or_fit, Fit | Customers)
    log = bound_log(log_or_fit, **columns) if of_log else None
    currency = columns.get("currency") if log is None else log.currency
    options = report_options(horizon, annual_discount_rate, margin, currency, title, top, unit, costs,
                             campaign_request(activities, budget))  # fmt: skip
    if progress is not None and not callable(progress):
        raise ArgumentError(f"progress must be a function of a text, not {shortly(progress)}.")
    step = progress or (lambda _: None)
    if log is not None:
        study = study_of_log(log_request(log, unit, observation_end, calibration_end, model, spend), options, step)
    else:
        ends = {"observation_end": observation_end, "calibration_end": calibration_end}
        _refuse_log_keywords({**columns, "unit": unit, **ends})
        study = _study_of_fit(log_or_fit, model, spend, customers, options, step)
    write(study, path, browser, step)
    return path


def _study_of_fit(
    fitted: Fit | Customers,
    model: str,
    spend: str | Fit | None,
    customers: Customers | None,
    options: ReportOptions,
    progress: Progress,
) -> Study:
    """The study of a fit, or of customers."""
    if isinstance(fitted, Fit) and not isinstance(fitted, PurchaseFit):
        raise ArgumentError(f"The report is about purchases, and {fitted.definition.spec.title} is no model of them.")
    if isinstance(spend, Fit) and not isinstance(spend, SpendFit):
        raise ArgumentError(f"spend must be a fit of a spend model, not of {spend.definition.spec.title}.")
    if isinstance(fitted, Customers):
        return study_of_customers(fitted, model, spend, options, progress)
    assert isinstance(fitted, PurchaseFit)
    whom = fitted.customers if customers is None else customers
    if whom is None:
        raise ArgumentError("A loaded fit carries no data. Pass customers=, as clvmodels.summarize makes them.")
    return study_of_fits(fitted, spend, Customers.of(whom, fitted.unit), options, progress)


def write(study: Study, path: Path, browser: str, progress: Progress) -> None:
    """Draw the page and write it, as a PDF if there is a ``browser`` to print it."""
    from clvmodels.reporting.page import render

    progress("Drawing")
    html = render(study)
    progress(f"Writing {path.name}")
    with whole_file(path) as part:
        if browser:
            pdf.write(html, part, browser)
        else:
            part.write_text(html, encoding="utf-8")


def output_file(output: str | Path) -> tuple[Path, str]:
    """The file, and the browser that prints it if it is a PDF."""
    path = Path(output)
    kind = _SUFFIXES.get(path.suffix.lower())
    if kind is None:
        raise ArgumentError(f"output must end in .html or .pdf, not {str(output)!r}.")
    if not path.parent.is_dir():
        raise ArgumentError(f"There is no folder {str(path.parent)!r} to write {path.name} to. Make it first.")
    return path, pdf.find_browser() if kind == "pdf" else ""


def _refuse_log_keywords(given: Mapping[str, object]) -> None:
    """Raise for arguments that are of use with a log only."""
    usual = {"unit": "week", "refunds": "net"}
    unused = [
        name for name, value in given.items() if name != "currency" and value is not None and value != usual.get(name)
    ]
    if unused:
        raise ArgumentError(
            f"{', '.join(unused)} {'says' if len(unused) == 1 else 'say'} how to read a log, but a fit was passed. "
            "Leave out, or pass the log."
        )
