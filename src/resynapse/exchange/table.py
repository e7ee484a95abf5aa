"""How is a table kept in a Parquet file?"""

from __future__ import annotations

import glob
from pathlib import Path

import duckdb
import pandas as pd


class TableError(Exception):
    """A Parquet file that could not be written or read."""


def write_parquet(table: pd.DataFrame, path: Path) -> None:
    """Write every row, in order."""
    with duckdb.connect() as connection:
        connection.register("table_to_write", table)
        try:
            connection.execute(f"COPY table_to_write TO '{_quoted(path)}' (FORMAT parquet)")
        except duckdb.Error as error:
            raise TableError(str(error)) from error


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
