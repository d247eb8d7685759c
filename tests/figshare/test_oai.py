"""The OAI-PMH client reads what Figshare has sent, and finds the newest records in any order."""

import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta
from urllib.parse import parse_qsl

import pytest

from bot.emulators.figshare import figshare_emulator
from bot.emulators.server import serve
from bot.figshare.client import Transport, open_connections
from bot.figshare.errors import BlockedByFirewall, InvalidResponse, OaiError
from bot.figshare.oai import MAX_PAGES, Oai
from bot.upstream.cache import Cache
from bot.upstream.rate_limiter import LocalRateLimit, RateLimiter
from tests.support.bot_client import library
from tests.support.paths import SHARED

RECORDED = SHARED / "figshare" / "responses" / "oai"
NOW = datetime(2026, 11, 23, 15, 4, 5, tzinfo=UTC)


@asynccontextmanager
async def serving(app, **options) -> AsyncIterator[Oai]:
    """Serve an app and yield a client of it, over the real transport and cache."""
    async with serve(app) as base, open_connections(5, "test") as http:
        limiter = RateLimiter(LocalRateLimit(1_000, 1_000, time.monotonic), clock=time.monotonic)
        cache = Cache(time.monotonic)
        yield Oai(Transport(http, cache, limiter), f"{base}/v2/oai", now=lambda: NOW, **options)
        await cache.close()


@pytest.fixture
def emulator():
    return figshare_emulator(library(NOW.date()), now=lambda: NOW)


@pytest.fixture
async def oai(emulator):
    async with serving(emulator) as client:
        yield client


class Scripted:
    """Answers each OAI-PMH request with what a function makes of its arguments, and records them."""

    def __init__(self, answer: Callable[[dict[str, str]], str]) -> None:
        self.answer, self.requests = answer, []

    async def __call__(self, scope, receive, send):
        if scope["type"] == "lifespan":
            return
        arguments = dict(parse_qsl(scope["query_string"].decode()))
        self.requests.append(arguments)
        body = self.answer(arguments)
        status = 403 if body == "403" else 200
        await send(
            {"type": "http.response.start", "status": status, "headers": [(b"content-type", b"text/xml")]}
        )
        await send({"type": "http.response.body", "body": body.encode()})


def envelope(content: str) -> str:
    return f'<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/">{content}</OAI-PMH>'


def error(code: str) -> str:
    return envelope(f'<error code="{code}">why</error>')


def header(number: int, datestamp: str, *specs: str) -> str:
    sets = "".join(f"<setSpec>{spec}</setSpec>" for spec in specs)
    return (
        f"<header><identifier>oai:figshare.com:article/{number}</identifier>"
        f"<datestamp>{datestamp}</datestamp>{sets}</header>"
    )


class Repository(Scripted):
    """Lists moments as records, ten a page, oldest or newest first."""

    def __init__(self, moments: list[datetime], *, newest_first: bool = False) -> None:
        super().__init__(self.listed)
        self.moments = sorted(moments, reverse=newest_first)

    def listed(self, arguments: dict[str, str]) -> str:
        token = arguments.get("resumptionToken", "")
        first, last, offset = (token or f"{arguments.get('from', '')}|{arguments.get('until', '9')}|0").split(
            "|"
        )
        stamps = [(n, f"{moment:%Y-%m-%dT%H:%M:%SZ}") for n, moment in enumerate(self.moments)]
        rows = [(n, stamp) for n, stamp in stamps if first <= stamp <= last]
        if not rows:
            return error("noRecordsMatch")
        page = rows[int(offset) : int(offset) + 10]
        more = f"{first}|{last}|{int(offset) + 10}" if rows[int(offset) + 10 :] else ""
        records = "".join(f"<record>{header(n, stamp)}<metadata/></record>" for n, stamp in page)
        return envelope(f"<ListRecords>{records}<resumptionToken>{more}</resumptionToken></ListRecords>")


def recorded(name: str) -> str:
    path = RECORDED / name
    if not path.exists():
        pytest.skip("the recorded answers are not here")
    return path.read_text(encoding="utf-8")


async def test_recorded_identify_is_read():
    body = recorded("Identify-docs-2016.xml")
    async with serving(Scripted(lambda _: body)) as oai:
        description = await oai.identify()
    assert description.repository_name == "figshare"
    assert description.base_url == "https://api.figshare.com/v2/oai"
    assert (description.protocol_version, description.deleted_record) == ("2.0", "transient")
    assert description.admin_email == "info@figshare.com"
    assert (description.earliest_datestamp, description.granularity) == (
        "2010-01-08T01:24:54Z",
        "YYYY-MM-DDThh:mm:ssZ",
    )


