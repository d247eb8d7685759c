"""The stand-in Figshare answers as the real one does, also to readers that we did not write."""

import asyncio
import base64
import http.client
import json
import urllib.error
import urllib.request
import warnings
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from lxml import etree
from resync.capability_list import CapabilityList
from resync.change_list import ChangeList
from resync.resource_list import ResourceList
from resync.source_description import SourceDescription

from bot.standin.figshare import figshare
from bot.standin.figshare.library import SEED
from bot.standin.serving import serve

with warnings.catch_warnings():
    # Sickle 0.7.0 has an invalid escape sequence, which is said when it is compiled
    warnings.simplefilter("ignore")
    from sickle import Sickle
    from sickle.oaiexceptions import (
        BadArgument,
        BadResumptionToken,
        CannotDisseminateFormat,
        IdDoesNotExist,
        NoRecordsMatch,
    )

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
RECORDED = Path(__file__).resolve().parents[3] / ".." / "shared" / "figshare" / "responses"
FROGS_OTHERWISE = {12930417, 14410233, 16651209, 18112046, 24335170}
OAI = "{http://www.openarchives.org/OAI/2.0/}"


class Answer(NamedTuple):
    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args: Any) -> None:
        return None


class Standin:
    def __init__(self, app: Any, base: str) -> None:
        self.app = app
        self.base = base
        self.faults = app.state.faults

    async def get(self, path: str, headers: dict[str, str] | None = None, **kinds: Any) -> Answer:
        return await asyncio.to_thread(self._ask, path, None, headers or {}, kinds.get("method"))

    async def post(self, path: str, body: Any = None) -> Answer:
        sent = b"" if body is None else json.dumps(body).encode()
        return await asyncio.to_thread(self._ask, path, sent, {}, "POST")

    async def find(self, words: str) -> set[int]:
        found = await self.post("/v2/articles/search", {"search_for": words, "page_size": 100})
        return {row["id"] for row in found.json}

    def _ask(self, path: str, body: bytes | None, headers: dict[str, str], method: str | None) -> Answer:
        request = urllib.request.Request(self.base + path, data=body, headers=headers, method=method)
        opener = urllib.request.build_opener(_NoRedirect)
        try:
            with opener.open(request, timeout=5) as answer:
                return Answer(answer.status, answer.headers, answer.read())
        except urllib.error.HTTPError as error:
            with error:
                return Answer(error.code, error.headers, error.read())


@pytest.fixture
async def standin() -> AsyncIterator[Standin]:
    app = figshare(now=lambda: NOW)
    async with serve(app) as base:
        yield Standin(app, base)


def recorded(name: str) -> Any:
    path = RECORDED / name
    if not path.exists():
        pytest.skip("the recorded answers are not here")
    return json.loads(path.read_text(encoding="utf-8"))


async def test_the_workshop_item_is_there_with_its_second_version(standin):
    item = (await standin.get("/v2/articles/5616445")).json
    assert item["title"] == "Using APIs to customise repositories and engage audiences"
    assert item["doi"] == "10.6084/m9.figshare.5616445.v2"
    assert item["url_public_html"] == (
        "https://figshare.com/articles/presentation/"
        "Using_APIs_to_customise_repositories_and_engage_audiences/5616445"
    )
    assert (item["defined_type"], item["version"]) == (7, 2)
    assert "Sample data" in item["description"]


async def test_an_older_version_has_its_own_doi_and_date(standin):
    versions = (await standin.get("/v2/articles/5616445/versions")).json
    assert [row["version"] for row in versions] == [1, 2]
    first = (await standin.get("/v2/articles/5616445/versions/1")).json
    assert first["doi"] == "10.6084/m9.figshare.5616445.v1"
    assert first["published_date"] < (await standin.get("/v2/articles/5616445")).json["published_date"]
    assert (await standin.get("/v2/articles/5616445/versions/3")).status == 404


