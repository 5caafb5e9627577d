"""Files as shops export them: read as what they are, or refused in words."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

import clvmodels as clv
from clvmodels.errors import DataError
from clvmodels.transactions.log import text_columns

COLUMNS = {"customer": "id", "date": "day", "amount": "paid"}


def _spent(source) -> dict[object, float]:
    """What each customer spent, the first purchase included."""
    customers = clv.summarize(source, **COLUMNS, keep_purchases=True)
    return customers.purchases.groupby("customer_id")["spend"].sum().to_dict()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "sales1.csv").write_text("id,day,paid,cost\nann,2024-01-01,5,3\nann,2024-02-01,6,4\n")
    (tmp_path / "sales[1].csv").write_text("id,day,cost,paid\nbob,2024-01-01,30,50\nann,2024-03-01,40,60\n")
    return tmp_path


def test_a_file_whose_name_looks_like_a_pattern_is_that_file(folder: Path) -> None:
    assert _spent(folder / "sales[1].csv") == {"ann": 60.0, "bob": 50.0}
    (folder / "what?*.csv").write_text("id,day,paid\ncleo,2024-01-01,7\n")
    assert _spent(folder / "what?*.csv") == {"cleo": 7.0}
    pd.read_csv(folder / "sales1.csv").to_parquet(folder / "sales[1].parquet")
    assert _spent(folder / "sales[1].parquet") == {"ann": 11.0}


def test_files_are_joined_by_the_names_of_their_columns(folder: Path) -> None:
    files = [folder / "sales1.csv", folder / "sales[1].csv"]
    assert _spent(files) == _spent(str(folder / "*.csv")) == {"ann": 71.0, "bob": 50.0}
    for file in files:
        pd.read_csv(file).to_parquet(file.with_suffix(".parquet"))
    assert _spent(str(folder / "*.parquet")) == {"ann": 71.0, "bob": 50.0}


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_files_with_other_columns_are_refused_with_the_difference(folder: Path, kind: str) -> None:
    lines = pd.read_csv(folder / "sales1.csv")
    for name, table in {"a": lines, "b": lines.rename(columns={"cost": "Cost of goods"}), "c": lines}.items():
        table.to_csv(folder / f"{name}.csv", index=False)
        table.to_parquet(folder / f"{name}.parquet")
    message = r"b\.\w+' lacks \['cost'\] and has \['Cost of goods'\] besides, compared with '.*a\.\w+'"
    with pytest.raises(DataError, match=message):
        clv.summarize([folder / f"{name}.{kind}" for name in "abc"], **COLUMNS)


def test_a_file_that_is_named_twice_is_refused(folder: Path) -> None:
    with pytest.raises(DataError, match=r"sales1.csv' is named twice. Name each file once"):
        clv.summarize([folder / "sales1.csv", str(folder / "*.csv")], **COLUMNS)


@pytest.fixture(params=["in memory", "by DuckDB"])
def write(request, tmp_path: Path, monkeypatch):
    """Write a CSV file of ids and amounts, which is read in either way."""
    if request.param == "by DuckDB":
        monkeypatch.setattr(text_columns, "SMALL", 0)

    def write(ids: list[str], amounts: list[object]) -> Path:
        lines = [f"{one},2024-01-01,{amount}" for one, amount in zip(ids, amounts, strict=True)]
        (tmp_path / "log.csv").write_text("\n".join(["id,day,paid", *lines]))
        return tmp_path / "log.csv"

    return write


@pytest.mark.parametrize(
    "ids",
    [
        ["12.1", "12.10"],
        ["1e5", "100000"],
        ["0x10", "16"],
        ["true", "t", "True"],
        ["12:00", "12:00:00"],
        ["0007", "7"],
        ["7", "7.0"],
        ["2024-01-01", "20240101"],
        ["123456789012345678901", "123456789012345678902"],
        ["-0", "0"],
        ["+5", "5"],
    ],
)
def test_ids_that_are_written_differently_are_different_customers(write, ids: list[str]) -> None:
    amounts = [float(place) for place in range(1, len(ids) + 1)]
    log = write(ids, amounts)
    frame = pd.DataFrame({"id": ids, "day": "2024-01-01", "paid": amounts})
    assert _spent(log) == _spent(frame) == dict(zip(ids, amounts, strict=True))


def test_ids_are_whole_numbers_if_all_are_written_as_such(write) -> None:
    customers = clv.summarize(write(["10", "9", "", " 9", "-3", " "], [1, 2, 3, 4, 5, 6]), **COLUMNS)
    assert customers.table.index.tolist() == [-3, 9, 10]
    assert customers.table.index.dtype == "int64"
    assert customers.report.lines_without_customer == 2


def test_spaces_around_an_id_are_no_part_of_it(write) -> None:
    customers = clv.summarize(write(["a", " a ", " ", "b "], [1, 2, 3, 4]), **COLUMNS)
    assert customers.table.index.tolist() == ["a", "b"]
    assert customers.report.lines_without_customer == 1


def test_an_id_late_in_a_file_is_not_read_by_the_type_of_those_before_it(write) -> None:
    ids = ["5"] * 60_001
    for late in ("7.4", "0007", "x7"):
        assert _spent(write([*ids, late], [1] * 60_002)) == {"5": 60_001.0, late: 1.0}


@pytest.mark.parametrize("amount", ["paid", ("paid",), "paid * number"])
def test_an_amount_late_in_a_file_keeps_its_fraction(write, tmp_path: Path, amount) -> None:
    write(["1"] * 60_002, [*["5,2"] * 60_001, "5.75,2"])
    log = tmp_path / "log.csv"
    log.write_text(log.read_text().replace("id,day,paid", "id,day,paid,number", 1))
    customers = clv.summarize(log, customer="id", date="day", amount=amount)
    expected = 5.0 * 60_001 + 5.75
    assert customers.report.amount_bought == (2.0 if amount == "paid * number" else 1.0) * expected


def test_holdouts_and_purchases_by_day_read_ids_alike(write) -> None:
    log = write(["0007", "7", "7.0"], [1, 2, 3])
    later = log.read_text() + "\n7,2024-02-01,4\n0007,2024-03-01,5"
    log.write_text(later)
    split = clv.holdout_split(log, **COLUMNS, calibration_end="2024-02-15")
    assert split.table["spend"].to_dict() == {"0007": 5.0, "7": 0.0, "7.0": 0.0}
    assert clv.plots.purchases_by_day(log, **COLUMNS)["customers"].sum() == 3
