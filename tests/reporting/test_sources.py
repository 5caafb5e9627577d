"""From a fit, from customers, without spend; what cannot be meant; and a file that is complete or absent."""

import warnings
from dataclasses import replace

import pandas as pd
import pytest

import clvmodels as clv
from clvmodels.errors import ArgumentError
from clvmodels.reporting import page as pages
from clvmodels.reporting.options import report_options
from clvmodels.reporting.page import fill
from clvmodels.reporting.report import write
from clvmodels.reporting.sections import customers
from clvmodels.reporting.study.build import study_of_fits
from tests.reporting.conftest import COLUMNS, LOG
from tests.reporting.page import Page, read


@pytest.fixture(scope="module")
def study(fits, few):
    options = report_options("90D", 0.1, 1.0, "USD", "Title", 15, "week")
    return study_of_fits(*fits, few, options, print)


def test_clv_report_is_the_function_whatever_was_imported_before():
    import clvmodels.reporting.report

    assert clv.report is clvmodels.reporting.report.report


def test_a_loaded_fit_says_what_is_missing(fits, few, tmp_path):
    fits[0].save(tmp_path / "model.json")
    loaded = clv.load(tmp_path / "model.json")
    with pytest.raises(ArgumentError, match="Pass customers="):
        clv.report(loaded, output=tmp_path / "report.html")
    path = clv.report(loaded, spend=fits[1], customers=few, title="<script>a & b</script>", output=tmp_path / "r.html")
    page = read(path)
    assert "the model was not tested on a holdout" in page.text
    assert "Can it be trusted?" not in page.text
    # what the user gave is text
    assert "<script>a & b</script>" in page.text
    assert len(page.attributes("script")) == 2  # the page's own
    value = clv.lifetime_value(loaded, fits[1], few, horizon="1Y", annual_discount_rate=0.1)
    best = value.nlargest(15, "lifetime_value").index
    assert [row[0] for row in page.tables["The 15 customers with the highest value"][1:]] == list(map(str, best))


@pytest.mark.slow
def test_groups_are_reported(few, tmp_path):
    """Every section, with the parameters of each group."""
    group = pd.Series(["<web>", "shop"] * 50, few.table.index, name="channel")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", clv.errors.IdentificationWarning)  # a hundred customers are few for two groups
        grouped = clv.fit(few, "bg/nbd", group=group, method="nuts", draws=50, chains=1, progress=False)
        path = clv.report(grouped, spend=None, horizon="90D", output=tmp_path / "r.html")
    page = read(path)
    names = [row[0] for row in page.tables["Parameters of BG/NBD"][1:]]
    assert names == list(grouped.parameters)
    assert "r[<web>]" in names
    expected = grouped.expected_purchases("90D").nlargest(15)
    assert [row[0] for row in page.tables["The 15 customers with most purchases to come"][1:]] == [
        str(name) for name in expected.index
    ]


def test_names_from_the_log_are_text(study):
    value = study.value.rename(index="<b>&{}".format)
    table = study.customers.table.rename(index="<b>&{}".format)
    named = replace(
        study,
        options=replace(study.options, currency="<i>"),
        customers=replace(study.customers, table=table),
        value=value,
        top_customers=value.head(15),
    )
    page = Page(fill("", "", [customers.section(named)]))
    assert not {"b", "i"} & {tag for tag, _ in page.tags}
    head, *rows = page.tables["The 15 customers with the highest value"]
    assert "Value [<i>]" in head
    assert [row[0] for row in rows] == [f"<b>&{name}" for name in study.value.index[:15]]


def test_a_bound_log_is_reported_as_its_keywords_are(tmp_path):
    log = clv.Log(pd.read_csv(LOG).query("customer_id < 300"), **COLUMNS, currency="USD")
    path = clv.report(log, horizon="30D", output=tmp_path / "r.html")
    unbound = clv.report(log.data, **COLUMNS, currency="USD", horizon="30D", output=tmp_path / "s.html")
    assert path.read_text() == unbound.read_text()


