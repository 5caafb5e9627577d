"""Files as shops export them: read as what they are, or refused in words."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

import clvmodels as clv
from clvmodels.errors import DataError

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
