"""`clv sql`: the query on stdout as it is, or in a file."""

import duckdb

import clvmodels

COLUMNS = ["--customer", "customer_id", "--date", "date", "--amount", "amount"]


def test_the_printed_query_runs_as_it_is(clv, tmp_path):
    log = clvmodels.datasets.path("cdnow_sample")
    result = clv("sql", f"'{log}'", *COLUMNS, "--observation-end", "1997-09-30")
    assert result.exit_code == 0, result.stderr
    with duckdb.connect() as connection:
        found = connection.sql(f"SELECT count(*), sum(frequency) FROM ({result.stdout})").fetchall()
    assert found == [(2357, 2457)]  # the CDNOW sample, as in Fader, Hardie and Lee (2005)


def test_a_template_of_dbt_goes_into_a_file(clv, tmp_path):
    words = ["{{ ref('orders') }}", "--dialect", "bigquery", "--refunds", "drop", "--keep", "channel"]
    result = clv("sql", *words, *COLUMNS, "--output", "customers.sql")
    assert result.exit_code == 0, result.stderr
    assert "Wrote customers.sql" in " ".join(result.stdout.split())
    assert "FROM {{ ref('orders') }}" in (tmp_path / "customers.sql").read_text()


def test_what_is_wrong_is_said_in_options(clv):
    result = clv("sql", "orders")
    assert result.exit_code == 2
    assert "name its columns by --customer and --date" in " ".join(result.stderr.split())
    assert clv("sql", "orders", *COLUMNS, "--refunds", "error").exit_code == 2
    assert "must end in .sql" in clv("sql", "orders", *COLUMNS, "--output", "x.csv").stderr
