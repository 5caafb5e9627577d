"""Scores of logs larger than memory: the same as in memory, whole or absent, continued after a stop."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

import clvmodels as clv
from clvmodels.errors import ArgumentError, UnsupportedPrediction
from clvmodels.inference.fits.store import save
from clvmodels.scoring.streamed import budget, passes, work
from clvmodels.scoring.streamed.budget import Budget

NAMES = {"customer": "customer_id", "date": "date", "amount": "amount"}
SUMS = 1e-9  # amounts are added up in another order, and functions of them computed in other chunks


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A log in Parquet, and a file of two models that were fitted to it."""
    folder = tmp_path_factory.mktemp("log")
    clv.datasets.simulate_log(3_000, seed=3, output=folder / "log.parquet")
    customers = clv.summarize(folder / "log.parquet", **NAMES)
    save(folder / "model.json", clv.fit(customers, "bg/nbd"), clv.fit(customers, "gamma-gamma"))
    return folder


@pytest.fixture(scope="module")
def fits(folder):
    return [clv.load(folder / "model.json", kind) for kind in ("purchases", "spend")]


@pytest.fixture
def small_parts(monkeypatch):
    monkeypatch.setattr(budget, "LINES_OF_A_PART", 1_500)
    monkeypatch.setattr(budget, "_FEWEST_LINES", 1_500)


def _expected(log, fits, **asked):
    """The same of customers in memory, of whom only the summary is known."""
    return clv.score(fits[0].read(log, keep_purchases=False), fits, **asked).reset_index()


def _assert_equal(found, expected):
    expected = expected.assign(stage=expected["stage"].astype("str"))
    for name in ("first_purchase", "last_purchase", "expected_next_purchase"):
        found[name], expected[name] = (pd.to_datetime(one[name]).astype("datetime64[s]") for one in (found, expected))
    names = [name for name in expected if name != "rank"]
    assert list(found) == list(expected)
    pd.testing.assert_frame_equal(found[names], expected[names], rtol=SUMS, check_dtype=False)
    assert sorted(found["rank"]) == list(range(1, len(found) + 1))
    ranked = expected["lifetime_value"].to_numpy()[
        np.argsort(found["rank"])
    ]  # equal but for rounding come as they come
    assert np.all(np.diff(ranked) <= SUMS * ranked[:-1])


@pytest.mark.parametrize("horizon", ["1Y", None])
def test_a_folder_holds_what_score_returns(folder, fits, small_parts, tmp_path, horizon):
    told = []
    asked = {"horizon": horizon, "margin": 0.3}
    made = clv.score_to(
        tmp_path / "scores", folder / "log.parquet", fits, progress=lambda *it: told.append(it), **asked
    )
    files = sorted(made.glob("*.parquet"))
    assert len(files) > 2
    _assert_equal(
        pd.concat(map(pd.read_parquet, files), ignore_index=True), _expected(folder / "log.parquet", fits, **asked)
    )
    listed = json.loads((made / work.COMPLETE).read_text())
    assert [one["bytes"] for one in listed["files"]] == [file.stat().st_size for file in files]
    assert listed["customers"] == 3_000
    assert ("Writing", len(files), len(files)) in told
    assert os.listdir(tmp_path) == ["scores"]


@pytest.mark.parametrize("kind", ["csv", "frame", "customers", "refunds"])
def test_logs_that_are_not_split_give_the_same(folder, fits, tmp_path, kind):
    log = pd.read_parquet(folder / "log.parquet")
    if kind == "refunds":
        log.loc[log.index[::50], "amount"] *= -1
        log = log.assign(amount=log["amount"])
        asked = {"refunds": "net"}
    else:
        asked = {}
    if kind == "csv":
        log.to_csv(tmp_path / "log.csv", index=False)
        log = tmp_path / "log.csv"
    elif kind == "customers":
        log = fits[0].read(log)
    made = clv.score_to(tmp_path / "scores.parquet", log, fits, **asked)
    known = log if kind == "customers" else fits[0].read(log, keep_purchases=False, **asked)
    _assert_equal(pd.read_parquet(made), clv.score(known, fits).reset_index())


