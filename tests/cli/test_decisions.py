"""`clv segment` and `clv network`: what is printed and written, and what the errors say."""

import numpy as np
import pandas as pd
import pytest

import clvmodels as clv

LOG = clv.datasets.path("cdnow_sample")
KEPT = 1e-9  # of the total
QUICK = ["--purchase-model", "bg/nbd"]


def test_segment_writes_profile_and_customers(clv, tmp_path):
    result = clv("segment", LOG, *QUICK, "--observation-end", "1997-09-30", "--currency", "USD", "--labels", "a,b,c,d")
    assert result.exit_code == 0, result.stderr
    table, each = pd.read_csv(tmp_path / "segments.csv"), pd.read_csv(tmp_path / "segmented_customers.csv")
    assert table["segment"].tolist() == ["a", "b", "c", "d"]
    assert table["customers"].sum() == len(each) == 2357
    assert each.groupby("segment")["value"].mean().is_monotonic_decreasing
    assert "Segments  by value" in result.stdout
    assert "Wrote segments.csv: 4 segments." in result.stdout


@pytest.mark.parametrize("rule", ["share", "rfm", "value_risk"])
def test_segment_by_other_rules(clv, tmp_path, rule):
    result = clv("segment", LOG, *QUICK, "--by", rule, "--tiers", 3, "-o", "s.parquet")
    assert result.exit_code == 0, result.stderr
    table = pd.read_parquet(tmp_path / "s.parquet")
    assert table["share_of_customers"].sum() == pytest.approx(1.0)


def test_segment_by_a_column_of_the_log(clv, tmp_path):
    log = pd.read_csv(LOG)
    log.assign(town=np.where(log["customer_id"] % 2, "Ulm", "=Bonn")).to_csv(tmp_path / "log.csv", index=False)
    result = clv("segment", "log.csv", *QUICK, "--by", "town")
    assert result.exit_code == 0, result.stderr
    assert set(pd.read_csv(tmp_path / "segments.csv")["segment"]) == {"Ulm", "'=Bonn"}


def test_network_adds_up(clv, tmp_path):
    rng = np.random.default_rng(2)
    pairs = pd.DataFrame(rng.integers(1, 2_358, (500, 2)), columns=["referrer", "referee"])
    pairs = pairs[pairs["referrer"] < pairs["referee"]]
    pairs.to_csv(tmp_path / "r.csv", index=False)
    result = clv("network", LOG, *QUICK, "--referrals", "r.csv", "--share-incremental", 0.6, "--reward", 1, "--top", 3)
    assert result.exit_code == 0, result.stderr
    table = pd.read_csv(tmp_path / "network.csv")
    assert table["conserving_value"].sum() == pytest.approx(table["own_value"].sum(), rel=KEPT)
    assert table["referrals"].sum() == len(pairs.drop_duplicates())
    assert "The 3 customers with the highest network value" in result.stdout
    pd.DataFrame({"referrer": [1, 99_999], "referee": [2, 3]}).to_csv(tmp_path / "r.csv", index=False)
    result = clv("network", LOG, *QUICK, "--referrals", "r.csv")
    assert result.exit_code == 1
    assert '--unknown "drop"' in " ".join(result.stderr.split())
    assert clv("network", LOG, *QUICK, "--referrals", "r.csv", "--unknown", "drop").exit_code == 0


def test_network_with_ids_that_are_text(clv, tmp_path):
    log = pd.read_csv(LOG)
    log["customer_id"] = log["customer_id"].map("{:05d}".format) + np.where(log["customer_id"] == 7, "x", "")
    log.to_csv(tmp_path / "log.csv", index=False)
    pd.DataFrame({"referrer": ["00001"], "referee": ["00002"]}).to_csv(tmp_path / "r.csv", index=False)
    result = clv("network", "log.csv", *QUICK, "--referrals", "r.csv")
    assert result.exit_code == 0, result.stderr
    assert pd.read_csv(tmp_path / "network.csv")["referrals"].sum() == 1


def test_what_has_no_meaning(clv, tmp_path):
    pd.DataFrame({"referrer": [1], "referee": [1]}).to_csv(tmp_path / "self.csv", index=False)
    for words, message in (
        (["segment", LOG, "--by", "rfm", "--labels", "a,b"], "--labels names tiers"),
        (["segment", LOG, "-o", "x.csv", "--customers-output", "x.csv"], "name the same file"),
        (["segment", LOG, "--tiers", "1"], "--tiers"),
        (["segment", LOG, *QUICK, "--amount", "none"], "Values need amounts"),
        (["segment", LOG, *QUICK, "--labels", "a,b"], "4 different names"),
        (["network", LOG], "--referrals"),
        (["network", LOG, *QUICK, "--referrals", "nothing.csv"], "no such file"),
        (["network", LOG, "--referrals", "self.csv", "--rho", "2"], "--rho"),
        (["network", LOG, "--referrals", "self.csv", "-o", "self.csv"], "read as well"),
    ):
        result = clv(*words)
        assert result.exit_code == 2, (words, result.stdout, result.stderr)
        assert message in " ".join(result.stderr.split()), (words, result.stderr)
    result = clv("network", LOG, *QUICK, "--referrals", "self.csv")
    assert '--self-referrals "drop"' in " ".join(result.stderr.split())
