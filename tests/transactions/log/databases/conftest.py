"""Databases that hold one log: SQLite and DuckDB files, and a PostgreSQL that the tests start on loopback."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import duckdb
import pandas as pd
import pytest

from tests.engines.test_engines import make_log

PASSWORD = "s3cr3t@:/?%41"  # with what an address must not have as it is


def binary(name: str) -> str | None:
    """A program of PostgreSQL, which Debian keeps off the path."""
    found = [str(path) for path in sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))]
    return found[-1] if found else shutil.which(name)


@dataclass(frozen=True)
class Server:
    """A running PostgreSQL."""

    port: int

    def address(self, scheme: str = "postgresql", password: str = PASSWORD, user: str = "shop") -> str:
        """Where it is, with a password."""
        return f"{scheme}://{user}:{quote(password, safe='')}@127.0.0.1:{self.port}/postgres"


def as_other_user() -> dict[str, Any]:
    """PostgreSQL refuses to run as root."""
    import pwd

    if os.geteuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        try:
            user = pwd.getpwnam(name)
        except KeyError:
            continue
        return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
    pytest.skip("PostgreSQL does not run as root, and there is no other user here")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """A PostgreSQL with an empty database; skipped where it is not installed."""
    initdb, postgres = binary("initdb"), binary("postgres")
    if initdb is None or postgres is None:
        pytest.skip("PostgreSQL is not installed (Debian: apt-get install postgresql)")
    folder, user = Path(tempfile.mkdtemp(prefix="pg-")), as_other_user()
    folder.chmod(0o755)
    if user:
        os.chown(folder, user["user"], user["group"])
    secret = folder / "secret"
    secret.write_text(PASSWORD)
    run = {**user, "cwd": folder, "env": {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "HOME": str(folder)}}
    words = ["-D", "data", "-U", "shop", "--pwfile", str(secret), "-A", "scram-sha-256", "--no-sync", "-E", "UTF8"]
    subprocess.run([initdb, *words], **run, check=True, stdout=subprocess.DEVNULL)
    port = free_port()
    options = [
        "-D",
        "data",
        "-p",
        str(port),
        "-c",
        "listen_addresses=127.0.0.1",
        "-c",
        f"unix_socket_directories={folder}",
    ]
    process = subprocess.Popen([postgres, *options, "-c", "fsync=off"], **run, stderr=subprocess.DEVNULL)
    try:
        wait_for(port, process)
        yield Server(port)
    finally:
        process.send_signal(signal.SIGINT)  # doesn't wait for those who are still connected
        process.wait(30)
        shutil.rmtree(folder, ignore_errors=True)


def wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    """Wait until it answers."""
    import psycopg

    for _ in range(300):
        assert process.poll() is None, "PostgreSQL did not start"
        try:
            psycopg.connect(host="127.0.0.1", port=port, user="shop", password=PASSWORD, dbname="postgres").close()
        except psycopg.OperationalError:
            time.sleep(0.1)
        else:
            return
    pytest.fail("PostgreSQL did not answer")


@pytest.fixture(scope="session")
def log() -> pd.DataFrame:
    """Lines of orders with gaps, refunds and umlauts."""
    lines = make_log(1200, 120)[["customer_id", "order", "time", "paid", "channel", "visits"]]
    return lines.assign(paid=lines["paid"].round(2), name="Jürg €")


@pytest.fixture(scope="session")
def folder(log: pd.DataFrame, tmp_path_factory) -> Path:
    """A folder with the log as CSV and Parquet, in SQLite and in DuckDB."""
    folder = tmp_path_factory.mktemp("databases")
    log.to_csv(folder / "log.csv", index=False)
    log.to_parquet(folder / "log.parquet", index=False)
    with duckdb.connect(str(folder / "shop.duckdb")) as connection:
        connection.execute(f"CREATE TABLE orders AS SELECT * FROM '{folder}/log.parquet'").fetchall()
    connection = sqlite3.connect(folder / "shop.sqlite")
    columns = "customer_id INTEGER, 'order' TEXT, time TEXT, paid REAL, channel TEXT, visits INTEGER, name TEXT"
    connection.execute(f"CREATE TABLE orders ({columns})")
    connection.executemany("INSERT INTO orders VALUES (?, ?, ?, ?, ?, ?, ?)", plain_rows(log))
    connection.commit()
    connection.close()
    return folder


def plain_rows(log: pd.DataFrame) -> list[tuple[Any, ...]]:
    """The lines as Python has them."""
    text = log.assign(time=log["time"].dt.strftime("%Y-%m-%d %H:%M:%S"))
    return [
        tuple(None if pd.isna(value) else value.item() if hasattr(value, "item") else value for value in row)
        for row in text.itertuples(index=False)
    ]


@pytest.fixture(scope="session")
def postgresql(server: Server, log: pd.DataFrame) -> Server:
    """The PostgreSQL with the log: money as numeric, time with and without its zone."""
    import psycopg

    columns = (
        'customer_id bigint, "order" text, time timestamp, paid numeric(12, 2), channel text, visits int, name text'
    )
    with psycopg.connect(server.address(), autocommit=True) as connection, connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE orders ({columns})")
        cursor.executemany("INSERT INTO orders VALUES (%s, %s, %s, %s, %s, %s, %s)", plain_rows(log))
        cursor.execute("CREATE VIEW zoned AS SELECT *, time AT TIME ZONE 'UTC' AS moment FROM orders")
        cursor.execute('CREATE TABLE "My Orders" AS SELECT * FROM orders LIMIT 10')
    return server