async def test_an_article_has_the_keys_of_a_recorded_one_in_their_order(standin):
    article = (await standin.get("/v2/articles/5616445")).json
    assert list(article) == list(recorded("articles/14763051.json"))
    row = (await standin.get("/v2/articles?doi=10.6084/m9.figshare.5616445.v2")).json[0]
    assert list(row) == list(recorded("articles_list/14763051.by-doi.json")[0])
    for part in ("files", "authors", "categories"):
        assert list(article[part][0]) == list(recorded("articles/14763051.json")[part][0])
    assert list((await standin.get("/v2/projects/113166")).json) == list(
        recorded("projects/113166.partial.json")
    )


async def test_blanks_differ_between_a_row_and_the_detail_as_they_really_do(standin):
    row = (await standin.get("/v2/articles?doi=10.6084/m9.figshare.5616445.v2")).json[0]
    detail = (await standin.get("/v2/articles/5616445")).json
    assert (row["group_id"], row["resource_doi"]) == (0, "")
    assert (detail["group_id"], detail["resource_doi"]) == (None, None)
    assert (detail["embargo_type"], detail["is_embargoed"]) == ("file", False)


@pytest.mark.parametrize(
    ("question", "number"),
    [
        ("doi=10.17028/rd.lboro.12345678.v1", 12345678),
        ("doi=10.26181/60112d78eeffe", 13649001),
        ("doi=10.15786/13696192.v3", 13696192),
        ("doi=10.5281/zenodo.1217023", 15063020),
        ("doi=10.6084/m9.figshare.5616445.v1", 5616445),
        ("handle=2134/14810", 10158001),
        ("handle=2134/12674225.v1", 12674225),
        ("resource_doi=10.5555/sample.2023.0417", 24335170),
    ],
)
async def test_a_list_finds_an_item_by_its_identifier(standin, question, number):
    assert [row["id"] for row in (await standin.get(f"/v2/articles?{question}")).json] == [number]


async def test_a_list_narrows_by_type_group_institution_and_date(standin):
    async def ids(question: str) -> set[int]:
        return {row["id"] for row in (await standin.get(f"/v2/articles?page_size=100&{question}")).json}

    assert await ids("item_type=7") == {5616445}
    assert await ids("group=29006") == {13649001, 24880017}
    assert await ids("institution=234") == {13649001, 24880017, 26550107}
    assert 26550001 in await ids("published_since=2026-11-20")
    assert 5616445 not in await ids("published_since=2026-11-20")
    assert await ids("search_for=nonsense") == await ids("")


async def test_files_come_in_pages_of_ten(standin):
    article = (await standin.get("/v2/articles/17125063")).json
    assert len(article["files"]) == 10
    assert len((await standin.get("/v2/articles/17125063/files")).json) == 10
    assert len((await standin.get("/v2/articles/17125063/files?page=3")).json) == 5
    assert len((await standin.get("/v2/articles/19438250/files?page_size=1000&page=2")).json) == 143
    file = article["files"][0]
    assert (await standin.get(f"/v2/articles/17125063/files/{file['id']}")).json == file
    moved = await standin.get(f"/v2/file/download/{file['id']}")
    assert (moved.status, file["name"] in moved.headers["location"]) == (302, True)


async def test_the_odd_items_are_odd_in_their_own_way(standin):
    async def item(number: int) -> Any:
        return (await standin.get(f"/v2/articles/{number}")).json

    assert len((await item(20291007))["authors"]) == 400
    assert len((await item(25110343))["title"]) == 1000
    assert (await item(25110349))["description"] is None
    assert (await item(12674225))["doi"] == ""
    assert (await item(11366120))["is_metadata_record"] is True
    linked = (await item(10042001))["files"][0]
    assert (linked["is_link_only"], linked["size"], linked["computed_md5"]) == (True, 0, "")
    embargoed = await item(23550871)
    assert (embargoed["is_embargoed"], embargoed["doi"]) == (True, "")
    assert embargoed["embargo_date"] > "2026-11-23"