def test_meanings_stand_in_the_file(folder, fits, tmp_path):
    schema = pq.read_schema(clv.score_to(tmp_path / "a.parquet", folder / "log.parquet", fits))
    assert all(field.metadata[b"meaning"] for field in schema)


def test_text_ids_are_split_in_their_order(folder, fits, small_parts, tmp_path):
    log = pd.read_parquet(folder / "log.parquet")
    log["customer_id"] = "é" + (log["customer_id"] * 7 % 3001).astype("str")
    log.to_parquet(tmp_path / "log.parquet")
    made = clv.score_to(tmp_path / "scores", tmp_path / "log.parquet", fits)
    assert len(sorted(made.glob("*.parquet"))) > 2
    _assert_equal(pd.read_parquet(made), _expected(tmp_path / "log.parquet", fits))


def test_without_a_spend_model_there_is_no_value(folder, fits, tmp_path):
    found = pd.read_parquet(clv.score_to(tmp_path / "a.parquet", folder / "log.parquet", fits[0]))
    assert "lifetime_value" not in found
    assert found["rank"].is_unique


def test_a_run_that_was_stopped_goes_on_where_it_was(folder, fits, small_parts, tmp_path, monkeypatch):
    scored = []
    real = passes.Scorer.of_batch

    def of_batch(self, batch):
        if len(scored) == 3:
            raise KeyboardInterrupt
        scored.append(len(batch))
        return real(self, batch)

    monkeypatch.setattr(passes, "THREADS", 1)
    monkeypatch.setattr(passes.Scorer, "of_batch", of_batch)
    with pytest.raises(KeyboardInterrupt):
        clv.score_to(tmp_path / "scores", folder / "log.parquet", fits)
    assert not (tmp_path / "scores").exists()
    monkeypatch.setattr(passes.Scorer, "of_batch", lambda self, batch: scored.append(len(batch)) or real(self, batch))
    made = clv.score_to(tmp_path / "scores", folder / "log.parquet", fits)
    assert sum(scored) == 3_000  # nobody twice
    _assert_equal(pd.read_parquet(made), _expected(folder / "log.parquet", fits))
    assert os.listdir(tmp_path) == ["scores"]


def test_what_another_question_left_behind_is_removed(folder, fits, tmp_path, monkeypatch):
    monkeypatch.setattr(passes.Scorer, "of_batch", lambda *_: 1 / 0)
    for margin in (0.1, 0.2):
        with pytest.raises(ZeroDivisionError):
            clv.score_to(tmp_path / "scores", folder / "log.parquet", fits, margin=margin)
        assert len(os.listdir(tmp_path)) == 1


def test_two_runs_for_one_output(folder, fits, tmp_path, monkeypatch):
    """Of the same run the second is refused while the first goes on; of others the last one wins as a whole."""
    begun, go_on = threading.Event(), threading.Event()
    real = passes.Scorer.of_batch

    def of_batch(self, batch):
        if self.terms.margin == 0.1:
            begun.set()
            go_on.wait(60)
        return real(self, batch)

    monkeypatch.setattr(passes.Scorer, "of_batch", of_batch)
    asked = (tmp_path / "scores", folder / "log.parquet", fits)
    first = threading.Thread(target=clv.score_to, args=asked, kwargs={"margin": 0.1})
    first.start()
    assert begun.wait(60)
    with pytest.raises(ArgumentError, match="Another process is writing"):
        clv.score_to(*asked, margin=0.1)
    made = clv.score_to(*asked, margin=0.2)
    wanted = {margin: _expected(folder / "log.parquet", fits, margin=margin) for margin in (0.1, 0.2)}
    _assert_equal(pd.read_parquet(made), wanted[0.2])
    go_on.set()
    first.join(60)
    _assert_equal(pd.read_parquet(made), wanted[0.1])
    assert os.listdir(tmp_path) == ["scores"]


RUN = """
import sys, clvmodels as clv
from clvmodels.scoring.streamed import budget
budget.LINES_OF_A_PART = budget._FEWEST_LINES = 300
fits = [clv.load(sys.argv[3], kind) for kind in ("purchases", "spend")]
print("begun", flush=True)
clv.score_to(sys.argv[1], sys.argv[2], fits, margin=float(sys.argv[4]))
"""


