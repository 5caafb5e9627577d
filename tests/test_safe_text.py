"""Texts of a log do no harm: not on a terminal, not in a spreadsheet; and nothing of them is lost."""

from __future__ import annotations

import io

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import clvmodels as clv
from clvmodels.safe_text import harmless, harmless_table, restored, visible

SIGNS = "=+-@\t\r\n'＝ x1.,\x1b"


@settings(derandomize=True, max_examples=500, deadline=None)
@given(st.text(alphabet=SIGNS, max_size=8) | st.text(max_size=8))
def test_every_text_comes_back_and_none_is_a_formula(text: str) -> None:
    written = harmless(text)
    assert restored(written) == text
    number = written.lstrip("+-").replace(".", "").replace(",", "").isdecimal()
    assert number or (written.strip()[:1] not in set("=+-@＝") and written[:1] not in set("\t\r\n"))


@settings(derandomize=True, max_examples=500, deadline=None)
@given(st.lists(st.text(alphabet=SIGNS, max_size=5), unique=True))
def test_different_texts_stay_different(texts: list[str]) -> None:
    assert len(set(map(harmless, texts))) == len(texts)


@pytest.mark.parametrize("text", ["-5", "+5", "-5.25", "+491701234", "007", "1e5", "'tis", "a=b", "", "'", "12-34"])
def test_what_no_spreadsheet_runs_stays(text: str) -> None:
    assert harmless(text) == restored(text) == text


@pytest.mark.parametrize(
    "text",
    ["=1+1", "+cmd", "-1+1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1", "＝1", "-x", "--5", "+49 170", "'=1", "''-x"],
)
def test_what_a_spreadsheet_runs_gets_an_apostrophe(text: str) -> None:
    assert harmless(text) == f"'{text}"


def test_a_table_keeps_numbers_dates_and_gaps() -> None:
    table = pd.DataFrame(
        {
            "=id": ["=a", None, "b"],
            "n": [-1, -2, 3],
            "day": pd.to_datetime(["2024-01-01"] * 3),
            "yes": [True, False, True],
            "kind": pd.Categorical(["@x", "y", "y"]),
        }
    )
    safe = harmless_table(table)
    assert safe.columns.tolist() == ["'=id", "n", "day", "yes", "kind"]
    assert safe["'=id"].tolist()[0::2] == ["'=a", "b"]
    assert pd.isna(safe["'=id"][1])
    assert safe["kind"].tolist() == ["'@x", "y", "y"]
    pd.testing.assert_frame_equal(safe[["n", "day", "yes"]], table[["n", "day", "yes"]])
    assert table["=id"][0] == "=a"


def test_control_characters_are_written_out() -> None:
    hostile = "".join(map(chr, [*range(32), *range(127, 160), 0x2028, 0x202E, 0x2066, 0x200F, 0xDC80]))
    assert visible(hostile).isprintable()
    assert visible("a\nb\x1b", lines=True) == "a\nb\\x1b"
    assert visible("Zoë 李 👩‍👩‍👧 \N{NO-BREAK SPACE}") == "Zoë 李 👩‍👩‍👧 \N{NO-BREAK SPACE}"


def test_a_join_matches_ids_of_a_csv_file() -> None:
    ids = ["=1+1", "-x", "ann", "'tis", "-5", "'=x"]
    table = pd.DataFrame({"frequency": 0, "recency": 0.0, "T": 5.0}, index=pd.Index(ids, name="customer_id"))
    customers = clv.Customers.from_frame(table, unit="week")
    written = harmless_table(pd.DataFrame({"customer_id": ids, "tier": list("abcdef")})).to_csv(index=False)
    joined = customers.join(pd.read_csv(io.StringIO(written)))
    assert joined.table["tier"].tolist() == list("abcdef")
    back = clv.Customers.from_frame(
        pd.read_csv(io.StringIO(harmless_table(customers.to_frame()).to_csv())), unit="week"
    )
    master = pd.DataFrame({"customer_id": ids, "tier": list("abcdef")})
    assert back.join(master).table["tier"].tolist() == list("abcdef")
