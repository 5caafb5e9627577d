"""Logs in files as businesses export them, each with the customers that are in it, or with what must be said."""

from __future__ import annotations

import gzip
import io
import json
from dataclasses import dataclass, field
from typing import Any

import pandas as pd
import pyarrow as pa
from pyarrow import feather

HEADER = "id,day,paid\n"
LINES = "ann,2024-01-01,5\nbob,2024-01-02,6.5\nann,2024-02-01,7\n"
PLAIN = HEADER + LINES
SPENT: dict[Any, float] = {"ann": 12.0, "bob": 6.5}
ROWS = [dict(zip(("id", "day", "paid"), line.split(","), strict=True)) for line in LINES.split()]


@dataclass(frozen=True)
class Form:
    """A file by its name and content; what its customers spent, or a part of the sentence that refuses it.

    ``options`` are keywords of `clvmodels.Log`; ``shell`` is the sentence in the words of a shell, if it is another one.
    """

    name: str
    content: bytes
    spent: dict[Any, float] | None = None
    says: str = ""
    shell: str | None = None
    options: dict[str, Any] = field(default_factory=dict)


def _zstd(content: bytes) -> bytes:
    return pa.compress(content, codec="zstd", asbytes=True)


def _excel(**sheets: pd.DataFrame) -> bytes:
    buffer = io.BytesIO()
    with pd.ExcelWriter(buffer) as writer:
        for name, table in sheets.items():
            table.to_excel(writer, sheet_name=name, index=False)
    return buffer.getvalue()


def _frame() -> pd.DataFrame:
    frame = pd.DataFrame(ROWS)
    return frame.assign(day=pd.to_datetime(frame["day"]), paid=frame["paid"].astype(float))


def _titled() -> pd.DataFrame:
    """A table below two lines of titles and an empty one, as reports are saved."""
    rows = [["Created 2024-07-01", None, None], [None] * 3, ["id", "day", "paid"], *_frame().to_numpy().tolist()]
    return pd.DataFrame(rows, columns=["Orders", "", " "])


def _written(how: str, **options: Any) -> bytes:
    buffer = io.BytesIO()
    getattr(_frame(), how)(buffer, **options)
    return buffer.getvalue()


def _arrow_stream() -> bytes:
    table, sink = pa.Table.from_pandas(_frame()), pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return sink.getvalue().to_pybytes()


def _compressed_feather() -> bytes:
    buffer = io.BytesIO()
    feather.write_feather(pa.Table.from_pandas(_frame()), buffer, compression="zstd")
    return buffer.getvalue()