def test_margins_are_one_a_customer_in_any_form(fits, few, tmp_path):
    margins = pd.Series(0.1, few.table.index)
    margins.iloc[0] = 0.9
    pages = [
        clv.report(fits[0], spend=fits[1], customers=few, margin=margin, output=tmp_path / f"{name}.html").read_text()
        for name, margin in (("series", margins.sample(frac=1.0, random_state=1)), ("list", margins.tolist()))
    ]
    assert pages[0] == pages[1]


def test_without_spend_and_without_days(few, tmp_path):
    table = few.table[["frequency", "recency", "T"]]
    page = read(clv.report(clv.Customers.from_frame(table, unit="week"), output=tmp_path / "r.html"))
    assert "there is neither spend nor value" in page.text
    assert "there is no forecast by month" in page.text
    assert "Forecast" not in page.text
    assert "days ago" in page.text


@pytest.mark.parametrize("days", [1, 40])
def test_a_short_or_odd_log_is_reported_with_what_is_wrong(days, tmp_path):
    dates = pd.date_range("2024-01-01", periods=days).strftime("%Y-%m-%d")
    log = pd.DataFrame({"customer_id": range(days), "date": dates, "amount": 1.0})
    page = read(clv.report(log, **COLUMNS, output=tmp_path / "r.html"))
    assert "weak priors hold them" in page.text
    assert "90 % range" in page.text
    assert days == 40 or "not tested" in page.text
    assert "nan" not in page.text.split()


def test_a_holdout_that_was_asked_for_must_work(tmp_path):
    log = pd.read_csv(LOG).query("customer_id < 300")
    with pytest.raises(clv.errors.DataError, match="calibration_end"):
        clv.report(log, **COLUMNS, calibration_end="1999-01-01", output=tmp_path / "r.html")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"output": "r.docx"}, "must end in .html or .pdf"),
        ({"output": "no/where.html"}, "no folder 'no'"),
        ({"horizon": None}, "horizon with an end"),
        ({"horizon": "0D"}, "longer than nothing"),
        ({"top": 0}, "1 or more"),
        ({"spend": None}, "leave amount= out"),
        ({"spend": "bg/nbd"}, "must be a spend model"),
        ({"model": "gamma-gamma"}, "must be a purchase model"),
    ],
)
def test_what_cannot_be_meant_is_refused_before_any_work(options, sentence, tmp_path):
    said = []
    with pytest.raises(ArgumentError, match=sentence):
        clv.report(LOG, **COLUMNS, **{"output": tmp_path / "r.html", **options}, progress=said.append)
    assert said == []
    assert list(tmp_path.iterdir()) == []


def test_a_fit_takes_no_columns(fits, tmp_path):
    with pytest.raises(ArgumentError, match="customer, unit say how to read a log"):
        clv.report(fits[0], customer="id", unit="day", output=tmp_path / "r.html")
    with pytest.raises(ArgumentError, match="Gamma-Gamma is no model of them"):
        clv.report(fits[1], output=tmp_path / "r.html")


def test_a_file_is_complete_or_as_it_was(study, tmp_path, monkeypatch):
    path = tmp_path / "r.html"
    path.write_text("before")
    monkeypatch.setattr(pages, "render", lambda study: "\ud800, which no file can hold")
    with pytest.raises(UnicodeEncodeError):
        write(study, path, "", print)
    assert path.read_text() == "before"
    assert list(tmp_path.iterdir()) == [path]


def test_a_browser_that_fails_leaves_no_pdf(study, tmp_path, monkeypatch):
    monkeypatch.setattr(pages, "render", lambda study: "<p>page")
    with pytest.raises(clv.errors.ClvError, match="exit code 1"):
        write(study, tmp_path / "r.pdf", "false", print)  # a program that ends with exit code 1
    assert list(tmp_path.iterdir()) == []


def test_progress_tells_every_step(fits, few, tmp_path, monkeypatch):
    monkeypatch.setattr(pages, "render", lambda study: "<p>page")
    said = []
    path = clv.report(
        fits[0], spend=fits[1], customers=few, horizon="30D", output=tmp_path / "r.html", progress=said.append
    )
    assert path == tmp_path / "r.html"
    assert said == ["Forecasting 100 customers", "Valuing customers", "Drawing", "Writing r.html"]
