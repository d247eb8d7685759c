"""The emulated Figshare answers as the real one does, also to clients of other authors."""

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

from bot.emulators.figshare import figshare_emulator
from bot.emulators.figshare.library import SEED
from bot.emulators.server import serve

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
RECORDED = Path(__file__).resolve().parents[2] / ".." / "shared" / "figshare" / "responses"
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


class Emulator:
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
async def emulator() -> AsyncIterator[Emulator]:
    app = figshare_emulator(now=lambda: NOW)
    async with serve(app) as base:
        yield Emulator(app, base)


def recorded(name: str) -> Any:
    path = RECORDED / name
    if not path.exists():
        pytest.skip("the recorded answers are not here")
    return json.loads(path.read_text(encoding="utf-8"))


async def test_workshop_item_has_the_second_version(emulator):
    item = (await emulator.get("/v2/articles/5616445")).json
    assert item["title"] == "Using APIs to customise repositories and engage audiences"
    assert item["doi"] == "10.6084/m9.figshare.5616445.v2"
    assert item["url_public_html"] == (
        "https://figshare.com/articles/presentation/"
        "Using_APIs_to_customise_repositories_and_engage_audiences/5616445"
    )
    assert (item["defined_type"], item["version"]) == (7, 2)
    assert "Sample data" in item["description"]


async def test_older_version_has_its_own_doi_and_date(emulator):
    versions = (await emulator.get("/v2/articles/5616445/versions")).json
    assert [row["version"] for row in versions] == [1, 2]
    first = (await emulator.get("/v2/articles/5616445/versions/1")).json
    assert first["doi"] == "10.6084/m9.figshare.5616445.v1"
    assert first["published_date"] < (await emulator.get("/v2/articles/5616445")).json["published_date"]
    assert (await emulator.get("/v2/articles/5616445/versions/3")).status == 404


async def test_article_has_the_keys_of_a_recorded_one_in_order(emulator):
    article = (await emulator.get("/v2/articles/5616445")).json
    assert list(article) == list(recorded("articles/14763051.json"))
    row = (await emulator.get("/v2/articles?doi=10.6084/m9.figshare.5616445.v2")).json[0]
    assert list(row) == list(recorded("articles_list/14763051.by-doi.json")[0])
    for part in ("files", "authors", "categories"):
        assert list(article[part][0]) == list(recorded("articles/14763051.json")[part][0])
    assert list((await emulator.get("/v2/projects/113166")).json) == list(
        recorded("projects/113166.partial.json")
    )


async def test_blanks_of_row_and_detail_differ_as_recorded(emulator):
    row = (await emulator.get("/v2/articles?doi=10.6084/m9.figshare.5616445.v2")).json[0]
    detail = (await emulator.get("/v2/articles/5616445")).json
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
async def test_list_with_an_identifier_has_the_item(emulator, question, number):
    assert [row["id"] for row in (await emulator.get(f"/v2/articles?{question}")).json] == [number]


async def test_list_with_filters_has_only_matching_items(emulator):
    async def ids(question: str) -> set[int]:
        return {row["id"] for row in (await emulator.get(f"/v2/articles?page_size=100&{question}")).json}

    assert await ids("item_type=7") == {5616445}
    assert await ids("group=29006") == {13649001, 24880017}
    assert await ids("institution=234") == {13649001, 24880017, 26550107}
    assert 26550001 in await ids("published_since=2026-11-20")
    assert 5616445 not in await ids("published_since=2026-11-20")
    assert await ids("search_for=nonsense") == await ids("")


async def test_files_without_page_size_come_in_pages_of_ten(emulator):
    article = (await emulator.get("/v2/articles/17125063")).json
    assert len(article["files"]) == 10
    assert len((await emulator.get("/v2/articles/17125063/files")).json) == 10
    assert len((await emulator.get("/v2/articles/17125063/files?page=3")).json) == 5
    assert len((await emulator.get("/v2/articles/19438250/files?page_size=1000&page=2")).json) == 143


async def test_odd_items_have_their_oddities(emulator):
    async def item(number: int) -> Any:
        return (await emulator.get(f"/v2/articles/{number}")).json

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