def _start(folder, output, margin):
    run = [sys.executable, "-c", RUN, str(output), str(folder / "log.parquet"), str(folder / "model.json"), margin]
    return subprocess.Popen(run, stdout=subprocess.PIPE)


def test_killed_at_random_the_old_output_or_the_new_one_is_there(folder, fits, tmp_path):
    kill_some(folder, fits, tmp_path / "scores", int(os.environ.get("CLV_KILLS", "2")), random.Random(1))


def kill_some(folder: Path, fits, output: Path, times: int, chance: random.Random) -> list[str]:
    """Kill a run so often while an output of another one is there; what was found each time."""
    wanted = {margin: _expected(folder / "log.parquet", fits, margin=float(margin)) for margin in ("0.5", "0.6")}
    clv.score_to(output, folder / "log.parquet", fits, margin=0.5)
    found = []
    for _ in range(times):
        run = _start(folder, output, "0.6")
        assert run.stdout.readline() == b"begun\n"
        time.sleep(chance.uniform(0.0, 2.0))
        run.send_signal(signal.SIGKILL)
        run.wait()
        run.stdout.close()
        scores = pd.read_parquet(output)
        margin = "0.5" if np.isclose(scores["lifetime_value"].sum(), wanted["0.5"]["lifetime_value"].sum()) else "0.6"
        _assert_equal(scores, wanted[margin].copy())
        found.append(margin)
    run = _start(folder, output, "0.6")
    assert run.wait() == 0
    run.stdout.close()
    _assert_equal(pd.read_parquet(output), wanted["0.6"])
    assert [path.name for path in output.parent.iterdir()] == [output.name]
    return found


@pytest.mark.parametrize(
    ("output", "asked", "words"),
    [
        ("scores.csv", {}, "end in .parquet"),
        ("none/scores", {}, "no folder"),
        ("scores", {"memory": "plenty"}, "must be a size"),
        ("scores", {"memory": "100MB"}, "768 MiB or more"),
        ("scores", {"margin": np.ones(3)}, "margin"),
    ],
)
def test_what_can_not_be_is_refused_before_any_work(folder, fits, tmp_path, output, asked, words):
    with pytest.raises(ArgumentError, match=words):
        clv.score_to(tmp_path / output, folder / "log.parquet", fits, **asked)
    assert os.listdir(tmp_path) == []


def test_a_folder_of_other_things_is_not_replaced(folder, fits, tmp_path):
    (tmp_path / "scores").mkdir()
    (tmp_path / "scores" / "thesis.txt").write_text("all of it")
    with pytest.raises(ArgumentError, match=r"holds more than scores \(thesis.txt\)"):
        clv.score_to(tmp_path / "scores", folder / "log.parquet", fits)


def test_a_fit_with_a_calendar_scores_too(folder, fits, small_parts, tmp_path):
    customers = clv.summarize(folder / "log.parquet", keep_purchases=True, **NAMES)
    seasonal = [clv.fit(customers, "bg/nbd", calendar=clv.Calendar(season=2)), fits[1]]
    made = clv.score_to(tmp_path / "scores", folder / "log.parquet", seasonal)
    known = clv.summarize(folder / "log.parquet", **NAMES)
    _assert_equal(pd.read_parquet(made), clv.score(known, seasonal).reset_index())


def test_fits_that_need_more_than_the_summary_are_refused(folder, fits, tmp_path):
    spend = clv.fit(clv.summarize(folder / "log.parquet", keep_purchases=True, **NAMES), "gamma-gamma-amounts")
    with pytest.raises(UnsupportedPrediction, match="sees every purchase"):
        clv.score_to(tmp_path / "scores", folder / "log.parquet", [fits[0], spend])


def test_sizes_in_words():
    assert [Budget.of(size).total for size in ("1GiB", "1.5 GB", 10**9, "900M")] == [
        2**30,
        1_500_000_000,
        10**9,
        9 * 10**8,
    ]
