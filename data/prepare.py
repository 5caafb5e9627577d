"""Make the logs in this folder from the files as published.

    python data/prepare.py PUBLISHED

PUBLISHED is a folder with ``CDNOW_master.txt``, ``CDNOW_sample.txt``, ``online_retail_II.parquet`` (both sheets of the
UCI workbook, one below the other, with the name of the sheet in a column ``Sheet``) and ``bgbb_donations_summary.csv``.
Every run writes the same rows in the same order, and prints the counts that ``README.md`` states.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
from pathlib import Path

import duckdb

HERE = Path(__file__).resolve().parent
LOG_COLUMNS = ["customer_id", "date", "quantity", "amount"]

# One row an invoice. Both sheets hold the invoices of 1 to 9 December 2010: the second sheet's copy of an invoice that
# stands in both is left out. Some invoices run over two minutes: the order has the time of its first line. Prices have
# up to three decimals, so decimals make the sums exact, whatever the order of the lines.
ORDERS = """
with repeated as (
    select "Invoice" from lines group by "Invoice" having count(distinct "Sheet") = 2
)
select
    any_value("Customer ID") as customer_id,
    "Invoice" as order_id,
    min("InvoiceDate") as timestamp,
    sum("Quantity" * "Price"::decimal(12, 3))::double as amount
from lines
where not ("Sheet" = 'Year 2010-2011' and "Invoice" in (from repeated))
group by "Invoice"
order by timestamp, order_id
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("published", type=Path, help="folder of the files as published")
    parser.add_argument("--output", type=Path, default=HERE, help="where to write (default: the folder of this script)")
    arguments = parser.parse_args()
    arguments.output.mkdir(parents=True, exist_ok=True)
    for path in [
        *prepare_cdnow(arguments.published, arguments.output),
        *prepare_online_retail(arguments.published, arguments.output),
        prepare_donations(arguments.published, arguments.output),
    ]:
        digest = hashlib.sha256(path.read_bytes()).hexdigest()[:16]
        print(f"{path.name}: {count_rows(path):,} rows, {path.stat().st_size:,} bytes, sha256 {digest}…")


def prepare_cdnow(published: Path, output: Path) -> list[Path]:
    """The master log, and the sample under its own customer numbers (the second column)."""
    master = [line.split() for line in (published / "CDNOW_master.txt").read_text("ascii").splitlines()[1:]]
    sample = [line.split()[1:] for line in (published / "CDNOW_sample.txt").read_text("ascii").splitlines()]
    return [write_log(master, output / "cdnow.csv"), write_log(sample, output / "cdnow_sample.csv")]


def write_log(rows: list[list[str]], path: Path) -> Path:
    """Rows of customer, YYYYMMDD, quantity, amount as CSV, by customer and then as published."""
    with path.open("w", encoding="ascii", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(LOG_COLUMNS)
        for customer, date, quantity, amount in sorted(rows, key=lambda row: int(row[0])):
            writer.writerow([int(customer), f"{date[:4]}-{date[4:6]}-{date[6:]}", int(quantity), amount])
    return path


def prepare_online_retail(published: Path, output: Path) -> list[Path]:
    """The lines as they are, and one row an order."""
    lines, orders = output / "online_retail_lines.parquet", output / "online_retail_orders.parquet"
    with duckdb.connect() as connection:
        connection.execute("set threads = 1")  # several threads would write the row groups in any order
        connection.read_parquet(str(published / "online_retail_II.parquet")).create_view("lines")
        write_parquet(connection, "from lines", lines)
        write_parquet(connection, ORDERS, orders)
    return [lines, orders]


def write_parquet(connection: duckdb.DuckDBPyConnection, query: str, path: Path) -> None:
    connection.execute(f"copy ({query}) to '{path}' (format parquet, compression zstd, compression_level 19)")


def prepare_donations(published: Path, output: Path) -> Path:
    """The published table, with Unix line ends."""
    text = (published / "bgbb_donations_summary.csv").read_text("ascii")
    path = output / "donations.csv"
    path.write_text("\n".join(text.split()) + "\n", encoding="ascii", newline="\n")
    return path


def count_rows(path: Path) -> int:
    [(count,)] = duckdb.execute(f"select count(*) from '{path}'").fetchall()
    return count


if __name__ == "__main__":
    main()
