"""Every form of a file gives the right customers or the right sentence, in Python and in a shell."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from typer.testing import CliRunner

import clvmodels as clv
from clvmodels.cli import app
from clvmodels.errors import ClvError
from clvmodels.transactions.log import text_columns
from tests.reference.tolerances import ONE_ROUNDING
from tests.transactions.log.file_forms import GOOD, REFUSED, Form

COLUMNS = {"customer": "id", "date": "day", "amount": "paid"}


def _name(form: Form) -> str:
    return form.name


def _write(form: Form, folder: Path) -> Path:
    path = folder / form.name
    path.write_bytes(form.content)
    return path


def _summarize(form: Form, folder: Path) -> clv.Customers:
    return clv.summarize(_write(form, folder), **(COLUMNS | form.options), unit="day", keep_purchases=True)


def _in_shell(form: Form, folder: Path, output: Path) -> Any:
    options = COLUMNS | form.options
    words = [f"--{name}={value}" for name, value in options.items() if name != "header"]
    words += [] if options.get("header", True) else ["--no-header"]
    command = ["summarize", str(_write(form, folder)), *words, "--unit=day", f"--output={output}"]
    return CliRunner().invoke(app, command)


def _check_spent(customers: clv.Customers, spent: dict[Any, float]) -> None:
    assert customers.purchases is not None
    found = customers.purchases.groupby("customer_id")["spend"].sum().to_dict()
    assert found == pytest.approx(spent, rel=ONE_ROUNDING)
    assert {type(one) for one in found} == {type(one) for one in spent}
    assert not customers.table.drop(columns="monetary_value").isna().any().any()


@pytest.mark.parametrize("form", GOOD, ids=_name)
def test_a_file_gives_the_right_customers(form: Form, tmp_path: Path) -> None:
    assert form.spent is not None
    _check_spent(_summarize(form, tmp_path), form.spent)


@pytest.mark.parametrize("form", GOOD[::3], ids=_name)
def test_a_large_file_gives_the_right_customers(form: Form, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(text_columns, "SMALL", 0)
    assert form.spent is not None
    _check_spent(_summarize(form, tmp_path), form.spent)


@pytest.mark.parametrize("form", GOOD, ids=_name)
def test_a_shell_reads_a_file_as_python_does(form: Form, tmp_path: Path) -> None:
    output = tmp_path / "customers.parquet"
    result = _in_shell(form, tmp_path, output)
    assert result.exit_code == 0, result.output
    assert form.spent is not None
    ids = pd.read_parquet(output)["customer_id"].tolist()
    assert sorted(ids) == sorted(form.spent)
    assert {type(one) for one in ids} == {type(one) for one in form.spent}
    assert f"Amount bought {sum(form.spent.values()):,.2f} " in " ".join(result.output.split())


@pytest.mark.parametrize("form", REFUSED, ids=_name)
def test_a_file_that_cannot_be_read_is_refused_with_a_sentence(form: Form, tmp_path: Path) -> None:
    with pytest.raises(ClvError) as refused:
        _summarize(form, tmp_path)
    assert form.says in str(refused.value)


@pytest.mark.parametrize("form", REFUSED, ids=_name)
def test_a_shell_refuses_a_file_in_its_own_words(form: Form, tmp_path: Path) -> None:
    output = tmp_path / "customers.parquet"
    result = _in_shell(form, tmp_path, output)
    assert result.exit_code in (1, 2)
    said = " ".join(result.output.split())
    assert (form.says if form.shell is None else form.shell) in said
    assert "Traceback" not in said
    assert "=" not in said.replace("sep=", "")  # arguments of Python
    assert not output.exists()


def test_files_in_several_forms_are_one_log(tmp_path: Path) -> None:
    by_name = {form.name: form for form in GOOD}
    names = ["semicolon-utf-16.csv.gz", "records.json", "book.xlsx", "tab-latin-1.tsv.zst", "mac.csv"]
    found = [name for name in names if name in by_name]
    paths = [_write(by_name[name], tmp_path) for name in found]
    assert len(paths) >= 3
    customers = clv.summarize(paths, **COLUMNS)
    assert customers.report is not None
    assert customers.report.amount_bought == 18.5 * len(paths)


def test_text_and_parquet_are_not_mixed(tmp_path: Path) -> None:
    paths = [_write(form, tmp_path) for form in GOOD if form.name in ("table.parquet", "crlf.csv")]
    with pytest.raises(ClvError, match="partly text and partly Parquet"):
        clv.summarize(paths, **COLUMNS)


def test_kept_columns_have_the_type_that_all_lines_bear_out(tmp_path: Path) -> None:
    rows = [f"{place},2024-01-01,1,{place},{place}.5,true,2024-01-0{place % 9 + 1},0{place}" for place in range(50_000)]
    path = tmp_path / "log.csv"
    header = "id,day,paid,whole,part,yes,date,zip"
    path.write_text("\n".join([header, *rows]))
    keep = ["whole", "part", "yes", "date", "zip"]
    kinds = clv.summarize(path, **COLUMNS, keep=keep).table.dtypes.astype(str)
    assert [kinds[name] for name in keep] == ["int64", "float64", "bool", "datetime64[us]", "str"]
    path.write_text("\n".join([header, *rows, "99999,2024-01-01,1,7.4,x,maybe,soon,1"]))
    late = clv.summarize(path, **COLUMNS, keep=keep).table
    assert [str(late.dtypes[name]) for name in keep] == ["float64", "str", "str", "str", "str"]
    assert late.loc[99999, keep].tolist() == [7.4, "x", "maybe", "soon", "1"]


def test_a_pipe_is_not_read_twice(tmp_path: Path) -> None:
    os = pytest.importorskip("os")
    os.mkfifo(tmp_path / "pipe.csv")
    with pytest.raises(ClvError, match="is a pipe or a device, which can be read only once"):
        clv.summarize(tmp_path / "pipe.csv", **COLUMNS)


def test_duckdb_neither_downloads_nor_leaves_anything(tmp_path: Path, monkeypatch) -> None:
    from clvmodels.files import private_folder
    from clvmodels.transactions.log.engine import connect

    monkeypatch.chdir(tmp_path)
    names = ("autoinstall_known_extensions", "autoload_known_extensions", "temp_directory", "memory_limit")
    settings = dict(connect().sql(f"SELECT name, value FROM duckdb_settings() WHERE name IN {names}").fetchall())
    assert settings["autoinstall_known_extensions"] == settings["autoload_known_extensions"] == "false"
    private = Path(settings["temp_directory"]).parent  # of the process: another test may have asked for a new one
    assert (private.name.split("-")[0], private.parent) == ("clvmodels", private_folder().parent)
    with pytest.raises(ClvError, match="Download it first"):
        clv.summarize("https://example.com/log.csv", **COLUMNS)
    assert list(tmp_path.iterdir()) == []