async def test_collections_and_projects_list_their_articles(standin):
    collection = (await standin.get("/v2/collections/4000001")).json
    assert (collection["doi"], collection["articles_count"]) == ("10.6084/m9.figshare.c.4000001.v2", 11)
    assert len((await standin.get("/v2/collections/4000001/articles?page=2")).json) == 1
    assert len((await standin.get("/v2/projects/113166/articles")).json) == 4
    assert [
        row["id"] for row in (await standin.post("/v2/projects/search", {"search_for": "tides"})).json
    ] == [131402]
    assert [row["id"] for row in (await standin.get("/v2/collections?institution=2")).json] == [5120334]


async def test_licences_categories_and_item_types_are_listed(standin):
    licences = (await standin.get("/v2/licenses")).json
    assert licences[0] == {
        "value": 1,
        "name": "CC BY 4.0",
        "url": "https://creativecommons.org/licenses/by/4.0/",
    }
    assert {row["name"] for row in licences} == {
        row["name"] for row in recorded("licenses/licenses-2026-09-01.partial.json")
    }
    assert "has_children" in (await standin.get("/v2/categories")).json[0]
    assert 10 not in {row["id"] for row in (await standin.get("/v2/item_types")).json}


async def test_a_search_for_frogs_needs_a_second_page(standin):
    asked = {
        "search_for": ":title: frog",
        "page_size": 5,
        "order": "published_date",
        "order_direction": "desc",
    }
    first = await standin.post("/v2/articles/search", asked)
    second = await standin.post("/v2/articles/search", {**asked, "page": 2})
    assert (len(first.json), len(second.json)) == (5, 4)
    assert (
        first.json[0]["published_date"] > first.json[-1]["published_date"] > second.json[-1]["published_date"]
    )
    assert next(iter(first.json[0])) == "project_id"


async def test_search_parameters_may_stand_in_the_query_string(standin):
    found = await standin.post("/v2/articles/search?search_for=:title:%20frog&page_size=100")
    assert {row["id"] for row in found.json} == await standin.find(":title: frog")
    assert len((await standin.post("/v2/articles/search")).json) == 10


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (":title: frog AND :tag: cell", {11820345}),
        (":tag: machine learning", {14410233}),
        (":tag: machine", set()),
        (':title: "tree frog"', {16651209, 18112046}),
        (":title: frogwatch OR :title: tidytides", {14410233, 22334120}),
        ("frogwatch tidytides", {14410233, 22334120}),
        (":tag: frog AND NOT (:item_type: dataset OR :item_type: media)", FROGS_OTHERWISE),
        (":extension: csv AND (:title: 'frog' OR :title: pollen)", {11820345, 26550107}),
        (":institution: latrobe", {13649001, 24880017, 26550107}),
        (":author: \"Viktor Halmstad\" AND :licence: GPL3.0+", {22334120}),
        (":published_after: 2026-11-01 AND :published_before: 2026-11-20", {26550214, 26550329, 26550433}),
        (":title: 両生類の分布と鳴き声の記録 OR :title: الضفادع", {22871005}),
        ("nothing has these wørds zzz AND qqq", set()),
    ],
)  # fmt: skip
async def test_the_search_grammar_means_what_the_guide_says(standin, words, found):
    assert await standin.find(words) == found


async def test_an_orcid_finds_the_works_of_its_author(standin):
    item = (await standin.get("/v2/articles/9784012")).json
    orcid = next(author["orcid_id"] for author in item["authors"] if author["orcid_id"])
    assert 9784012 in await standin.find(f":orcid: {orcid}")


async def test_an_ungrammatical_search_is_refused(standin):
    answer = await standin.post("/v2/articles/search", {"search_for": "(frog"})
    assert (answer.status, answer.json["code"]) == (400, "BadRequest")


