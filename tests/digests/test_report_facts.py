"""Reports that an earlier version stored, and that this one reads."""

from datetime import date

import msgspec

from bot.digests.form import FormContext
from bot.digests.report.facts import ComparedCount, DayCounts, NewItem, Report, ReportRow, Series

FIRST, LAST = date(2026, 11, 16), date(2026, 11, 22)
# As it was written before the fields had the names that they have now.
STORED = (
    b'{"first_day":"2026-11-16","last_day":"2026-11-22","as_of":1.5,"things":[{"kind":"author","id":97471,'
    b'"title":"author 97471","url":"https://figshare.com/authors/_/97471","first":"2019-03-01",'
    b'"views":{"now":0,"before":0,"total":0},"downloads":{"now":1,"before":2,"total":3},'
    b'"doubt":"unknown to Figshare"}],"members":[{"kind":"article","id":5616445,"title":"Frogs","url":null,'
    b'"first":null,"views":{"now":5,"before":null,"total":null},'
    b'"downloads":{"now":null,"before":null,"total":null},"doubt":""}],"members_cut":true,"members_of":300,'
    b'"new":[{"kind":"article","id":26550001,"title":"Toads","url":null,"published":"2026-11-20",'
    b'"is_version":true,"views":31,"downloads":null}],"more_new":true,"new_counted":true,"so_far":true,'
    b'"spans":["2026-11-09","2026-11-16"],"series":[{"name":"Views","values":[3,5]}],"series_of":1,'
    b'"days":[{"day":"2026-11-16","views":2,"downloads":null}],"troubles":["Figshare asks for a pause."],'
    b'"ready_at":2.5}'
)
REPORT = Report(
    FIRST,
    LAST,
    1.5,
    listed=(
        ReportRow(
            "author",
            97471,
            "author 97471",
            "https://figshare.com/authors/_/97471",
            date(2019, 3, 1),
            ComparedCount(0, 0, 0),
            ComparedCount(1, 2, 3),
            "unknown to Figshare",
        ),
    ),
    members=(ReportRow("article", 5616445, "Frogs", views=ComparedCount(5)),),
    has_more_members=True,
    member_count=300,
    new_items=(NewItem("article", 26550001, "Toads", None, date(2026, 11, 20), True, 31),),
    may_have_more_new=True,
    has_new_counts=True,
    is_first_of_search=True,
    buckets=(date(2026, 11, 9), FIRST),
    series=(Series("Views", (3, 5)),),
    charted_count=1,
    days=(DayCounts(FIRST, 2, None),),
    problems=("Figshare asks for a pause.",),
    ready_at=2.5,
)


def test_stored_report_is_read_and_written_as_before():
    assert msgspec.json.decode(STORED, type=Report) == REPORT
    assert msgspec.json.encode(REPORT) == STORED


def test_smallest_stored_report_is_read():
    stored = b'{"first_day":"2026-11-16","last_day":"2026-11-22","as_of":1.5}'
    assert msgspec.json.decode(stored, type=Report) == Report(FIRST, LAST, 1.5)


def test_form_opened_by_an_earlier_version_is_read():
    stored = b'{"channel":"C1","id":3,"asked_in":"C2"}'
    assert msgspec.json.decode(stored, type=FormContext) == FormContext("C1", 3, "C2")
    assert msgspec.json.encode(FormContext("C1", 3, "C2")) == stored