async def test_incomplete_identify_is_read():
    body = envelope(f"<Identify>{recorded('Identify-2026-09.fragment.xml')}</Identify>")
    async with serving(Scripted(lambda _: body)) as oai:
        description = await oai.identify()
    assert (description.earliest_datestamp, description.admin_email) == ("1800-01-01T00:00:00Z", "")


async def test_recorded_records_are_read():
    body = recorded("ListRecords-docs-2016.xml")
    async with serving(Scripted(lambda _: body)) as oai:
        results = await oai.records(until=date(2010, 8, 18), limit=5)
    assert results.is_complete
    [record] = results.records
    assert record.header.identifier == oai.identifier(145088) == "oai:figshare.com:article/145088"
    assert record.header.article_id == 145088
    assert record.header.datestamp == datetime(2010, 1, 8, 1, 24, 54, tzinfo=UTC)
    assert record.header.set_specs == ("category_4", "category_12", "portal_5", "item_type_3")
    assert record.dublin_core.title.endswith("α-Proteobacterium <em>Caulobacter crescentus</em>")
    assert record.dublin_core.creator[:2] == ("Anthony W. Purcell", "Trevor Lithgow")
    assert record.dublin_core.subject[-1] == "membrane"
    assert record.dublin_core.description.startswith("<div><p>Mitochondria are")
    assert (record.dublin_core.type, record.dublin_core.rights) == ("Dataset", "CC BY")
    assert record.dublin_core.identifier == "10.1371/journal.pone.0008619"
    assert record.dublin_core.date == datetime(2010, 1, 8, 1, 24, 48, tzinfo=UTC)


async def test_recorded_rdf_is_indented_xml():
    body = recorded("GetRecord-rdf-539255.xml")
    app = Scripted(lambda _: body)
    async with serving(app) as oai:
        record = await oai.record(oai.identifier(539255), "rdf")
    assert record.dublin_core is None
    assert record.xml.startswith("<rdf:RDF ")
    assert "\n  <bibo:Image " in record.xml
    assert "OAI-PMH" not in record.xml and "xmlns:vcard" not in record.xml
    assert app.requests == [
        {"verb": "GetRecord", "identifier": "oai:figshare.com:article/539255", "metadataPrefix": "rdf"}
    ]


async def test_recorded_headers_are_read():
    body = recorded("ListIdentifiers-docs-2016.xml")
    async with serving(Scripted(lambda _: body)) as oai:
        results = await oai.headers(set_spec="category_539", limit=10)
    assert [row.article_id for row in results.headers] == [2060079]
    assert results.is_complete


async def test_recorded_sets_are_followed_by_their_token():
    first, second = recorded("ListSets-docs-2016.xml"), recorded("ListSets-item-types-2021-08.xml")
    pages = {"dmVyYj1MaXN0U2V0cyZwYWdlPTI=": envelope(second)}
    app = Scripted(lambda arguments: pages.get(arguments.get("resumptionToken", ""), first))
    async with serving(app) as oai:
        results = await oai.sets(100)
    assert [row.set_name for row in results.sets[:3]] == ["Karger Publishers", "Digital Science", "Wiley"]
    assert results.sets[-1].set_spec == "item_type_30"
    assert len(results.sets) == 31 and results.is_complete


async def test_emulator_answers_every_verb(oai):
    assert (await oai.identify()).repository_name == "figshare"
    assert "oai_datacite" in [row.metadata_prefix for row in await oai.formats()]
    assert len(await oai.formats(oai.identifier(5616445))) == 7
    item = await oai.record(oai.identifier(5616445))
    assert item.dublin_core.title == "Using APIs to customise repositories and engage audiences"
    assert item.dublin_core.relation.startswith("https://figshare.com/articles/presentation/")
    datacite = (await oai.record(oai.identifier(5616445), "oai_datacite")).xml
    assert "10.6084/m9.figshare.5616445" in datacite
    all_results = await oai.sets(1_000)
    assert all_results.is_complete
    assert {"item_type_3", "portal_2"} <= {row.set_spec for row in all_results.sets}
    assert len((await oai.headers(limit=15)).headers) == 15


async def test_limit_ends_a_list_as_incomplete(oai, emulator):
    results = await oai.sets(40)
    assert len(results.sets) == 40 and not results.is_complete
    assert len(emulator.state.requests) == 2