async def test_a_list_can_be_ordered_by_its_counters(standin):
    rows = (await standin.get("/v2/articles?order=views&page_size=3")).json
    views = [(await standin.get(f"/stats/total/views/article/{row['id']}")).json["totals"] for row in rows]
    assert views == sorted(views, reverse=True)


@pytest.mark.parametrize(
    ("path", "status", "body"),
    [
        ("/v2/articles/99", 404, "404-article-unknown.json"),
        ("/v2/articles/9900123", 404, "404-article-unknown.json"),
        ("/v2/articles/99/versions", 404, "404-article-versions-unknown.json"),
        ("/v2/articles?order=bogus", 400, "400-invalid-order.json"),
        ("/v2/articles?page=901", 400, "400-max-page.json"),
        ("/v2/account", 403, "403-missing-token.json"),
        ("/v2/account/articles/1/files", 403, "403-missing-token.json"),
        ("/stats/total/hugs/article/215", 400, "stats-400-invalid-counter.json"),
        ("/stats/lboro/top/views/article", 403, "stats-403.json"),
    ],
)
async def test_a_refusal_has_the_recorded_body(standin, path, status, body):
    answer = await standin.get(path)
    assert (answer.status, answer.json) == (status, recorded(f"errors/{body}"))


async def test_a_wrong_method_or_path_is_answered_with_html(standin):
    for answer in (await standin.post("/v2/articles"), await standin.get("/v2/nothing/here")):
        assert answer.status == 404
        assert answer.headers["content-type"].startswith("text/html")
    assert b"predicate mismatch" in (await standin.post("/v2/articles")).body
    assert (await standin.get("/v2/articles", method="TRACE")).status == 405


@pytest.mark.parametrize(
    "path",
    [
        "/v2/articles?page=" + "9" * 40,
        "/v2/articles/" + "9" * 40,
        "/v2/articles?published_since=yesterday",
        "/v2/articles?group=%00",
        "/stats/timeline/year/views/article/1?start_date=9998-01-01",
        "/stats/top/views/article?count=-1",
        "/stats/total/views/article/" + "9" * 5000,
        "/stats/total",
        "/stats/",
        "/v2/oai?verb=ListRecords&metadataPrefix=oai_dc&until=9999-12-31",
        "/v2/oai?verb=ListRecords&resumptionToken=cGFnZT0tMQ==",
        "/v2/oai?verb=GetRecord&metadataPrefix=oai_dc&identifier=%00%08",
        "/v2/oai",
        "/.well-known/resourcesync?x=1",
    ],
)
async def test_no_question_however_odd_breaks_it(standin, path):
    assert (await standin.get(path)).status < 500


@pytest.mark.parametrize(
    "words", ["(" * 5000, "NOT " * 5000, '"', ":title:", ":published_after: soon", "AND", {}, 7]
)
async def test_no_search_however_odd_breaks_it(standin, words):
    assert (await standin.post("/v2/articles/search", {"search_for": words})).status in {200, 400}


@pytest.mark.parametrize("question", ["page=1&limit=5", "page_size=1001", "page=x", "page=0", "offset=-1"])
async def test_wrong_paging_is_unprocessable(standin, question):
    assert (await standin.get(f"/v2/articles?{question}")).status == 422


async def test_a_cursor_leads_through_the_whole_list(standin):
    seen, headers = [], {}
    while True:
        answer = await standin.get("/v2/articles?limit=15", headers)
        seen += [row["id"] for row in answer.json]
        if "X-Cursor" not in answer.headers:
            break
        headers = {"X-Cursor": answer.headers["X-Cursor"]}
    assert len(seen) == len(set(seen)) == 41


async def test_a_withdrawn_article_has_an_empty_list_of_versions(standin):
    assert (await standin.get("/v2/articles/9900123/versions")).json == []


async def timeline(
    standin: Standin, by: str, counter: str, who: str, start: date, end: date
) -> dict[str, int]:
    path = f"/stats/timeline/{by}/{counter}/{who}?start_date={start}&end_date={end}"
    return (await standin.get(path)).json["timeline"]


