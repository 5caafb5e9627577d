"""Whatever stands in a file gives customers or a sentence: no other error, no hang, no number that is none."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import clvmodels as clv
from clvmodels.errors import ClvError
from tests.transactions.log.file_forms import GOOD, Form

COLUMNS = {"customer": "id", "date": "day", "amount": "paid"}
SIGNS = [
    b",",
    b";",
    b"\t",
    b"|",
    b'"',
    b'""',
    b"\\",
    b"\n",
    b"\r\n",
    b"\r",
    b" ",
    b"#",
    b"=",
    b"{",
    b"}",
    b"[",
    b"]",
    b":",
]
LETTERS = [b"\0", b"\xef\xbb\xbf", b"\xff\xfe", b"\xe4", b"\x81", "ä€".encode(), "\u202e\u2028".encode()]
LINES = [b"id,day,paid\n", b"ann,2024-01-01,5\n", b"bob;2024-01-02;6,5\n", b"sep=;\n", b"id", b"day", b"paid"]
DATES = [b"2024-01-01", b"2024-02-30", b"20240101", b"0000-01-01", b"9999-12-31"]
NUMBERS = [b"7", b"7.0", b"007", b"-0", b"0x10", b"9" * 25, b"1e400", b"1e308", b"-1e308", b"nan", b"inf", b"NULL"]
PIECES = [*SIGNS, *LETTERS, *LINES, *DATES, *NUMBERS]
ENDINGS = ["csv", "tsv.gz", "txt.zst", "json", "ndjson", "parquet", "feather", "xlsx", "sqlite"]

# Files are written to a folder of the test; each example overwrites the one before.
BOUNDED = settings(max_examples=120, suppress_health_check=[HealthCheck.function_scoped_fixture])
SECONDS = 20.0  # the slowest example takes .1 s on a quiet machine


def _read(path: Path, options: dict[str, object]) -> None:
    """Read a file; whatever is wrong is a sentence, whatever comes in is finite."""
    start = time.monotonic()
    try:
        customers = clv.summarize(path, **(COLUMNS | options), unit="day", keep_purchases=True)
    except ClvError as problem:
        said = str(problem)
        assert said.strip()
        assert "Traceback" not in said
    else:
        table = customers.table
        always = table.drop(columns="monetary_value").to_numpy(dtype=float)
        assert np.isfinite(always).all()
        assert (always >= 0).all()
        assert np.isfinite(table.loc[table["spend_frequency"] > 0, "monetary_value"]).all()
        assert customers.purchases is not None
        assert np.isfinite(customers.purchases["spend"]).all()
        assert customers.report is not None
        assert customers.report.imbalances() == []
    assert time.monotonic() - start < SECONDS


@BOUNDED
@given(pieces=st.lists(st.sampled_from(PIECES), max_size=30), header=st.booleans(), named=st.booleans())
def test_any_text(tmp_path: Path, pieces: list[bytes], header: bool, named: bool) -> None:
    path = tmp_path / "log.csv"
    path.write_bytes((b"id,day,paid\n" if named else b"") + b"".join(pieces))
    _read(path, {} if header else {"header": False, "customer": 1, "date": 2, "amount": 3})


@BOUNDED
@given(content=st.binary(max_size=300), ending=st.sampled_from(ENDINGS))
def test_any_bytes(tmp_path: Path, content: bytes, ending: str) -> None:
    path = tmp_path / f"log.{ending}"
    path.write_bytes(content)
    _read(path, {})


@BOUNDED
@given(
    form=st.sampled_from(GOOD),
    changes=st.lists(
        st.tuples(st.floats(0, 1), st.integers(0, 12), st.one_of(st.sampled_from(PIECES), st.binary(max_size=4))),
        min_size=1,
        max_size=4,
    ),
)
def test_a_good_file_with_changes(tmp_path: Path, form: Form, changes: list[tuple[float, int, bytes]]) -> None:
    content = form.content
    for where, length, piece in changes:  # what stands there is cut out, and something else put in
        place = int(where * len(content))
        content = content[:place] + piece + content[place + length :]
    path = tmp_path / form.name
    path.write_bytes(content)
    _read(path, form.options)