async def test_collections_and_projects_list_their_articles(emulator):
    collection = (await emulator.get("/v2/collections/4000001")).json
    assert (collection["doi"], collection["articles_count"]) == ("10.6084/m9.figshare.c.4000001.v2", 11)
    assert len((await emulator.get("/v2/collections/4000001/articles?page=2")).json) == 1
    assert len((await emulator.get("/v2/projects/113166/articles")).json) == 4
    assert [
        row["id"] for row in (await emulator.post("/v2/projects/search", {"search_for": "tides"})).json
    ] == [131402]
    assert [row["id"] for row in (await emulator.get("/v2/collections?institution=2")).json] == [5120334]


async def test_licences_and_categories_are_listed(emulator):
    licences = (await emulator.get("/v2/licenses")).json
    assert licences[0] == {
        "value": 1,
        "name": "CC BY 4.0",
        "url": "https://creativecommons.org/licenses/by/4.0/",
    }
    assert {row["name"] for row in licences} == {
        row["name"] for row in recorded("licenses/licenses-2026-09-01.partial.json")
    }
    assert "has_children" in (await emulator.get("/v2/categories")).json[0]


async def test_search_with_nine_results_has_two_pages_of_five(emulator):
    asked = {
        "search_for": ":title: frog",
        "page_size": 5,
        "order": "published_date",
        "order_direction": "desc",
    }
    first = await emulator.post("/v2/articles/search", asked)
    second = await emulator.post("/v2/articles/search", {**asked, "page": 2})
    assert (len(first.json), len(second.json)) == (5, 4)
    assert (
        first.json[0]["published_date"] > first.json[-1]["published_date"] > second.json[-1]["published_date"]
    )
    assert next(iter(first.json[0])) == "project_id"


async def test_search_with_parameters_in_the_query_string_works(emulator):
    found = await emulator.post("/v2/articles/search?search_for=:title:%20frog&page_size=100")
    assert {row["id"] for row in found.json} == await emulator.find(":title: frog")
    assert len((await emulator.post("/v2/articles/search")).json) == 10


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
async def test_search_grammar_means_what_the_user_guide_says(emulator, words, found):
    assert await emulator.find(words) == found


async def test_search_by_orcid_finds_the_works_of_the_author(emulator):
    item = (await emulator.get("/v2/articles/9784012")).json
    orcid = next(author["orcid_id"] for author in item["authors"] if author["orcid_id"])
    assert 9784012 in await emulator.find(f":orcid: {orcid}")


async def test_search_with_an_open_bracket_is_refused(emulator):
    answer = await emulator.post("/v2/articles/search", {"search_for": "(frog"})
    assert (answer.status, answer.json["code"]) == (400, "BadRequest")


async def test_list_ordered_by_views_has_most_viewed_first(emulator):
    rows = (await emulator.get("/v2/articles?order=views&page_size=3")).json
    views = [(await emulator.get(f"/stats/total/views/article/{row['id']}")).json["totals"] for row in rows]
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
        ("/stats/total/hugs/article/215", 400, "stats-400-invalid-counter.json"),
        ("/stats/lboro/top/views/article", 403, "stats-403.json"),
    ],
)
async def test_refusal_has_the_recorded_body(emulator, path, status, body):
    answer = await emulator.get(path)
    assert (answer.status, answer.json) == (status, recorded(f"errors/{body}"))


async def test_wrong_method_or_path_is_answered_with_html(emulator):
    for answer in (await emulator.post("/v2/articles"), await emulator.get("/v2/nothing/here")):
        assert answer.status == 404
        assert answer.headers["content-type"].startswith("text/html")
    assert b"predicate mismatch" in (await emulator.post("/v2/articles")).body


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
async def test_odd_request_is_no_server_error(emulator, path):
    assert (await emulator.get(path)).status < 500


@pytest.mark.parametrize(
    "words", ["(" * 5000, "NOT " * 5000, '"', ":title:", ":published_after: soon", "AND", {}, 7]
)
async def test_odd_search_is_no_server_error(emulator, words):
    assert (await emulator.post("/v2/articles/search", {"search_for": words})).status in {200, 400}


@pytest.mark.parametrize("question", ["page_size=1001", "page=x", "page=0"])
async def test_wrong_paging_is_unprocessable(emulator, question):
    assert (await emulator.get(f"/v2/articles?{question}")).status == 422


async def test_withdrawn_article_has_an_empty_list_of_versions(emulator):
    assert (await emulator.get("/v2/articles/9900123/versions")).json == []