async def test_unknown_record_is_an_oai_error(oai):
    with pytest.raises(OaiError) as raised:
        await oai.record(oai.identifier(1))
    assert raised.value.code == "idDoesNotExist"
    assert raised.value.api == "oai"


async def test_unknown_format_is_an_oai_error(oai):
    with pytest.raises(OaiError) as raised:
        await oai.record(oai.identifier(5616445), "marc")
    assert raised.value.code == "cannotDisseminateFormat"


async def test_no_records_match_is_an_empty_list(oai):
    results = await oai.records(
        set_spec="item_type_30", since=date(2001, 1, 1), until=date(2001, 1, 2), limit=5
    )
    assert results.records == () and results.is_complete


async def test_days_become_their_first_and_last_second(oai, emulator):
    await oai.headers(since=date(2017, 11, 29), until=date(2017, 11, 29), limit=5)
    [(_, path)] = emulator.state.requests
    assert "from=2017-11-29T00%3A00%3A00Z&until=2017-11-29T23%3A59%3A59Z" in path


async def test_withdrawn_record_is_listed_as_deleted(oai, emulator):
    gone = next(iter(emulator.state.library.withdrawn))
    record = await oai.record(oai.identifier(gone))
    assert record.header.is_deleted
    assert record.dublin_core is None and record.xml == ""


async def test_newest_records_come_first_and_once(oai, emulator):
    results = await oai.newest(limit=5)
    library = emulator.state.library
    published = [article.latest for article in library.articles.values()]
    newest = sorted([*published, *(gone.withdrawn_at for gone in library.withdrawn.values())])
    stamps = [record.header.datestamp for record in results.records]
    assert stamps == [moment.replace(microsecond=0) for moment in newest[::-1][:5]]
    assert not results.is_complete


async def test_newest_records_since_a_day_are_complete(oai):
    since = (NOW - timedelta(days=60)).date()
    results = await oai.newest(since=since, limit=100)
    all_results = await oai.records(since=since, limit=100)
    assert results.is_complete
    assert results.complete_since == datetime.combine(since, datetime.min.time(), UTC)
    assert {row.header.identifier for row in results.records} == {
        row.header.identifier for row in all_results.records
    }


async def test_quiet_portal_is_complete_with_the_last_request(oai, emulator):
    results = await oai.newest("portal_2", limit=50)
    assert results.is_complete and results.complete_since is None
    assert all("portal_2" in record.header.set_specs for record in results.records)
    assert len(emulator.state.requests) == MAX_PAGES


async def test_second_set_filters_records_of_the_first(oai, emulator):
    results = await oai.newest("portal_2", limit=5, other_set="item_type_3")
    assert results.records
    assert all({"portal_2", "item_type_3"} <= set(record.header.set_specs) for record in results.records)
    assert all("set=portal_2" in path for _, path in emulator.state.requests)


async def test_windows_do_not_overlap_and_are_shared_by_callers(oai, emulator):
    await oai.newest(limit=5)
    requests = [dict(parse_qsl(path.partition("?")[2])) for _, path in emulator.state.requests]
    assert requests[0]["from"] == "2026-11-23T00:00:00Z" and "until" not in requests[0]
    assert (requests[1]["from"], requests[1]["until"]) == (
        "2026-11-21T00:00:00Z",
        "2026-11-22T23:59:59Z",
    )
    assert (requests[2]["from"], requests[2]["until"]) == (
        "2026-11-17T00:00:00Z",
        "2026-11-20T23:59:59Z",
    )
    before = len(emulator.state.requests)
    await oai.newest(limit=5)
    assert len(emulator.state.requests) == before