def _good() -> list[Form]:
    """Separators, encodings and compressions, crossed; and line ends, quotes and headers."""
    umlaut = PLAIN.replace("ann", "Jürg")
    jurg = {"Jürg": 12.0, "bob": 6.5}
    separators = {"comma": ",", "semicolon": ";", "tab": "\t", "bar": "|", "spaces": "   "}
    encodings = ["utf-8", "utf-8-sig", "latin-1", "cp1252", "utf-16", "utf-16-le", "utf-16-be", "utf-32"]
    packed = {"": bytes, ".gz": gzip.compress, ".zst": _zstd}
    forms = [
        Form(f"{name}-{encoding}{ending}{more}", pack(umlaut.replace(",", sign).encode(encoding)), jurg)
        for name, sign in separators.items()
        for encoding, ending, (more, pack) in zip(
            encodings, [".csv", ".txt", ".tsv", ".TXT"] * 2, [*packed.items()] * 2 + [*packed.items()][:2], strict=True
        )
    ]
    forms += [Form(f"each{ending}{more}", pack(PLAIN.encode()), SPENT) for ending in (".csv", ".tsv", ".txt") for more, pack in packed.items()]  # fmt: skip
    texts = {
        "crlf": PLAIN.replace("\n", "\r\n"),
        "mac": PLAIN.replace("\n", "\r"),
        "mixed ends": PLAIN.replace("\n", "\r\n", 2),
        "no last end": PLAIN.strip(),
        "empty lines": "\n\n" + PLAIN.replace("bob", "\nbob") + "\n\n",
        "quotes": '"id","day","paid"\n' + LINES.replace("ann", '"ann"'),
        "spaces before quotes": PLAIN.replace("ann,", 'ann, ').replace("bob,", '"bob", '),
        "extra comma": PLAIN.replace("\n", ",\n"),
        "spaces in header": PLAIN.replace("id,day,paid", "id , day, paid"),
        "spaces at ids": PLAIN.replace("ann", " ann ").replace("bob", '" bob"'),
        "excel's sep": "sep=;\n" + PLAIN.replace(",", ";"),
        "other signs in values": 'id;day;paid;note\nann;2024-01-01;5;"a; b"\nbob;2024-01-02;6.5;c, d\nann;2024-02-01;7;e|f, g\n',
        "other signs in the header": 'id;day;paid;"note, long"\nann;2024-01-01;5;a\nbob;2024-01-02;6.5;b, c\nann;2024-02-01;7;d\n',
        "backslashes": 'id,day,paid,note\nann,2024-01-01,5,"5\\" vinyl, red"\nbob,2024-01-02,6.5,x\nann,2024-02-01,7,"y"\n',
        "lone quote": 'id,day,paid,note\nann,2024-01-01,5,5" vinyl\nbob,2024-01-02,6.5,x\nann,2024-02-01,7,"y"\n',
        "doubled name elsewhere": 'id,day,paid,note,note\nann,2024-01-01,5,a,b\nbob,2024-01-02,6.5,,\nann,2024-02-01,7,,\n',
        "names in capitals": 'id,ID,day,paid\nann,x,2024-01-01,5\nbob,y,2024-01-02,6.5\nann,z,2024-02-01,7\n',
        "titles": "Orders\nCreated 2024-07-01\n\n" + PLAIN,
        "titles as a spreadsheet saves them": "Orders;;\n;;\n" + PLAIN.replace(",", ";"),
        "a comment above": "# exported\n" + PLAIN.replace(",", "|"),
        "a name above": "id day paid\n" + LINES.replace(",", " ").replace("6.5", "6,5"),
        "a comment sign": PLAIN + "#c,2024-01-01,1\n",
    }  # fmt: skip
    more_customers = {"a comment sign": {**SPENT, "#c": 1.0}}
    forms += [Form(f"{name}.csv", text.encode(), more_customers.get(name, SPENT)) for name, text in texts.items()]
    multiline = 'id,day,paid,note\n"a\nb",2024-01-01,5,"two\nlines"\n"c,""d""",2024-01-02,6,\n'
    forms.append(Form("quoted.csv", multiline.encode(), {"a\nb": 5.0, 'c,"d"': 6.0}))
    by_place = {"header": False, "customer": 1, "date": 2, "amount": 3}
    forms += [
        Form("no header.csv", LINES.encode(), SPENT, options=by_place),
        Form("no header.tsv.gz", gzip.compress(LINES.replace(",", "\t").encode("utf-16")), SPENT, options=by_place),
        Form("no header, text.csv", LINES.encode(), SPENT, options={**by_place, "customer": "1", "amount": "3"}),
        Form("CDNOW.txt", b" 00001 19970101  1   11.77\n 00002 19970112  5   77.00\n", {"00001": 11.77, "00002": 77.0},
             options={**by_place, "amount": 4}),
        Form("no header.xlsx", _excel(A=pd.DataFrame([["bob", "2024-01-02", 6.5]], columns=["ann", "2024-01-01", "12"])),
             {"ann": 12.0, "bob": 6.5}, options=by_place),
    ]  # fmt: skip
    return forms


