"""`report`: everything about a customer base in one file, for people who never open a notebook."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from clvmodels import models
from clvmodels.errors import ArgumentError
from clvmodels.files import whole_file
from clvmodels.inference.estimation.fit import fit
from clvmodels.inference.fits.fit import Fit
from clvmodels.reporting import build_study, pdf
from clvmodels.reporting.study import Study, Terms
from clvmodels.transactions.customers import Customers
from clvmodels.transactions.log.log import Amount
from clvmodels.transactions.units import Span, span_in_units

_SUFFIXES = {".html": "html", ".htm": "html", ".pdf": "pdf"}


def report(
    log_or_fit: Any,
    *,
    customer: str | None = None,
    date: str | None = None,
    amount: Amount = None,
    order: str | None = None,
    unit: str = "week",
    observation_end: Any = None,
    calibration_end: Any = None,
    model: str = "bg/nbd",
    spend: str | Fit | None = "gamma-gamma",
    customers: Customers | None = None,
    horizon: Span = "1Y",
    annual_discount_rate: float = 0.10,
    margin: Any = 1.0,
    refunds: str = "net",
    timezone: str | None = None,
    currency: str | None = None,
    title: str = "Customer lifetime value",
    top: int = 15,
    output: str | Path = "report.html",
    format: str | None = None,
    progress: Callable[[str], None] | None = None,
) -> Path:
    """Write a report: what customers will do and are worth, how sure that is, and whether it can be trusted.

    One file that needs nothing else: it can be mailed, opened without a network, read on a phone and printed.

    Parameters
    ----------
    log_or_fit
        A transaction log, as `clvmodels.summarize` takes it; or a fit of a purchase model, or `Customers`, of which
        everything is reported but the test on a holdout.
    customer, date, amount, order, unit, observation_end, refunds, timezone
        As in `clvmodels.summarize`; for a log only.
    calibration_end
        Last day of the calibration in the test on a holdout. Default: the last third of the days observed is held out,
        but no more than the horizon; a log that is too short for it is reported without a test.
    model
        Name of the purchase model; for a log or `Customers`.
    spend
        Name of the spend model, or its fit; with a fit None for purchases only.
    customers
        Those to report on, if a fit was loaded from a file.
    horizon
        How far to look ahead: a number of ``unit``, or a span such as "90D" or "1Y".
    annual_discount_rate
        0.10 is 10 % a year.
    margin
        Share of the spend that is earned; a number, or one a customer (a Series by customer_id).
    currency
        Label of the amounts. Default: that of the fit or the customers.
    title
        Heading of the report.
    top
        How many of the best customers to list.
    output
        The file to write; it is complete or absent. A file of this name is replaced.
    format
        "html" or "pdf"; default: by the ending of ``output``, which otherwise gets that of the format. PDF needs
        Chromium or Google Chrome.
    progress
        Called with what is being done, in words.

    Returns
    -------
    pathlib.Path
        The file.

    Examples
    --------
    >>> import clvmodels as clv, pathlib, tempfile
    >>> customers = clv.summarize(clv.datasets.path("cdnow_sample"), customer="customer_id", date="date",
    ...                           amount="amount", observation_end="1997-09-30", currency="USD")
    >>> path = clv.report(clv.fit(customers, "bg/nbd"), output=pathlib.Path(tempfile.mkdtemp()) / "report.html")
    >>> "2,357 customers made" in path.read_text(encoding="utf-8")
    True
    """
    path, browser = target(output, format)
    terms = asked(horizon, annual_discount_rate, margin, currency, title, top, unit)
    step = progress or (lambda _: None)
    reading = {
        "customer": customer, "date": date, "amount": amount, "order": order, "unit": unit,
        "observation_end": observation_end, "refunds": refunds, "timezone": timezone,
    }  # fmt: skip
    if isinstance(log_or_fit, Fit | Customers):
        _refuse(reading | {"calibration_end": calibration_end})
        study = _of_fits(log_or_fit, model, spend, customers, terms, step)
    else:
        study = of_log(log_or_fit, reading | {"currency": currency}, model, spend, calibration_end, terms, step)
    write(study, path, browser, step)
    return path


def of_log(
    log: Any,
    options: dict[str, Any],
    model: str,
    spend: Any,
    calibration_end: Any,
    terms: Terms,
    step: build_study.Step,
) -> Study:
    """The study of a log; ``options`` are those of `clvmodels.summarize`."""
    if isinstance(spend, Fit):
        raise ArgumentError("A fit of a spend model goes with a fit of a purchase model. For a log pass its name.")
    if models.get(model).spec.kind != "purchases":
        raise ArgumentError(f'model must be a purchase model, such as "bg/nbd", not {model!r}.')
    if spend is None:
        raise ArgumentError("spend=None goes with a fit. To report on the purchases of a log only, leave amount= out.")
    if models.get(spend).spec.kind != "spend":
        raise ArgumentError(f'spend must be a spend model, such as "gamma-gamma", not {spend!r}.')
    return build_study.from_log(build_study.LogSource(log, options, model, spend, calibration_end), terms, step)


def _of_fits(
    source: Fit | Customers, model: str, spend: Any, customers: Customers | None, terms: Terms, step: build_study.Step
) -> Study:
    if isinstance(source, Customers):
        step(f"Fitting {model}")
        source = fit(source, model)
    if source.definition.spec.kind != "purchases":
        raise ArgumentError(f"The report is about purchases, and {source.definition.spec.title} is no model of them.")
    if isinstance(spend, Fit) and spend.definition.spec.kind != "spend":
        raise ArgumentError(f"spend must be a fit of a spend model, not of {spend.definition.spec.title}.")
    whom = source.customers if customers is None else customers
    if whom is None:
        raise ArgumentError("A loaded fit carries no data. Pass customers=, as clvmodels.summarize makes them.")
    return build_study.from_fits(source, spend, whom, terms, step)


def write(study: Study, path: Path, browser: str, step: build_study.Step) -> None:
    """Draw the page and write it, as a PDF if there is a ``browser`` to print it."""
    from clvmodels.reporting.page import render

    step("Drawing")
    html = render(study)
    step(f"Writing {path.name}")
    with whole_file(path) as part:
        if browser:
            pdf.write(html, part, browser)
        else:
            part.write_text(html, encoding="utf-8")


def target(output: str | Path, format: str | None) -> tuple[Path, str]:
    """The file, and the browser that prints it if it is a PDF; ending and format decide each other."""
    path = Path(output)
    by_name = _SUFFIXES.get(path.suffix.lower())
    if format is None and by_name is None:
        raise ArgumentError(f"output must end in .html or .pdf, not {str(output)!r}.")
    if format not in (None, "html", "pdf"):
        raise ArgumentError(f'format must be "html" or "pdf", not {format!r}.')
    if format not in (None, by_name):
        path = path.with_suffix(f".{format}")
    if not path.parent.is_dir():
        raise ArgumentError(f"There is no folder {str(path.parent)!r} to write {path.name} to. Make it first.")
    return path, pdf.find_browser() if (format or by_name) == "pdf" else ""


def asked(horizon: Any, rate: float, margin: Any, currency: str | None, title: str, top: int, unit: str) -> Terms:
    """The terms, or an error that says what has no meaning."""
    if horizon is None:
        raise ArgumentError('A report needs a horizon with an end, such as "1Y" or "3Y".')
    if not span_in_units(horizon, unit) > 0:
        raise ArgumentError(f'horizon must be longer than nothing, such as "1Y", not {horizon!r}.')
    if top != int(top) or top < 1:
        raise ArgumentError(f"top must be a whole number of customers, 1 or more, not {top!r}.")
    return Terms(horizon, annual_discount_rate=rate, margin=margin, currency=currency, title=title, top=int(top))


def _refuse(reading: dict[str, Any]) -> None:
    """Raise for arguments that only a log has a use for."""
    usual = {"unit": "week", "refunds": "net"}
    given = [name for name, value in reading.items() if value is not None and value != usual.get(name)]
    if given:
        raise ArgumentError(
            f"{', '.join(given)} {'says' if len(given) == 1 else 'say'} how to read a log, but a fit was passed. "
            "Leave out, or pass the log."
        )
