"""Tables as files that any spreadsheet reads."""

from datetime import date

import pytest

from bot.render.csv import csv_content, csv_name, iso_moment
from bot.reply import NOT_ASKED


def test_cells_are_raw_unknown_or_empty():
    rows = [("a, b", 12_345, date(2026, 11, 2)), (NOT_ASKED, None, "")]
    content = csv_content(("title", "views", "day"), rows)
    assert content.decode("utf-8-sig") == 'title,views,day\r\n"a, b",12345,2026-11-02\r\n,unknown,\r\n'
    assert content.startswith(b"\xef\xbb\xbf")


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@SUM(1)", "\t=1", "\r=1", "\n=1", "  =1", "\uff1dcmd", "\uff20SUM(1)"]
)
def test_text_is_never_a_formula(text):
    cell = csv_content(("title",), [(text,)]).decode("utf-8-sig").split("\r\n", 1)[1]
    assert cell.lstrip('"').startswith("'")


def test_name_of_a_column_is_no_formula_either():
    assert csv_content(("=1+1",), []).decode("utf-8-sig") == "'=1+1\r\n"


def test_negative_number_stays_a_number():
    assert csv_content(("change",), [(-3,)]).endswith(b"\r\n-3\r\n")


def test_name_is_short_ascii_and_says_what_it_is():
    assert csv_name("top views", "ours", last="2026-11-22") == "figshare-top-views-ours-2026-11-22.csv"
    assert csv_name("Übersicht/../etc", "\u0623\u0635", last="2026") == "figshare-ubersicht-etc-2026.csv"
    long = csv_name("digest 7", "frog " * 50, last="2026-11-22")
    assert len(long) <= 80 and long.endswith("frog-2026-11-22.csv")


def test_half_a_surrogate_pair_is_replaced():
    assert b"a?b" in csv_content(("title",), [("a\ud800b",)])


def test_moment_is_written_in_utc():
    assert iso_moment(1_795_424_280.0) == "2026-11-23T08:58:00Z"
