"""Tables as CSV files, for any spreadsheet: https://www.rfc-editor.org/rfc/rfc4180.

A number is written raw and a day as ISO 8601. What could not be fetched is `unknown`, and what was not asked
for is empty.
"""

import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime

from msgspec import Struct

from bot.reply import NOT_ASKED

CsvCell = str | int | date | None  # None is what could not be fetched
MAX_FILE_NAME_LENGTH = 80
UNKNOWN = "unknown"
# Without a byte order mark Excel takes UTF-8 for another encoding.
_BYTE_ORDER_MARK = "\ufeff"
# Spreadsheets take a text that begins with one of these for a formula, the wide ones in Japanese settings:
# https://owasp.org/www-community/attacks/CSV_Injection
_FORMULA_START = re.compile(r"\s*[=+\-@\uff1d\uff0b\uff0d\uff20]|[\t\r\n]")


class CsvFile(Struct, frozen=True):
    """A file with one kind of row."""

    name: str
    content: bytes


def csv_content(columns: Sequence[str], rows: Iterable[Sequence[CsvCell]]) -> bytes:
    """Return a header and rows as the bytes of a CSV file, in which no text can act as a formula."""
    text = io.StringIO()
    text.write(_BYTE_ORDER_MARK)
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([_cell(column) for column in columns])
    writer.writerows([_cell(value) for value in row] for row in rows)
    # A lone surrogate, which a hostile title may hold, can't be encoded.
    return text.getvalue().encode("utf-8", "replace")


def csv_name(*parts: str, last: str) -> str:
    """Return a name such as `figshare-top-views-2026-11-22.csv`; `last` is never shortened."""
    ending = f"-{last}.csv"
    name = "-".join(filter(None, ("figshare", *map(_slug, parts))))
    max_length = MAX_FILE_NAME_LENGTH - len(ending)
    return (name if len(name) <= max_length else name[:max_length].rpartition("-")[0]) + ending


def iso_moment(timestamp: float) -> str:
    """Return a moment in seconds since 1970 as `2026-11-23T08:58:00Z`."""
    return datetime.fromtimestamp(timestamp, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _slug(text: str) -> str:
    ascii_text = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return "-".join(re.findall(r"[a-z0-9]+", ascii_text))


def _cell(value: CsvCell) -> str:
    if value is None:
        return UNKNOWN
    if value == NOT_ASKED:
        return ""
    if not isinstance(value, str):
        return value.isoformat() if isinstance(value, date) else str(value)
    return f"'{value}" if _FORMULA_START.match(value) else value