async def test_a_total_is_the_sum_of_its_timeline(standin):
    total = (await standin.get("/stats/total/views/article/5616445")).json["totals"]
    by_year: dict[str, int] = {}
    for year in (2012, 2017, 2022):
        by_year |= await timeline(
            standin, "year", "views", "article/5616445", date(year, 1, 1), date(year + 4, 12, 31)
        )
    assert total == sum(by_year.values()) > 1000
    assert min(by_year) == "2017"
    by_month = await timeline(
        standin, "month", "views", "article/5616445", date(2025, 1, 1), date(2025, 12, 31)
    )
    assert sum(by_month.values()) == by_year["2025"]
    assert list(by_month) != sorted(by_month)
    assert (await standin.get("/stats/total/article/5616445")).json["views"] == total


async def test_a_breakdown_adds_up_to_the_timeline(standin):
    window = (date(2026, 10, 1), date(2026, 10, 31))
    days = await timeline(standin, "day", "views", "article/20291007", *window)
    path = f"/stats/breakdown/total/views/article/20291007?start_date={window[0]}&end_date={window[1]}"
    countries = (await standin.get(path)).json["breakdown"]["total"]
    assert sum(cities["total"] for cities in countries.values()) == sum(days.values())
    assert all(len(cities) <= 11 for cities in countries.values())
    assert all(sum(cities.values()) <= 2 * cities["total"] for cities in countries.values())


async def test_the_ranking_agrees_with_the_totals(standin):
    top = (await standin.get("/stats/top/views/article?count=5")).json["top"]
    assert len(top) == 5
    for number, views in top.items():
        assert (await standin.get(f"/stats/total/views/article/{number}")).json == {"totals": views}


async def test_an_author_and_a_group_count_what_their_items_count(standin):
    group = (await standin.get("/stats/total/views/group/29006")).json["totals"]
    items = [
        (await standin.get(f"/stats/total/views/article/{n}")).json["totals"] for n in (13649001, 24880017)
    ]
    assert group == sum(items) > 0
    author = (await standin.get("/v2/articles/12930417")).json["authors"][0]["id"]
    assert (await standin.get(f"/stats/total/views/author/{author}")).json["totals"] > 0
    counted = await standin.post("/stats/count/articles", {"groups": [{"id": 29006}, {"id": 1}]})
    assert counted.json == {"29006": 2, "1": 0}


async def test_what_figshare_does_not_know_counts_zero(standin):
    assert (await standin.get("/stats/total/views/article/99")).json == {"totals": 0}
    assert (await standin.get("/stats/timeline/day/views/author/99")).json == {"timeline": {}}


async def test_without_dates_only_the_current_month_is_counted(standin):
    timeline = (await standin.get("/stats/timeline/month/views/article/20291007")).json["timeline"]
    assert list(timeline) == ["2026-11"]


async def test_a_range_too_long_is_clamped_without_a_word(standin):
    days = await timeline(standin, "day", "views", "article/20291007", date(2023, 1, 1), date(2026, 1, 1))
    assert max(days) == "2023-12-31"
    months = await timeline(standin, "month", "views", "article/20291007", date(2023, 1, 1), date(2026, 1, 1))
    assert max(months) == "2024-12"


async def test_statistics_of_a_portal_want_its_password(standin):
    secret = base64.b64encode(b"lboro:sample-lboro").decode()
    signed_in = {"Authorization": f"Basic {secret}"}
    top = (await standin.get("/stats/lboro/top/views/article", signed_in)).json["top"]
    assert set(top) == {"12345678", "12674225", "10158001", "18112046", "25993410", "26550433"}
    assert (await standin.get("/stats/latrobe/top/views/article", signed_in)).status == 403
    assert (await standin.get("/stats/lboro/total/article/12345678")).json["views"] > 0
    missing = await standin.get("/stats/lboro/timeline/month/views/group/20441?sub_item=category", signed_in)
    assert (missing.status, missing.json["code"]) == (400, "MissingParams")
    assert missing.json["data"]["path"] == "/lboro/timeline/month/views/group/20441"
    assert (await standin.get("/stats/nowhere/total/views/article/1")).status == 404