@pytest.mark.parametrize("newest_first", [False, True])
@pytest.mark.parametrize("seconds", [7, 60, 900])
async def test_newest_records_of_a_busy_repository_are_found(seconds, newest_first):
    moments = [NOW - timedelta(seconds=seconds * n + 1) for n in range(3 * 86_400 // seconds)]
    app = Repository(moments, newest_first=newest_first)
    async with serving(app) as oai:
        results = await oai.newest(limit=5)
    assert [record.header.datestamp for record in results.records] == moments[:5]
    assert not results.is_complete
    assert len(app.requests) <= MAX_PAGES


async def test_records_of_an_overfull_window_are_left_out():
    app = Repository([NOW - timedelta(seconds=n // 4) for n in range(20_000)])
    async with serving(app) as oai:
        results = await oai.newest(limit=5)
    assert len(app.requests) == MAX_PAGES
    assert results.records == () and not results.is_complete


async def test_records_before_a_failure_are_returned():
    moments = [NOW - timedelta(hours=n) for n in range(1, 4)]
    app = Repository(moments)
    app.answer = lambda arguments: "403" if len(app.requests) > 2 else app.listed(arguments)
    async with serving(app) as oai:
        results = await oai.newest(limit=5)
    assert [record.header.datestamp for record in results.records] == moments
    assert not results.is_complete
    assert results.complete_since == datetime(2026, 11, 21, tzinfo=UTC)


async def test_firewall_at_the_first_request_is_an_error():
    async with serving(Scripted(lambda _: "403")) as oai:
        with pytest.raises(BlockedByFirewall):
            await oai.newest(limit=5)


def expiring(times: int) -> Scripted:
    """Return a list of three pages whose token of the second expires so many times."""
    expired = []

    def answer(arguments):
        token = arguments.get("resumptionToken")
        if token == "2" and len(expired) < times:
            expired.append(token)
            return error("badResumptionToken")
        page = int(token or 1)
        more = str(page + 1) if page < 3 else ""
        rows = header(page, "2026-01-01T00:00:00Z") + header(9, "2026-01-01")
        return envelope(f"<ListIdentifiers>{rows}<resumptionToken>{more}</resumptionToken></ListIdentifiers>")

    return Scripted(answer)


async def test_expired_token_restarts_the_list():
    app = expiring(1)
    async with serving(app) as oai:
        results = await oai.headers(limit=10)
    assert [row.article_id for row in results.headers] == [1, 9, 2, 3]
    assert results.is_complete
    # The first page was requested again, not taken from the cache with its expired token.
    assert [request.get("resumptionToken") for request in app.requests] == [None, "2", None, "2", "3"]


async def test_tokens_that_always_expire_end_the_list_as_incomplete():
    app = expiring(99)
    async with serving(app) as oai:
        results = await oai.headers(limit=10)
    assert [row.article_id for row in results.headers] == [1, 9]
    assert not results.is_complete
    assert len(app.requests) == 4


async def test_endless_list_ends_after_the_maximum_of_pages():
    endless = envelope(
        f"<ListIdentifiers>{header(1, '2026-01-01')}<resumptionToken>x</resumptionToken></ListIdentifiers>"
    )
    app = Scripted(lambda _: endless)
    async with serving(app) as oai:
        results = await oai.headers(limit=10)
    assert [row.article_id for row in results.headers] == [1]
    assert not results.is_complete
    # The same token is the same page, which is in the cache.
    assert len(app.requests) == 2


async def test_sets_are_followed_further_than_records():
    def answer(arguments):
        page = int(arguments.get("resumptionToken", 1))
        more = str(page + 1) if page < 20 else ""
        row = f"<set><setSpec>portal_{page}</setSpec><setName>P</setName></set>"
        return envelope(f"<ListSets>{row}<resumptionToken>{more}</resumptionToken></ListSets>")

    async with serving(Scripted(answer)) as oai:
        results = await oai.sets(1_000)
    assert len(results.sets) == 20 and results.is_complete


async def test_slow_list_ends_at_the_time_limit_as_incomplete(emulator):
    async with serving(emulator, time_limit=0.0) as oai:
        results = await oai.sets(1_000)
    assert len(results.sets) == 30 and not results.is_complete


@pytest.mark.parametrize(
    "body",
    [
        "<html><body>403 Forbidden</body></html>",
        envelope(""),
        envelope("<ListRecords/>"),
        envelope("<GetRecord/>"),
        envelope("<GetRecord><record/></GetRecord>"),
        envelope("<GetRecord><record><header><identifier>x</identifier></header></record></GetRecord>"),
        envelope(f"<GetRecord><record>{header(1, 'soon')}</record></GetRecord>"),
        envelope("<GetRecord>")[:-20],
        "<GetRecord/>",
        "",
    ],
)
async def test_answer_of_another_shape_is_invalid(body):
    async with serving(Scripted(lambda _: body)) as oai:
        with pytest.raises(InvalidResponse):
            await oai.record(oai.identifier(1))


async def test_answer_that_is_too_large_is_invalid(oai, emulator):
    emulator.state.faults.add("/v2/oai", kind="huge", size=3_000_000)
    with pytest.raises(InvalidResponse):
        await oai.identify()


async def test_identifier_of_another_shape_has_no_article():
    body = envelope(
        "<GetRecord><record><header><identifier>oai:x:collection</identifier>"
        "<datestamp>2026-01-01</datestamp></header></record></GetRecord>"
    )
    async with serving(Scripted(lambda _: body)) as oai:
        assert (await oai.record("oai:x:collection")).header.article_id is None
