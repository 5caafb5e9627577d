"""The data sets are the published ones, and they load from a checkout and from a wheel."""

import subprocess
import sys
from collections import Counter
from pathlib import Path

import pandas as pd
import pytest

from clvmodels import datasets
from clvmodels.errors import ArgumentError

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("sample", "rows", "customers", "quantity", "amount", "zero"),
    [(False, 69_659, 23_570, 167_881, 2_500_315.63, 80), (True, 6_919, 2_357, 16_479, 244_091.94, 8)],
)
def test_cdnow_is_the_published_log(sample, rows, customers, quantity, amount, zero):
    log = datasets.load_cdnow(sample=sample)

    assert list(log.columns) == ["customer_id", "date", "quantity", "amount"]
    assert [kind.kind for kind in log.dtypes] == ["i", "M", "i", "f"]
    assert not log.isna().any(axis=None)
    assert len(log) == rows
    assert set(log["customer_id"]) == set(range(1, customers + 1))
    assert log["quantity"].sum() == quantity
    assert round(log["amount"].sum(), 2) == amount
    assert (log["amount"] == 0).sum() == zero
    assert log["date"].agg(["min", "max"]).tolist() == [pd.Timestamp("1997-01-01"), pd.Timestamp("1998-06-30")]


def test_cdnow_sample_is_part_of_the_master_log():
    def histories(log):
        """What each customer bought, whatever the customer's number: the sample has numbers of its own."""
        purchases = log[["date", "quantity", "amount"]].apply(tuple, axis=1)
        return Counter(frozenset(Counter(rows).items()) for _, rows in purchases.groupby(log["customer_id"]))

    assert histories(datasets.load_cdnow(sample=True)) <= histories(datasets.load_cdnow())


def test_online_retail_orders_add_up():
    log = datasets.load_online_retail()

    assert list(log.columns) == ["customer_id", "order_id", "timestamp", "amount"]
    assert log.drop(columns="customer_id").notna().all(axis=None)
    assert len(log) == 53_628
    assert log["order_id"].is_unique
    assert log["customer_id"].nunique() == 5_942
    assert log["customer_id"].isna().sum() == 8_752
    assert log["amount"].sum() == pytest.approx(18_909_744.118, abs=1e-6)  # rounding of 53,628 additions


def test_online_retail_orders_are_sums_of_the_raw_lines():
    columns = ["Invoice", "Quantity", "Price", "Sheet"]
    lines = pd.read_parquet(ROOT / "data" / "online_retail_lines.parquet", columns=columns)
    assert len(lines) == 1_067_370
    second = lines["Sheet"] == "Year 2010-2011"
    overlap = second & lines["Invoice"].isin(lines.loc[~second, "Invoice"])
    assert overlap.sum() == 22_523
    assert lines.loc[overlap, "Invoice"].nunique() == 1_088
    kept = lines[~overlap]
    assert len(kept) == 1_044_847

    sums = (kept["Quantity"] * kept["Price"]).groupby(kept["Invoice"]).sum()

    orders = datasets.load_online_retail().set_index("order_id")["amount"].sort_index()
    assert list(sums.index) == list(orders.index)
    # The file holds exact sums of pence; here float additions of up to 1,350 lines worth up to 168,470 each.
    assert sums.to_numpy() == pytest.approx(orders.to_numpy(), rel=1e-12, abs=1e-8)


def test_cancellations_are_kept_as_negative_orders():
    log = datasets.load_online_retail()
    cancelled = log["order_id"].str.startswith("C")

    assert cancelled.sum() == 8_292
    assert (log.loc[cancelled, "amount"] < 0).sum() == 8_291
    # Corrections of bad debt (invoices A…) are the only other orders below zero.
    assert log.loc[~cancelled & (log["amount"] < 0), "order_id"].str.startswith("A").all()


def test_donations_are_the_published_table():
    table = datasets.load_donations()

    assert list(table.columns) == ["frequency", "recency", "periods", "weights"]
    assert len(table) == 22
    assert table["weights"].sum() == 11_104
    assert (table["periods"] == 6).all()
    assert (table["recency"] >= table["frequency"]).all()
    assert not table.duplicated(["frequency", "recency"]).any()


@pytest.mark.parametrize("name", ["cdnow", "cdnow_sample", "online_retail", "donations"])
def test_path_is_a_file(name):
    assert datasets.path(name).is_file()


def test_unknown_name_lists_the_known_ones():
    with pytest.raises(ArgumentError, match=r"no data set 'cd'\. Use one of cdnow, cdnow_sample, online_retail, donat"):
        datasets.path("cd")


@pytest.mark.slow
def test_datasets_load_from_an_installed_wheel(tmp_path):
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    run = {"check": True, "cwd": tmp_path, "stdout": subprocess.PIPE, "text": True}
    subprocess.run([*pip, "wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", tmp_path, ROOT], **run)
    (wheel,) = tmp_path.glob("clvmodels-*.whl")
    subprocess.run([*pip, "install", "--no-deps", "--no-index", "--target", tmp_path / "site", wheel], **run)

    script = (
        f"import sys; sys.path.insert(0, {str(tmp_path / 'site')!r})\n"
        "from clvmodels import datasets\n"
        "print(datasets.path('cdnow'))\n"
        "print(*map(len, [datasets.load_cdnow(), datasets.load_cdnow(sample=True), datasets.load_online_retail(),"
        " datasets.load_donations()]))"
    )
    file, rows = subprocess.run([sys.executable, "-c", script], **run).stdout.splitlines()

    installed = tmp_path / "site" / "clvmodels"
    assert Path(file) == installed / "data" / "cdnow.csv"
    assert rows == "69659 6919 53628 22"
    assert (installed / "data" / "README.md").is_file()
    assert (installed / "py.typed").is_file()
    # what the report is filled into
    assert {file.name for file in (installed / "reporting" / "templates").iterdir()} >= {"report.html.j2", "style.css"}
    assert not list(installed.rglob("online_retail_lines*"))
