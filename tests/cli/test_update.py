"""`clv update`: a state is made, goes on, and gives the table of `clv summarize`."""

import pandas as pd

import clvmodels as package

COLUMNS = ["--customer", "customer_id", "--date", "date", "--amount", "amount"]


def test_a_log_in_two_pieces_gives_the_table_of_the_whole(clv, tmp_path):
    log = pd.read_csv(package.datasets.path("cdnow_sample"))
    log[log["date"] <= "1997-09-30"].to_csv("first.csv", index=False)
    log[log["date"] > "1997-09-30"].to_csv("second.csv", index=False)
    log.to_csv("log.csv", index=False)
    result = clv("update", "state.parquet", "first.csv", *COLUMNS, "--observation-end", "1997-09-30")
    assert result.exit_code == 0, result.stderr
    assert "Wrote state.parquet" in " ".join(result.stdout.split())
    result = clv("update", "state.parquet", "second.csv", "--customers-output", "customers.csv")
    words = " ".join(result.stdout.split())
    assert "1,959 lines of second.csv added" in words
    assert "6,919 lines so far, observed until 1998-06-30" in words
    assert clv("summarize", "log.csv", *COLUMNS, "--output", "whole.csv").exit_code == 0
    found, whole = (pd.read_csv(tmp_path / name) for name in ("customers.csv", "whole.csv"))
    pd.testing.assert_frame_equal(found, whole, rtol=1e-12)  # sums in another order


def test_what_is_wrong_is_said_in_options(clv, tmp_path):
    pd.DataFrame({"customer_id": [1, 2], "date": ["2024-01-02", "2024-01-05"]}).to_csv("lines.csv", index=False)
    assert clv("update", "state.parquet", "lines.csv").exit_code == 0
    again = clv("update", "state.parquet", "lines.csv")
    assert again.exit_code == 1
    assert "If they have come late, pass --late add" in " ".join(again.stderr.split()).replace('"', "")
    assert clv("update", "state.parquet", "lines.csv", "--order", "date").exit_code == 2
    assert "--unit is that of --customers-output" in clv("update", "s.parquet", "lines.csv", "--unit", "day").stderr
    assert "must end in .parquet" in clv("update", "state.csv", "lines.csv").stderr
    pd.DataFrame({"a": [1]}).to_parquet("other.parquet")
    assert "is no state" in clv("update", "other.parquet", "lines.csv").stderr


def test_a_state_is_scored_as_its_log_is(clv, tmp_path):
    log = package.datasets.path("cdnow_sample")
    end = ["--observation-end", "1997-09-30"]
    assert clv("fit", log, *end).exit_code == 0
    assert clv("update", "state.parquet", log, *COLUMNS, *end).exit_code == 0
    result = clv("score", "state.parquet", "--model", "model.json", "--output", "of_state.csv", "--as-is")
    assert result.exit_code == 0, result.stderr
    assert "2,357 customers" in " ".join(result.stdout.split())
    assert clv("score", log, "--model", "model.json", *end, "--output", "of_log.csv", "--as-is").exit_code == 0
    found, whole = (pd.read_csv(tmp_path / name) for name in ("of_state.csv", "of_log.csv"))
    pd.testing.assert_frame_equal(found, whole, rtol=1e-9)  # sums in another order, and values of them
    alone = clv("score", "state.parquet")
    assert alone.exit_code == 2
    assert "holds no single purchases" in alone.stderr
    assert "Leave it out" in clv("summarize", "state.parquet", "--amount", "paid").stderr
    calibration = ["--calibration-end", "1997-06-30"]
    for command in (["check", "--against", "model.json"], ["evaluate", *calibration], ["report"]):
        result = clv(command[0], "state.parquet", *command[1:])
        assert result.exit_code == 2
        assert "is a state of clv update, which holds no single purchases" in " ".join(result.stderr.split())