async def timeline(
    emulator: Emulator, by: str, counter: str, who: str, start: date, end: date
) -> dict[str, int]:
    path = f"/stats/timeline/{by}/{counter}/{who}?start_date={start}&end_date={end}"
    return (await emulator.get(path)).json["timeline"]


async def test_total_is_the_sum_of_the_timeline(emulator):
    total = (await emulator.get("/stats/total/views/article/5616445")).json["totals"]
    by_year: dict[str, int] = {}
    for year in (2012, 2017, 2022):
        by_year |= await timeline(
            emulator, "year", "views", "article/5616445", date(year, 1, 1), date(year + 4, 12, 31)
        )
    assert total == sum(by_year.values()) > 1000
    assert min(by_year) == "2017"
    by_month = await timeline(
        emulator, "month", "views", "article/5616445", date(2025, 1, 1), date(2025, 12, 31)
    )
    assert sum(by_month.values()) == by_year["2025"]
    assert list(by_month) != sorted(by_month)
    assert (await emulator.get("/stats/total/article/5616445")).json["views"] == total


async def test_breakdown_adds_up_to_the_timeline(emulator):
    window = (date(2026, 10, 1), date(2026, 10, 31))
    days = await timeline(emulator, "day", "views", "article/20291007", *window)
    path = f"/stats/breakdown/total/views/article/20291007?start_date={window[0]}&end_date={window[1]}"
    countries = (await emulator.get(path)).json["breakdown"]["total"]
    assert sum(cities["total"] for cities in countries.values()) == sum(days.values())
    assert all(len(cities) <= 11 for cities in countries.values())
    assert all(sum(cities.values()) <= 2 * cities["total"] for cities in countries.values())


async def test_ranking_agrees_with_the_totals(emulator):
    top = (await emulator.get("/stats/top/views/article?count=5")).json["top"]
    assert len(top) == 5
    for number, views in top.items():
        assert (await emulator.get(f"/stats/total/views/article/{number}")).json == {"totals": views}


async def test_author_and_group_count_what_their_items_count(emulator):
    group = (await emulator.get("/stats/total/views/group/29006")).json["totals"]
    items = [
        (await emulator.get(f"/stats/total/views/article/{n}")).json["totals"] for n in (13649001, 24880017)
    ]
    assert group == sum(items) > 0
    author = (await emulator.get("/v2/articles/12930417")).json["authors"][0]["id"]
    assert (await emulator.get(f"/stats/total/views/author/{author}")).json["totals"] > 0


async def test_group_has_the_items_of_the_groups_below_it(emulator):
    groups = {"groups": [{"id": 29006}, {"id": 29001}, {"id": 99}]}
    counted = (await emulator.post("/stats/count/articles", groups)).json
    assert counted == {"29006": 2, "29001": 3, "99": 0}
    assert (await emulator.post("/stats/count/articles", {"groups": 5})).status == 400


async def test_unknown_subject_counts_zero(emulator):
    assert (await emulator.get("/stats/total/views/article/99")).json == {"totals": 0}
    assert (await emulator.get("/stats/timeline/day/views/author/99")).json == {"timeline": {}}


async def test_timeline_without_dates_has_only_the_current_month(emulator):
    timeline = (await emulator.get("/stats/timeline/month/views/article/20291007")).json["timeline"]
    assert list(timeline) == ["2026-11"]


async def test_range_too_long_is_clamped_silently(emulator):
    days = await timeline(emulator, "day", "views", "article/20291007", date(2023, 1, 1), date(2026, 1, 1))
    assert max(days) == "2023-12-31"
    months = await timeline(
        emulator, "month", "views", "article/20291007", date(2023, 1, 1), date(2026, 1, 1)
    )
    assert max(months) == "2024-12"


async def test_statistics_of_a_portal_require_the_password(emulator):
    secret = base64.b64encode(b"lboro:sample-lboro").decode()
    signed_in = {"Authorization": f"Basic {secret}"}
    top = (await emulator.get("/stats/lboro/top/views/article", signed_in)).json["top"]
    assert set(top) == {"12345678", "12674225", "10158001", "18112046", "25993410", "26550433"}
    assert (await emulator.get("/stats/latrobe/top/views/article", signed_in)).status == 403
    assert (await emulator.get("/stats/lboro/total/article/12345678")).json["views"] > 0
    assert (await emulator.get("/stats/nowhere/total/views/article/1")).status == 404