async def test_a_path_without_an_id_is_refused_in_their_spelling(standin):
    answer = await standin.get("/stats/total/views/article")
    assert answer.status == 400
    assert b"Unknown or usupported item type" in answer.body


async def test_the_numbers_end_today_and_stay_the_same_tomorrow(standin):
    end = NOW.date()
    days = await timeline(standin, "day", "views", "article/20291007", end - timedelta(days=30), end)
    later = figshare(now=lambda: NOW + timedelta(days=1))
    async with serve(later) as base:
        again = await timeline(
            Standin(later, base), "day", "views", "article/20291007", end - timedelta(days=30), end
        )
    assert days == again
    assert max(days) <= str(end)


async def test_sickle_harvests_every_record_over_several_pages(standin):
    def harvest() -> tuple[list[Any], list[Any]]:
        sickle = Sickle(standin.base + "/v2/oai")
        return list(sickle.ListRecords(metadataPrefix="oai_dc")), list(sickle.ListSets())

    records, sets = await asyncio.to_thread(harvest)
    assert len(records) == 43
    assert {r.header.identifier.rpartition("/")[2] for r in records if r.deleted} == {"9900123", "24001177"}
    chain = [
        path for _, path in standin.app.state.requests if "resumptionToken" in path and "ListRecords" in path
    ]
    assert len(chain) == 4
    assert [s.setSpec for s in sets[:3]] == ["item_type_1", "item_type_2", "item_type_3"]
    assert len(sets) > 30


async def test_sickle_reads_identify_formats_and_one_record(standin):
    def read() -> Any:
        sickle = Sickle(standin.base + "/v2/oai")
        formats = {f.metadataPrefix for f in sickle.ListMetadataFormats()}
        record = sickle.GetRecord(metadataPrefix="oai_dc", identifier="oai:figshare.com:article/5616445")
        everything = {f: len(list(sickle.ListRecords(metadataPrefix=f, set="portal_2"))) for f in formats}
        return sickle.Identify(), formats, record, everything

    identify, formats, record, everything = await asyncio.to_thread(read)
    assert (identify.repositoryName, identify.deletedRecord) == ("figshare", "transient")
    assert formats == {"oai_dc", "oai_datacite", "rdf", "cerif", "qdc", "mets", "uketd_dc"}
    assert record.metadata["identifier"] == ["10.6084/m9.figshare.5616445.v2"]
    assert record.metadata["creator"][0] == "Ada Thornbury (2041117)"
    assert set(everything.values()) == {7}


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"metadataPrefix": "marc"}, CannotDisseminateFormat),
        ({"metadataPrefix": "oai_dc", "set": "portal_9"}, NoRecordsMatch),
        ({"metadataPrefix": "oai_dc", "from": "tomorrow"}, BadArgument),
        ({"metadataPrefix": "oai_dc", "from": "2024-01-01", "until": "2024-01-02T00:00:00Z"}, BadArgument),
        ({}, BadArgument),
        ({"resumptionToken": "bm9uc2Vuc2U="}, BadResumptionToken),
    ],
)
async def test_sickle_meets_the_errors_of_the_protocol(standin, arguments, error):
    with pytest.raises(error):
        await asyncio.to_thread(lambda: list(Sickle(standin.base + "/v2/oai").ListRecords(**arguments)))


async def test_an_unknown_identifier_or_verb_is_an_error_with_status_200(standin):
    def read() -> None:
        Sickle(standin.base + "/v2/oai").GetRecord(
            metadataPrefix="oai_dc", identifier="oai:figshare.com:article/99"
        )

    with pytest.raises(IdDoesNotExist):
        await asyncio.to_thread(read)
    answer = await standin.get("/v2/oai?verb=Steal")
    assert answer.status == 200
    assert b'<error code="badVerb">' in answer.body