def _typed() -> list[Form]:
    """JSON, Excel, Parquet and Arrow."""
    numbers = pd.DataFrame(
        {"id": [7.0, 8.0, 7.0], "day": pd.to_datetime(["2024-01-01"] * 3), "paid": [1 / 3, 1e-11, 2]}
    )
    mixed = pd.DataFrame({"id": ["0007", 7, "x"], "day": ["2024-01-01"] * 3, "paid": [1, 2, 3]})
    nulls = '[{"id":"ann","day":"2024-01-01","paid":5},{"id":null,"paid":1},{"late":{"a":[1]},"id":"ann","paid":1,"day":"2024-01-01"}]'
    kinds = '[{"id":7,"day":"2024-01-01","paid":12.10},{"id":7.0,"day":"2024-01-02","paid":"1"},{"id":"007","day":"2024-01-02","paid":1e1}]'
    large = '[{"id":123456789012345678901,"day":"2024-01-01","paid":1},{"id":123456789012345678902,"day":"2024-01-01","paid":2}]'
    records = json.dumps(ROWS)
    lines = "\n".join(json.dumps(row) for row in ROWS)
    return [
        *(Form(f"records.json{more}", pack(records.encode()), SPENT)
          for more, pack in {"": bytes, ".gz": gzip.compress, ".zst": _zstd}.items()),
        Form("lines.ndjson", lines.encode(), SPENT),
        Form("lines.jsonl.gz", gzip.compress(lines.encode()), SPENT),
        Form("lines.json", lines.encode(), SPENT),
        Form("records in lines.json", json.dumps(ROWS, indent=2).encode(), SPENT),
        Form("wrapped.json", json.dumps({"orders": ROWS, "total": 2, "tags": ["a"]}).encode(), SPENT),
        Form("wrapped in lines.json.gz", gzip.compress(json.dumps({"data": ROWS}, indent=2).encode()), SPENT),
        Form("wrapped twice.json", json.dumps({"data": {"a/b~": ROWS}, "next": None}).encode("utf-16"), SPENT),
        Form("marked.json", records.encode("utf-8-sig"), SPENT),
        Form("wide.json", records.encode("utf-16"), SPENT),
        Form("latin.json", records.replace("ann", "Jürg").encode("latin-1"), {"Jürg": 12.0, "bob": 6.5}),
        Form("kinds.json", kinds.encode(), {"7": 13.1, "007": 10.0}),
        Form("thousandths.json", b'[{"id":"a","day":"2024-01-01","paid":1.234}]', {"a": 1.234}),
        Form("thousands in quotes.json", b'[{"id":"a","day":"2024-01-01","paid":"1.234"}]', {"a": 1234.0}, options={"decimal": ","}),
        Form("thousandths.xlsx", _excel(A=pd.DataFrame({"id": ["a"], "day": ["2024-01-01"], "paid": [1.234]})), {"a": 1.234}, options={"decimal": ","}),
        Form("thousands.xlsx", _excel(A=pd.DataFrame({"id": ["a"], "day": ["2024-01-01"], "paid": ["1.234"]})), {"a": 1234.0}, options={"decimal": ","}),
        Form("thousands.csv", b"id;day;paid\na;2024-01-01;1.234\n", {"a": 1234.0}, options={"decimal": ","}),
        Form("large.json", large.encode(), {"123456789012345678901": 1.0, "123456789012345678902": 2.0}),
        Form("nulls.json", nulls.encode(), {"ann": 6.0}),
        Form("book.xlsx", _excel(Orders=_frame()), SPENT),
        Form("titles.xlsx", _excel(Orders=_titled()), SPENT),
        Form("book.xlsx.gz", gzip.compress(_excel(Orders=_frame())), SPENT),
        Form("one of two.xlsx", _excel(Empty=pd.DataFrame(), Orders=_frame()), SPENT),
        Form("named.xlsx", _excel(Orders=_frame(), Old=_frame().head(1)), {"ann": 5.0}, options={"sheet": "Old"}),
        Form("numbers.xlsx", _excel(A=numbers), {7: 1 / 3 + 2, 8: 1e-11}),
        Form("mixed.xlsx", _excel(A=mixed), {"0007": 1.0, "7": 2.0, "x": 3.0}),
        Form("table.parquet", _written("to_parquet"), SPENT),
        Form("table.pq.zst", _zstd(_written("to_parquet")), SPENT),
        Form("table.feather", _written("to_feather"), SPENT),
        Form("table.arrow", _compressed_feather(), SPENT),
        Form("stream.arrow", _arrow_stream(), SPENT),
        Form("table.feather.gz", gzip.compress(_written("to_feather")), SPENT),
    ]  # fmt: skip