async def test_path_without_an_id_is_refused_as_figshare_spells(emulator):
    answer = await emulator.get("/stats/total/views/article")
    assert answer.status == 400
    assert b"Unknown or usupported item type" in answer.body


async def test_counts_end_today_and_are_the_same_tomorrow(emulator):
    end = NOW.date()
    days = await timeline(emulator, "day", "views", "article/20291007", end - timedelta(days=30), end)
    later = figshare_emulator(now=lambda: NOW + timedelta(days=1))
    async with serve(later) as base:
        again = await timeline(
            Emulator(later, base), "day", "views", "article/20291007", end - timedelta(days=30), end
        )
    assert days == again
    assert max(days) <= str(end)


async def test_sickle_harvests_every_record_over_several_pages(emulator):
    def harvest() -> tuple[list[Any], list[Any]]:
        sickle = Sickle(emulator.base + "/v2/oai")
        return list(sickle.ListRecords(metadataPrefix="oai_dc")), list(sickle.ListSets())

    records, sets = await asyncio.to_thread(harvest)
    assert len(records) == 43
    assert {r.header.identifier.rpartition("/")[2] for r in records if r.deleted} == {"9900123", "24001177"}
    chain = [
        path for _, path in emulator.app.state.requests if "resumptionToken" in path and "ListRecords" in path
    ]
    assert len(chain) == 4
    assert [s.setSpec for s in sets[:3]] == ["item_type_1", "item_type_2", "item_type_3"]
    assert len(sets) > 30


async def test_sickle_reads_identify_formats_and_one_record(emulator):
    def read() -> Any:
        sickle = Sickle(emulator.base + "/v2/oai")
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
async def test_sickle_with_wrong_arguments_gets_protocol_errors(emulator, arguments, error):
    with pytest.raises(error):
        await asyncio.to_thread(lambda: list(Sickle(emulator.base + "/v2/oai").ListRecords(**arguments)))


async def test_unknown_identifier_or_verb_is_an_error_with_status_200(emulator):
    def read() -> None:
        Sickle(emulator.base + "/v2/oai").GetRecord(
            metadataPrefix="oai_dc", identifier="oai:figshare.com:article/99"
        )

    with pytest.raises(IdDoesNotExist):
        await asyncio.to_thread(read)
    answer = await emulator.get("/v2/oai?verb=Steal")
    assert answer.status == 200
    assert b'<error code="badVerb">' in answer.body


async def identifiers(emulator: Emulator, query: str) -> set[int]:
    answer = await emulator.get(f"/v2/oai?verb=ListIdentifiers&metadataPrefix=oai_dc&{query}")
    return {int(i.text.rpartition("/")[2]) for i in etree.fromstring(answer.body).iter(f"{OAI}identifier")}


async def test_from_and_until_include_both_ends(emulator):
    # 21004518 was published on 2022-09-01 at 06:00:00
    assert await identifiers(emulator, "from=2022-09-01&until=2022-09-01") == {21004518}
    assert await identifiers(emulator, "from=2022-09-01T06:00:00Z&until=2022-09-01T06:00:00Z") == {21004518}
    assert await identifiers(emulator, "from=2022-09-01T06:00:01Z&until=2022-09-01T23:00:00Z") == set()
    assert await identifiers(emulator, "set=month_year_09_2022") == {21004518}


async def test_resumption_token_after_an_hour_is_expired(emulator):
    clock = [NOW]
    app = figshare_emulator(now=lambda: clock[0])
    async with serve(app) as base:
        other = Emulator(app, base)
        page = await other.get("/v2/oai?verb=ListRecords&metadataPrefix=oai_dc")
        token = etree.fromstring(page.body).find(f".//{OAI}resumptionToken")
        assert token.get("expirationDate") == "2026-11-23T13:00:00Z"
        again = f"/v2/oai?verb=ListRecords&resumptionToken={token.text}"
        assert b"badResumptionToken" not in (await other.get(again)).body
        clock[0] += timedelta(minutes=61)
        assert b"badResumptionToken" in (await other.get(again)).body


async def test_html_in_titles_is_escaped_twice(emulator):
    path = "/v2/oai?verb=GetRecord&metadataPrefix=oai_dc&identifier=oai:figshare.com:article/"
    body = (await emulator.get(path + "24335170")).body
    assert body.startswith(b"<?xml version='1.0' encoding='utf-8'?>\n<?xml-stylesheet")
    assert b"a review &amp;amp; outlook" in body
    assert b"&lt;em&gt;Rana temporaria" in (await emulator.get(path + "9784012")).body