async def identifiers(standin: Standin, query: str) -> set[int]:
    answer = await standin.get(f"/v2/oai?verb=ListIdentifiers&metadataPrefix=oai_dc&{query}")
    return {int(i.text.rpartition("/")[2]) for i in etree.fromstring(answer.body).iter(f"{OAI}identifier")}


async def test_from_and_until_include_both_ends_at_both_granularities(standin):
    # 21004518 was published on 2022-09-01 at 06:00:00
    assert await identifiers(standin, "from=2022-09-01&until=2022-09-01") == {21004518}
    assert await identifiers(standin, "from=2022-09-01T06:00:00Z&until=2022-09-01T06:00:00Z") == {21004518}
    assert await identifiers(standin, "from=2022-09-01T06:00:01Z&until=2022-09-01T23:00:00Z") == set()
    assert await identifiers(standin, "set=month_year_09_2022") == {21004518}


async def test_a_resumption_token_expires_after_an_hour(standin):
    clock = [NOW]
    app = figshare(now=lambda: clock[0])
    async with serve(app) as base:
        other = Standin(app, base)
        page = await other.get("/v2/oai?verb=ListRecords&metadataPrefix=oai_dc")
        token = etree.fromstring(page.body).find(f".//{OAI}resumptionToken")
        assert token.get("expirationDate") == "2026-11-23T13:00:00Z"
        again = f"/v2/oai?verb=ListRecords&resumptionToken={token.text}"
        assert b"badResumptionToken" not in (await other.get(again)).body
        clock[0] += timedelta(minutes=61)
        assert b"badResumptionToken" in (await other.get(again)).body


async def test_html_in_titles_arrives_escaped_twice(standin):
    path = "/v2/oai?verb=GetRecord&metadataPrefix=oai_dc&identifier=oai:figshare.com:article/"
    body = (await standin.get(path + "24335170")).body
    assert body.startswith(b"<?xml version='1.0' encoding='utf-8'?>\n<?xml-stylesheet")
    assert b"a review &amp;amp; outlook" in body
    assert b"&lt;em&gt;Rana temporaria" in (await standin.get(path + "9784012")).body


async def test_resync_walks_from_the_source_to_every_resource_and_change(standin):
    def walk() -> dict[str, tuple[int, list[str]]]:
        source = SourceDescription()
        source.read(standin.base + "/.well-known/resourcesync")
        found = {}
        for entry in source.resources:
            capabilities = CapabilityList()
            capabilities.read(entry.uri)
            resources = ResourceList()
            resources.read(capabilities.capability_info("resourcelist").uri)
            changes = ChangeList()
            changes.read(capabilities.capability_info("changelist").uri)
            portal = entry.uri.split("/")[-2]
            found[portal] = (len(resources.resources), [change.change for change in changes.resources])
        return found

    found = await asyncio.to_thread(walk)
    assert found["latrobe"] == (3, ["created"] * 3)
    assert found["lboro"] == (6, ["created"] * 5 + ["updated", "created", "deleted"])


async def test_a_long_resource_list_is_an_index_of_parts(standin):
    index = etree.fromstring((await standin.get("/figshareresourcesync/lboro/resourcelist.xml")).body)
    assert etree.QName(index).localname == "sitemapindex"
    plain = etree.fromstring((await standin.get("/figshareresourcesync/latrobe/resourcelist.xml")).body)
    assert etree.QName(plain).localname == "urlset"
    assert (await standin.get("/figshareresourcesync/lboro/cresourcelist-2.xml")).status == 404


async def test_a_fault_happens_as_often_as_it_was_told_to(standin):
    fault = standin.faults.add("/v2/articles/5616445", status=503, times=2)
    statuses = [(await standin.get("/v2/articles/5616445")).status for _ in range(3)]
    assert (statuses, fault.happened) == ([503, 503, 200], 2)
    assert (await standin.get("/v2/articles/9784012")).status == 200


