"""How is a table kept in a Parquet file?"""

from __future__ import annotations

import glob
from collections.abc import Iterable
from pathlib import Path

import duckdb
import pandas as pd

MOST_MEMORY = "256MB"


class TableError(Exception):
    """A Parquet file that could not be written or read."""


def write_parquet(parts: Iterable[pd.DataFrame], path: Path) -> None:
    """Write every row of tables with the same columns, in order; one of them at a time in memory.

    What does not fit into duckdb's share of memory waits in a database beside the file.
    """
    waiting = path.with_suffix(".duckdb")
    try:
        with duckdb.connect(waiting) as connection:
            connection.execute(f"SET memory_limit = '{MOST_MEMORY}'; SET threads = 1")
            for number, part in enumerate(parts):
                connection.register("part", part)
                connection.execute(
                    "INSERT INTO everything SELECT * FROM part"
                    if number
                    else "CREATE TABLE everything AS SELECT * FROM part"
                )
                connection.unregister("part")
            connection.execute(f"COPY everything TO '{_quoted(path)}' (FORMAT parquet)")
    except duckdb.Error as error:
        raise TableError(str(error)) from error
    finally:
        for left in path.parent.glob(f"{waiting.name}*"):
            left.unlink()


def read_parquet(path: Path) -> pd.DataFrame:
    """Read every row, in order."""
    with duckdb.connect() as connection:
        try:
            return connection.execute(
                "SELECT * FROM read_parquet([?])", [glob.escape(str(path))]
            ).df()
        except duckdb.Error as error:
            raise TableError(f"{path} cannot be read ({error}).") from error


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")
