"""Commands with bad input of every kind, and the files that they need."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd

import clvmodels

SAMPLE = str(clvmodels.datasets.path("cdnow_sample"))
DAYS = [f"2024-{month:02}-{day:02}" for month in range(1, 7) for day in range(1, 28, 3)]

# Files by their names: a text, or a frame.
LINES = pd.DataFrame(
    {"customer_id": [i % 9 for i in range(len(DAYS))], "date": DAYS, "amount": [5 + i % 4 for i in range(len(DAYS))]}
)


def make_files(folder: Path) -> None:
    """Every file that a command below names."""
    n = len(LINES)
    frames = {
        "good": LINES,
        "empty_lines": LINES.head(0),
        "no_customer": LINES.assign(customer_id=None),
        "some_without": LINES.assign(customer_id=[None, *LINES["customer_id"][1:]]),
        "no_date": LINES.assign(date=None),
        "bad_dates": LINES.assign(date="yesterday"),
        "one_bad_date": LINES.assign(date=["32.13.2024", *DAYS[1:]]),
        "us_dates": LINES.assign(date="01/02/2024"),
        "float_dates": LINES.assign(date=1.5),
        "bad_amounts": LINES.assign(amount="much"),
        "one_bad_amount": LINES.assign(amount=["12 apples", *[5.0] * (n - 1)]),
        "missing_amounts": LINES.assign(amount=[None, *[5.0] * (n - 1)]),
        "huge_amounts": LINES.assign(amount=1e308),
        "all_refunds": LINES.assign(amount=-5.0),
        "some_refunds": LINES.assign(amount=[-5.0, *[5.0] * (n - 1)]),
        "zero_amounts": LINES.assign(amount=0.0),
        "same_amounts": LINES.assign(amount=5.0),
        "comma_amounts": LINES.assign(amount="12,50"),
        "one_customer": LINES.assign(customer_id=1),
        "one_line": LINES.head(1),
        "once_each": LINES.assign(customer_id=range(n)),
        "one_day": LINES.assign(date="2024-01-01"),
        "who_when": LINES.set_axis(["who", "when", "what"], axis=1),
        "two_customers": LINES.assign(client_id=1),
        "two_dates": LINES.assign(order_date=DAYS).rename(columns={"date": "invoice_date"}),
        "two_amounts": LINES.assign(revenue=1.0),
        "unit_price": LINES.rename(columns={"amount": "unit_price"}),
        "names": LINES.rename(columns={"customer_id": "Customer Name"}),
        "line_ids": LINES.rename(columns={"customer_id": "id"}).assign(id=range(n)),
        "totals": LINES.assign(order_id=[i // 2 for i in range(n)], amount=[float(i // 2) + 1 for i in range(n)]),
        "mixed_orders": LINES.assign(order_id=1),
        "status": LINES.assign(status=["cancelled", *["paid"] * (n - 1)]),
        "guests": LINES.assign(customer_id=[0 if i % 2 else i for i in range(n)]),
        "late": LINES.assign(date=[day.replace("2024", "1999") for day in DAYS]),
        "other": LINES.set_axis(["kunde", "tag", "euro"], axis=1),
    }
    for name, frame in frames.items():
        frame.to_csv(folder / f"{name}.csv", index=False)
    LINES.assign(amount="x").to_parquet(folder / "text_amounts.parquet")
    LINES.assign(amount=[[1]] * n).to_parquet(folder / "nested.parquet")
    LINES.assign(date=True).to_parquet(folder / "yes_dates.parquet")
    texts = {
        "blank.csv": "",
        "header.csv": "customer_id,date,amount\n",
        "broken.parquet": "nothing",
        "ragged.csv": "customer_id,date,amount\n1,2024-01-01,5\n1,2024-01-02\n1,2024-01-03,5,6,7,8\n",
        "twice.csv": "customer_id,customer_id,date,amount\n1,2,2024-01-01,5\n",
        "picture.png": "nothing",
        "model.json": "{",
        "foreign.json": '{"a": 1}',
        "newer.json": json.dumps({"format": "clvmodels fit", "version": 99, "written_by": "clvmodels 9", "fits": []}),
        "damaged.json": json.dumps({"format": "clvmodels fit", "version": 1, "fits": [{"model": "bg/nbd"}]}),
        "list.json": "[1, 2]",
    }
    for name, text in texts.items():
        (folder / name).write_text(text)
    (folder / "folder").mkdir()
    pd.DataFrame({"a": [1]}).to_csv(folder / "part1.csv", index=False)


COMMANDS: list[str] = [
    # files
    "summarize nothing.csv",
    "summarize *.tsv",
    "summarize folder",
    "summarize picture.png",
    "summarize blank.csv",
    "summarize header.csv",
    "summarize broken.parquet",
    "summarize ragged.csv",
    "summarize twice.csv",
    "summarize good.csv good.csv",
    "summarize good.csv part1.csv",
    "summarize good.csv broken.parquet",
    "summarize nested.parquet",
    "summarize yes_dates.parquet",
    "summarize text_amounts.parquet",
    "summarize good.csv --sheet March",
    "summarize good.csv --no-header",
    # columns
    "summarize who_when.csv",
    "summarize two_customers.csv",
    "summarize two_dates.csv",
    "summarize two_amounts.csv",
    "summarize unit_price.csv",
    "summarize names.csv",
    "summarize line_ids.csv",
    "summarize totals.csv",
    "summarize mixed_orders.csv --amount-per order",
    "summarize good.csv --amount-per order",
    "summarize good.csv --customer customer",
    "summarize good.csv --customer wer",
    "summarize good.csv --date day",
    "summarize good.csv --amount price*qty",
    "summarize good.csv --order basket",
    "summarize good.csv --customer date",
    "summarize good.csv --amount date",
    "summarize good.csv --skip status=paid",
    "summarize good.csv --skip status",
    "summarize status.csv",
    "summarize status.csv --skip status=paid,cancelled",
    "summarize guests.csv",
    # lines
    "summarize empty_lines.csv",
    "summarize no_customer.csv",
    "summarize no_date.csv",
    "summarize bad_dates.csv",
    "summarize one_bad_date.csv",
    "summarize us_dates.csv",
    "summarize float_dates.csv",
    "summarize bad_amounts.csv",
    "summarize one_bad_amount.csv",
    "summarize missing_amounts.csv",
    "summarize huge_amounts.csv",
    "summarize all_refunds.csv",
    "summarize some_refunds.csv --refunds error",
    "summarize comma_amounts.csv",
    # time
    "summarize good.csv --observation-end 2023-01-01",
    "summarize good.csv --observation-end 2030-01-01",
    "summarize good.csv --observation-end 01.02.2024",
    "summarize good.csv --timezone Mars/Olympus",
    "summarize good.csv --unit fortnight",
    "summarize good.csv --refunds keep",
    # models
    "score good.csv --purchase-model bgnbdd",
    "score good.csv --purchase-model gamma-gamma",
    "score good.csv --spend-model bg/nbd",
    "score good.csv --purchase-model sbg",
    "score good.csv --purchase-model bg/bb",
    "score good.csv --purchase-model bg/cnbd-k",
    "score good.csv --spend-model gamma-gamma-amounts",
    "score one_line.csv",
    "score one_customer.csv",
    "score once_each.csv",
    "score one_day.csv",
    "score same_amounts.csv",
    "score zero_amounts.csv",
    "score good.csv --amount none",
    "fit once_each.csv -o once.json",
    "fit one_line.csv -o m.json",
    # value
    "score good.csv --horizon 3Q",
    "score good.csv --horizon -1",
    "score good.csv --horizon 0",
    "score good.csv --horizon 1e9",
    "score good.csv --discount-rate 10",
    "score good.csv --discount-rate nan",
    "score good.csv --margin 30",
    "score good.csv --cost-per-purchase -1",
    "score good.csv --retention-cost-per-year inf",
    "score good.csv --top -1",
    "score good.csv --horizon life --discount-rate 0",
    # model files
    "score good.csv --model nothing.json",
    "score good.csv --model model.json",
    "score good.csv --model foreign.json",
    "score good.csv --model newer.json",
    "score good.csv --model damaged.json",
    "score good.csv --model list.json",
    "score good.csv --model good.csv",
    "score good.csv --model folder",
    "score good.csv --model good.json --unit day",
    "score good.csv --model good.json --currency USD",
    "score other.csv --model good.json",
    "score good.csv --model good.json --spend-model gamma-gamma",
    "score good.csv --model good.json --amount none",
    # outputs
    "summarize good.csv -o good.csv",
    "summarize good.csv -o table.xlsx",
    "summarize good.csv -o no/such/table.csv",
    "summarize good.csv -o folder",
    "fit good.csv -o model.pkl",
    "report good.csv -o report.docx",
    "report good.csv --format docx",
    # evaluate, report, forecast
    "evaluate good.csv",
    "evaluate good.csv --calibration-end 2030-01-01",
    "evaluate good.csv --calibration-end 2024-06-30",
    "evaluate good.csv --calibration-end soon",
    "evaluate good.csv --calibration-end 2024-01-01",
    "evaluate good.csv --calibration-end 2024-03-01 --purchase-model nothing",
    "evaluate good.csv --calibration-end 2024-03-01 --observation-end 2024-02-01",
    "report good.csv --horizon life",
    "report one_line.csv",
    "report good.csv --calibration-end 2030-01-01",
    "forecast good.csv --horizon life",
    "forecast one_line.csv",
    "forecast good.csv --by decade",
    "forecast good.csv --interval 90",
    "forecast good.csv --purchase-model gamma-gamma",
    "forecast good.csv -o f.csv --customers-output f.csv",
    "forecast once_each.csv",
    # the shell
    "",
    "score",
    "scores good.csv",
    "score good.csv --nothing",
    "score good.csv --top many",
    "score good.csv --horizon",
]
