"""A password in an address is found nowhere after a run: not in what is printed, written or raised."""

from __future__ import annotations

import io
import json
import logging
import pickle
import traceback
import warnings
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from typer.testing import CliRunner

import clvmodels as clv
from clvmodels.cli import app
from clvmodels.passwords import hide, without_passwords
from tests.transactions.log.databases.conftest import PASSWORD

COLUMNS = {"customer": "customer_id", "date": "time", "amount": "paid"}
WORDS = [f"--{name}={value}" for name, value in COLUMNS.items()]
SECRETS = [PASSWORD, quote(PASSWORD, safe=""), quote(PASSWORD), "s3cr3t"]


def assert_secret(*texts: str) -> None:
    for text in texts:
        for secret in SECRETS:
            assert secret not in text


def raised(error: BaseException | None) -> str:
    """An error with all that led to it, said or not."""
    texts = []
    while error is not None:
        texts += [repr(error), str(error), "".join(traceback.format_exception(error, chain=True))]
        texts.append(repr(vars(error)))
        error = error.__cause__ or error.__context__
    return "\n".join(texts)


@pytest.mark.parametrize("scheme", ["postgresql", "postgresql+psycopg"])
def test_no_command_prints_or_writes_a_password(postgresql: Any, scheme: str, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    address, runner = postgresql.address(scheme), CliRunner()
    commands = [
        ["summarize", address, "--query", "orders", *WORDS],
        ["fit", address, "--query", "orders", *WORDS, "--output", "model.json"],
        ["score", address, "--query", "orders", *WORDS, "--model", "model.json"],
        ["report", address, "--query", "orders", *WORDS, "--output", "report.html"],
    ]
    for command in commands:
        result = runner.invoke(app, command)
        assert result.exit_code == 0, result.output
        assert_secret(result.output, result.stderr)
    written = list(tmp_path.iterdir())
    assert {path.name for path in written} >= {"customers.csv", "model.json", "scores.csv", "report.html"}
    for path in written:
        assert_secret(path.read_bytes().decode("utf-8", errors="replace"))
    assert address.partition("://")[0] in (tmp_path / "report.html").read_text()  # the code to make it again


@pytest.mark.parametrize("scheme", ["postgresql", "postgresql+psycopg", "nosuch", "postgresql+nosuch"])
@pytest.mark.parametrize(
    ("port", "query", "user"),
    [
        (None, "no_such_table", "shop"),
        (None, "SELECT 1/0 AS customer_id", "shop"),
        (None, "orders", "nobody"),
        (1, "orders", "shop"),
        (None, None, "shop"),
    ],
)
def test_no_error_has_a_password_in_it(
    postgresql: Any, scheme: str, port: int | None, query: str | None, user: str
) -> None:
    address = postgresql.address(scheme, user=user)
    address = address if port is None else address.replace(f":{postgresql.port}/", f":{port}/")
    log = clv.Log(address, **COLUMNS, query=query)
    with pytest.raises(clv.errors.ClvError) as refused:
        clv.summarize(log)
    assert_secret(raised(refused.value), repr(log), repr(vars(refused.value)))
    words = ["--query", query] if query else []
    for debug in ([], ["--debug"]):
        result = CliRunner().invoke(app, [*debug, "summarize", address, *words, *WORDS])
        assert result.exit_code in (1, 2)
        assert_secret(result.output)


def test_a_wrong_password_is_not_shown_either(postgresql: Any) -> None:
    wrong = "wr0ng&pass"  # not in the line that a traceback shows
    for scheme in ("postgresql", "postgresql+psycopg"):
        with pytest.raises(clv.errors.DataError, match="password authentication failed") as refused:
            clv.summarize(postgresql.address(scheme, wrong), query="orders", **COLUMNS)
        assert wrong not in raised(refused.value)


def test_nothing_that_python_keeps_or_says_has_a_password_in_it(postgresql: Any, tmp_path: Path) -> None:
    out, records = io.StringIO(), io.StringIO()
    handler = logging.StreamHandler(records)
    logging.getLogger().addHandler(handler)
    logging.getLogger().setLevel(logging.DEBUG)
    try:
        with redirect_stdout(out), redirect_stderr(out), warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            customers = clv.summarize(postgresql.address(), query="orders", **COLUMNS)
            fit = clv.fit(customers, "bg/nbd")
            fit.save(tmp_path / "model.json")
    finally:
        logging.getLogger().removeHandler(handler)
        logging.getLogger().setLevel(logging.WARNING)
    said = [repr(customers), str(customers.report), customers._repr_html_(), repr(fit), str(fit.summary())]
    said += [str(warning.message) for warning in caught]
    assert_secret(out.getvalue(), records.getvalue(), *said, (tmp_path / "model.json").read_text())
    assert_secret(json.dumps(vars(customers.report), default=str))
    for thing in (customers, fit):
        assert_secret(pickle.dumps(thing).decode("latin-1"))


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("postgresql://ann:p@h/db", "postgresql://ann:***@h/db"),
        ("could not connect to 'mysql+pymysql://ann:p:@/x@h:3306/db'", "could not connect to 'mysql+pymysql://ann:***@h:3306/db'"),
        ("snowflake://ann:p@acc/db?warehouse=w&token=abc", "snowflake://ann:***@acc/db?warehouse=w&token=***"),
        ("Driver={x};UID=ann;PWD=abc;Server=h", "Driver={x};UID=ann;PWD=***;Server=h"),
        ("postgresql://ann@h/db", "postgresql://ann@h/db"),
        ("sales:2024@shop.csv", "sales:2024@shop.csv"),
        ("postgresql://:p@h/db", "postgresql://:***@h/db"),
    ],
)  # fmt: skip
def test_passwords_are_replaced_by_stars(text: str, hidden: str) -> None:
    assert without_passwords(text) == hidden


def test_a_password_is_hidden_in_the_words_of_a_driver_too() -> None:
    address = "postgresql://ann:a%40b@h/db"
    assert hide("no login with a@b, nor a%40b", address) == "no login with ***, nor ***"