async def test_resync_finds_every_resource_and_change(emulator):
    def walk() -> dict[str, tuple[int, list[str]]]:
        source = SourceDescription()
        source.read(emulator.base + "/.well-known/resourcesync")
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


async def test_long_resource_list_is_an_index_of_parts(emulator):
    index = etree.fromstring((await emulator.get("/figshareresourcesync/lboro/resourcelist.xml")).body)
    assert etree.QName(index).localname == "sitemapindex"
    plain = etree.fromstring((await emulator.get("/figshareresourcesync/latrobe/resourcelist.xml")).body)
    assert etree.QName(plain).localname == "urlset"
    assert (await emulator.get("/figshareresourcesync/lboro/cresourcelist-2.xml")).status == 404


async def test_fault_with_times_happens_that_often(emulator):
    fault = emulator.faults.add("/v2/articles/5616445", status=503, times=2)
    statuses = [(await emulator.get("/v2/articles/5616445")).status for _ in range(3)]
    assert (statuses, fault.happened) == ([503, 503, 200], 2)
    assert (await emulator.get("/v2/articles/9784012")).status == 200


async def test_lasting_fault_removed_ends(emulator):
    fault = emulator.faults.add("/stats", status=500, times=None, method="GET")
    assert (await emulator.get("/stats/total/article/1")).status == 500
    emulator.faults.remove(fault)
    assert (await emulator.get("/stats/total/article/1")).status == 200


async def test_firewall_answers_as_recorded(emulator):
    emulator.faults.add(kind="blocked")
    blocked = await emulator.get("/v2/articles/5616445")
    assert (blocked.status, b"<h1>403 Forbidden</h1>" in blocked.body) == (403, True)
    emulator.faults.add(kind="challenge")
    challenge = await emulator.get("/v2/articles/5616445")
    assert (challenge.status, challenge.body) == (202, b"")
    assert challenge.headers["x-amzn-waf-action"] == "challenge"
    emulator.faults.add(kind="throttled", retry_after=7)
    throttled = await emulator.get("/v2/articles/5616445")
    assert (throttled.status, throttled.headers["retry-after"]) == (429, "7")


async def test_answer_with_a_delay_comes_later(emulator):
    emulator.faults.add("/v2/articles/5616445", delay=0.05)
    started = asyncio.get_running_loop().time()
    assert (await emulator.get("/v2/articles/5616445")).json["id"] == 5616445
    assert asyncio.get_running_loop().time() - started >= 0.05


async def test_connection_faults_break_the_answer(emulator, caplog):
    emulator.faults.add(kind="reset")
    with pytest.raises((ConnectionError, urllib.error.URLError)):
        await emulator.get("/v2/articles/5616445")
    emulator.faults.add(kind="cut")
    with pytest.raises(http.client.IncompleteRead):
        await emulator.get("/v2/articles/5616445")
    emulator.faults.add(kind="huge", size=300_000)
    assert len((await emulator.get("/v2/articles/5616445")).body) == 300_000
    assert [record for record in caplog.records if record.levelname == "ERROR"] == []


async def test_requests_are_recorded_with_method_and_query(emulator):
    await emulator.get("/v2/articles/5616445?x=1")
    assert emulator.app.state.requests == [("GET", "/v2/articles/5616445?x=1")]


async def test_server_starts_and_stops_at_once():
    app = figshare_emulator(now=lambda: NOW)
    loop = asyncio.get_running_loop()
    before = len(asyncio.all_tasks())
    started = loop.time()
    async with serve(app) as base:
        assert loop.time() - started < 0.5
        assert base.startswith("http://127.0.0.1:")
    assert loop.time() - started < 1
    assert len(asyncio.all_tasks()) == before


async def test_request_that_hangs_is_cut_when_the_server_ends(caplog):
    app = figshare_emulator(now=lambda: NOW)
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


def test_catalogue_is_sample_data_without_ids_like_years():
    seed = json.loads(SEED.read_text(encoding="utf-8"))
    assert seed["note"].startswith("Sample data")
    ids = [
        row["id"] for part in ("items", "collections", "projects", "authors", "groups") for row in seed[part]
    ]
    assert len(ids) == len(set(ids))
    assert not [number for number in ids if 1990 <= number <= 2099]
    assert len(seed["items"]) >= 40