async def test_a_lasting_fault_ends_when_it_is_removed(standin):
    fault = standin.faults.add("/stats", status=500, times=None, method="GET")
    assert (await standin.get("/stats/total/article/1")).status == 500
    standin.faults.remove(fault)
    assert (await standin.get("/stats/total/article/1")).status == 200


async def test_the_firewall_answers_as_recorded(standin):
    standin.faults.add(kind="blocked")
    blocked = await standin.get("/v2/articles/5616445")
    assert (blocked.status, b"<h1>403 Forbidden</h1>" in blocked.body) == (403, True)
    standin.faults.add(kind="challenge")
    challenge = await standin.get("/v2/articles/5616445")
    assert (challenge.status, challenge.body) == (202, b"")
    assert challenge.headers["x-amzn-waf-action"] == "challenge"
    standin.faults.add(kind="throttled", retry_after=7)
    throttled = await standin.get("/v2/articles/5616445")
    assert (throttled.status, throttled.headers["retry-after"]) == (429, "7")


async def test_a_delay_holds_the_answer_back_and_lets_it_through(standin):
    standin.faults.add("/v2/articles/5616445", delay=0.05)
    started = asyncio.get_running_loop().time()
    assert (await standin.get("/v2/articles/5616445")).json["id"] == 5616445
    assert asyncio.get_running_loop().time() - started >= 0.05


async def test_connections_break_before_and_in_the_middle_of_an_answer(standin, caplog):
    standin.faults.add(kind="reset")
    with pytest.raises((ConnectionError, urllib.error.URLError)):
        await standin.get("/v2/articles/5616445")
    standin.faults.add(kind="cut")
    with pytest.raises(http.client.IncompleteRead):
        await standin.get("/v2/articles/5616445")
    standin.faults.add(kind="huge", size=300_000)
    assert len((await standin.get("/v2/articles/5616445")).body) == 300_000
    assert [record for record in caplog.records if record.levelname == "ERROR"] == []


async def test_the_stand_in_remembers_what_it_was_asked(standin):
    await standin.get("/v2/articles/5616445?x=1")
    assert standin.app.state.requests == [("GET", "/v2/articles/5616445?x=1")]


async def test_serving_starts_and_stops_at_once_and_leaves_nothing_behind():
    app = figshare(now=lambda: NOW)
    loop = asyncio.get_running_loop()
    before = len(asyncio.all_tasks())
    started = loop.time()
    async with serve(app) as base:
        assert loop.time() - started < 0.5
        assert base.startswith("http://127.0.0.1:")
    assert loop.time() - started < 1
    assert len(asyncio.all_tasks()) == before


async def test_a_request_that_hangs_is_cut_when_serving_ends(caplog):
    app = figshare(now=lambda: NOW)
    app.state.faults.add(delay=30)
    async with serve(app, patience=0.02) as base:
        host, _, port = base.removeprefix("http://").partition(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(f"GET /v2/articles HTTP/1.1\r\nHost: {host}:{port}\r\n\r\n".encode())
        await writer.drain()
        while not app.state.requests:  # noqa: ASYNC110
            await asyncio.sleep(0.001)
    assert await reader.read() == b""
    writer.close()
    assert [record for record in caplog.records if record.levelname == "ERROR"] == []


def test_the_catalogue_says_it_is_sample_data_and_no_id_looks_like_a_year():
    seed = json.loads(SEED.read_text(encoding="utf-8"))
    assert seed["note"].startswith("Sample data")
    ids = [
        row["id"] for part in ("items", "collections", "projects", "authors", "groups") for row in seed[part]
    ]
    assert len(ids) == len(set(ids))
    assert not [number for number in ids if 1990 <= number <= 2099]
    assert len(seed["items"]) >= 40