def _refused() -> list[Form]:
    """What can't be read as it is, with the line, and what to do."""
    umlaut = "Jürg,2024-01-01,3\n"
    no_names = {"says": "header=False, and columns by place", "shell": "pass --no-header, and columns by place"}
    return [
        Form("two encodings.csv", PLAIN.encode() + umlaut.encode() + umlaut.encode("cp1252"), says="line 6 is not UTF-8, as other lines"),
        Form("no encoding.csv", PLAIN.encode() + b"J\x81rg,2024-01-01,3\n", says="line 5 holds bytes that are neither UTF-8 nor Windows-1252"),
        Form("cut.csv", PLAIN.encode("utf-16") + b"\n", says="is not UTF-16"),
        Form("zero.csv", (PLAIN + "a\0b,2024-01-01,3\n").encode(), says="line 5 holds a zero byte"),
        Form("picture.csv", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0", says="is no text"),
        Form("thousands or not.csv", b"id,day,paid\na,2024-01-01,1.234\n", says="no line tells whether that is a decimal sign"),
        Form("empty.csv", b"", says="is empty"),
        Form("blank.csv", b" \n\r\n", says="is empty"),
        Form("empty.csv.gz", gzip.compress(b""), says="is empty"),
        Form("empty.parquet", b"", says="can't be read"),
        Form("empty.xlsx", b"", says="can't be read as an Excel workbook"),
        Form("empty.json", b"", says="is empty"),
        Form("nothing.json", b"[]", says="is empty"),
        Form("header.csv", HEADER.encode(), says="it has no lines"),
        Form("header.xlsx", _excel(A=_frame().head(0)), says="it has no lines"),
        Form("doubled name.csv", b"id,day,paid,paid\na,2024-01-01,5,6\n", says="has two columns with the name 'paid'"),
        Form("doubled name.xlsx", _excel(A=pd.DataFrame([["a", "2024-01-01", 5, 6]], columns=["id", "day", "paid", "paid"])), says="has two columns with the name 'paid'"),
        Form("doubled key.json", b'[{"id":"a","day":"2024-01-01","paid":1,"paid":2}]', says="key 'paid' stands twice"),
        Form("few.csv", (PLAIN + "cleo,2024-01-01\n").encode(), says="line 5, has 2 columns where the first line has 3: 'cleo,2024-01-01'"),
        Form("many.tsv", (PLAIN + "cleo,2024-01-01,5,6\n").replace(",", "\t").encode(), says="line 5, has 4 columns where the first line has 3"),
        Form("blank line.csv", (PLAIN + "   \nann,2024-03-01,1\n").encode(), says="line 5, has 1 columns"),
        Form("open quote.csv", (PLAIN + '"cleo,2024-01-01,5\n').encode(), says="line 5, has a quote that is not closed"),
        Form("text behind a quote.csv", (PLAIN + '"cleo"x,2024-01-01,5\n').encode(), says="line 5, has a quote that is not closed, or text behind one"),
        Form("ambiguous.csv", b"id;day,paid\n1;2,3\n", says="its columns may be separated by comma or by semicolon"),
        Form("one column.csv", b"id\n1\n", says="has one column only: 'id'"),
        Form("no names.csv", LINES.encode(), **no_names),
        Form("cut.csv.gz", gzip.compress(PLAIN.encode() * 9)[:-9], says="damaged, or was not copied to its end"),
        Form("cut.csv.zst", _zstd(PLAIN.encode() * 9)[:-9], says="damaged, or was not copied to its end"),
        Form("not packed.csv.gz", PLAIN.encode(), says="damaged, or was not copied to its end"),
        Form("packed.csv", gzip.compress(PLAIN.encode()), says="is no text: it is compressed by gzip"),
        Form("workbook.csv", _excel(A=_frame()), says="is no text: it is an Excel workbook"),
        Form("parquet.txt", _written("to_parquet"), says="is no text: it is a Parquet file"),
        Form("text.xlsx", PLAIN.encode(), says="can't be read as an Excel workbook"),
        Form("text.parquet", PLAIN.encode(), says="can't be read"),
        Form("text.feather", PLAIN.encode(), says="can't be read as an Arrow file"),
        Form("text.json", PLAIN.encode(), says="ends in the middle of a record"),
        Form("cut.json", json.dumps(ROWS)[:-1].encode(), says="ends in the middle of a record"),
        Form("two lists.json", json.dumps({"orders": ROWS, "customers": [{"id": 1}]}).encode(), says="several lists of records ('orders', 'customers')"),
        Form("list of words.json", b'{"orders": ["a"]}', says="Columns: orders"),
        Form("list.json", b"[1,2]", says="holds '1' where an object was expected"),
        Form("single quotes.json", b"{'id':1}", says="is no JSON at record 1"),
        Form("sheets.xlsx", _excel(Orders=_frame(), Old=_frame()), says="has 2 sheets: Orders, Old. Pass sheet=", shell="has 2 sheets: Orders, Old. Pass --sheet"),
        Form("no such sheet.xlsx", _excel(Orders=_frame()), says="no sheet 'Old'. Its sheets: Orders", options={"sheet": "Old"}),
        Form("log.docx", b"PK", says="is not a type that can be read"),
    ]  # fmt: skip


GOOD = [*_good(), *_typed()]
REFUSED = _refused()
