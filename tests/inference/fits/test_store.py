"""Model files: small, whole or absent, and read with care."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import clvmodels as clv
from clvmodels.errors import ArgumentError, FileFormatError, IdentificationWarning
from clvmodels.inference.fits import store


def test_round_trip_gives_the_same_predictions(
    tmp_path: Path, cdnow: clv.Customers, cdnow_bgnbd: clv.Fit, cdnow_spend: clv.Fit
) -> None:
    path = tmp_path / "model.json"
    store.save(path, cdnow_bgnbd, cdnow_spend)
    assert path.stat().st_size < 5_000
    purchases, spend = clv.load(path, kind="purchases"), clv.load(path, kind="spend")
    assert purchases.parameters == cdnow_bgnbd.parameters
    assert np.array_equal(purchases.covariance_log, cdnow_bgnbd.covariance_log)
    assert repr(purchases) == repr(cdnow_bgnbd)
    pd.testing.assert_series_equal(purchases.expected_purchases("1Y", cdnow), cdnow_bgnbd.expected_purchases("1Y"))
    assert spend.currency == cdnow_spend.currency
    with pytest.raises(ArgumentError, match="kind="):
        clv.load(path)
    with pytest.raises(ArgumentError, match="carries no data"):
        purchases.expected_purchases("1Y")


def test_infinite_errors_and_priors_survive(tmp_path: Path) -> None:
    table = pd.DataFrame({"frequency": [0, 0], "recency": 0.0, "T": [3.0, 9.0]})
    with pytest.warns(IdentificationWarning):
        fit = clv.fit(table, "bg/nbd", unit="week", priors={"r": ("gamma", 1.0, 1.0)})
    fit.save(tmp_path / "m.json")
    loaded = clv.load(tmp_path / "m.json")
    assert np.array_equal(loaded.covariance_log, fit.covariance_log)
    assert loaded.priors == fit.priors
    assert loaded.method == "map"


def test_files_that_are_none(tmp_path: Path, cdnow_bgnbd: clv.Fit) -> None:
    path = tmp_path / "model.json"
    with pytest.raises(FileFormatError, match="no file"):
        clv.load(path)
    cdnow_bgnbd.save(path)
    whole = path.read_text()
    path.write_text(whole[: len(whole) // 2])
    with pytest.raises(FileFormatError, match="cut short"):
        clv.load(path)
    path.write_text('{"r": 0.2}')
    with pytest.raises(FileFormatError, match="not a model file"):
        clv.load(path)
    path.write_text(whole.replace('"version": 1', '"version": 99'))
    with pytest.raises(FileFormatError, match="Upgrade"):
        clv.load(path)
    content = json.loads(whole)
    content["fits"][0]["parameters"]["r"] = -1
    path.write_text(json.dumps(content))
    with pytest.raises(FileFormatError, match="damaged"):
        clv.load(path)
    del content["fits"][0]["parameters"]
    path.write_text(json.dumps(content))
    with pytest.raises(FileFormatError, match="damaged"):
        clv.load(path)
    path.write_bytes(b"\x80\x04\x95\xff")
    with pytest.raises(FileFormatError, match="not a model file"):
        clv.load(path)


def test_a_failed_save_leaves_the_old_file(
    tmp_path: Path, cdnow_bgnbd: clv.Fit, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "model.json"
    cdnow_bgnbd.save(path)
    before = path.read_text()

    def fail(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(json, "dump", fail)
    monkeypatch.setattr(json, "dumps", fail)
    with pytest.raises(KeyboardInterrupt):
        cdnow_bgnbd.save(path)
    assert path.read_text() == before
    assert [file.name for file in tmp_path.iterdir()] == ["model.json"]
