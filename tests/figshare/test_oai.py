"""The OAI-PMH client reads what Figshare sent, and finds the newest records whatever the order."""

import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta
from urllib.parse import parse_qsl

import pytest

from bot.emulators.figshare import Library, figshare_emulator
from bot.emulators.server import serve
from bot.figshare.client import Transport, connections
from bot.figshare.errors import BlockedByFirewall, InvalidResponse, OaiError
from bot.figshare.oai import PAGES, Oai
from bot.upstream.cache import Cache
from bot.upstream.rate_limiter import LocalRateLimit, RateLimiter
from tests.support.paths import SHARED

RECORDED = SHARED / "figshare" / "responses" / "oai"
NOW = datetime(2026, 11, 23, 15, 4, 5, tzinfo=UTC)


@asynccontextmanager
async def asking(app, **options) -> AsyncIterator[Oai]:
    """Serve an app and give a client of it, over the real transport and cache."""
    async with serve(app) as base, connections(5, "test") as http:
        limiter = RateLimiter(LocalRateLimit(1_000, 1_000, time.monotonic), clock=time.monotonic)
        cache = Cache(time.monotonic)
        yield Oai(Transport(http, cache, limiter), f"{base}/v2/oai", now=lambda: NOW, **options)
        await cache.close()


@pytest.fixture
def emulator():
    return figshare_emulator(Library.load(NOW), now=lambda: NOW)


@pytest.fixture
async def oai(emulator):
    async with asking(emulator) as client:
        yield client


class Scripted:
    """Answers each OAI-PMH request with what a function makes of its arguments, and remembers them."""

    def __init__(self, answer: Callable[[dict[str, str]], str]) -> None:
        self.answer, self.asked = answer, []

    async def __call__(self, scope, receive, send):
        if scope["type"] == "lifespan":
            return
        arguments = dict(parse_qsl(scope["query_string"].decode()))
        self.asked.append(arguments)
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


def header(number: int, at: str, *specs: str) -> str:
    sets = "".join(f"<setSpec>{spec}</setSpec>" for spec in specs)
    return (
        f"<header><identifier>oai:figshare.com:article/{number}</identifier>"
        f"<datestamp>{at}</datestamp>{sets}</header>"
    )


class Repository(Scripted):
    """Lists moments as records, ten a page, oldest or newest first."""

    def __init__(self, moments: list[datetime], *, newest_first: bool = False) -> None:
        super().__init__(self.listed)
        self.moments = sorted(moments, reverse=newest_first)

    def listed(self, arguments: dict[str, str]) -> str:
        token = arguments.get("resumptionToken", "")
        first, last, at = (token or f"{arguments.get('from', '')}|{arguments.get('until', '9')}|0").split("|")
        stamps = [(n, f"{at:%Y-%m-%dT%H:%M:%SZ}") for n, at in enumerate(self.moments)]
        rows = [(n, at) for n, at in stamps if first <= at <= last]
        if not rows:
            return error("noRecordsMatch")
        page = rows[int(at) : int(at) + 10]
        more = f"{first}|{last}|{int(at) + 10}" if rows[int(at) + 10 :] else ""
        records = "".join(f"<record>{header(n, at)}<metadata/></record>" for n, at in page)
        return envelope(f"<ListRecords>{records}<resumptionToken>{more}</resumptionToken></ListRecords>")


def recorded(name: str) -> str:
    path = RECORDED / name
    if not path.exists():
        pytest.skip("the recorded answers are not here")
    return path.read_text(encoding="utf-8")


async def test_the_recorded_identify_is_read():
    body = recorded("Identify-docs-2016.xml")
    async with asking(Scripted(lambda _: body)) as oai:
        found = await oai.identify()
    assert found.repository_name == "figshare"
    assert found.base_url == "https://api.figshare.com/v2/oai"
    assert (found.protocol_version, found.deleted_record) == ("2.0", "transient")
    assert found.admin_email == "info@figshare.com"
    assert (found.earliest_datestamp, found.granularity) == ("2010-01-08T01:24:54Z", "YYYY-MM-DDThh:mm:ssZ")


async def test_incomplete_identify_is_read():
    body = envelope(f"<Identify>{recorded('Identify-2026-09.fragment.xml')}</Identify>")
    async with asking(Scripted(lambda _: body)) as oai:
        found = await oai.identify()
    assert (found.earliest_datestamp, found.admin_email) == ("1800-01-01T00:00:00Z", "")


async def test_the_recorded_records_are_read():
    body = recorded("ListRecords-docs-2016.xml")
    async with asking(Scripted(lambda _: body)) as oai:
        log_records = await oai.records(until=date(2010, 8, 18), limit=5)
    assert log_records.complete
    [record] = log_records.records
    assert record.header.identifier == oai.identifier(145088) == "oai:figshare.com:article/145088"
    assert record.header.article_id == 145088
    assert record.header.datestamp == datetime(2010, 1, 8, 1, 24, 54, tzinfo=UTC)
    assert record.header.set_specs == ("category_4", "category_12", "portal_5", "item_type_3")
    assert record.dc.title.endswith("α-Proteobacterium <em>Caulobacter crescentus</em>")
    assert record.dc.creator[:2] == ("Anthony W. Purcell", "Trevor Lithgow")
    assert record.dc.subject[-1] == "membrane"
    assert record.dc.description.startswith("<div><p>Mitochondria are")
    assert (record.dc.type, record.dc.rights) == ("Dataset", "CC BY")
    assert record.dc.identifier == "10.1371/journal.pone.0008619"
    assert record.dc.date == datetime(2010, 1, 8, 1, 24, 48, tzinfo=UTC)


async def test_the_recorded_rdf_is_given_as_indented_xml():
    body = recorded("GetRecord-rdf-539255.xml")
    app = Scripted(lambda _: body)
    async with asking(app) as oai:
        found = await oai.record(oai.identifier(539255), "rdf")
    assert found.dc is None
    assert found.xml.startswith("<rdf:RDF ")
    assert "\n  <bibo:Image " in found.xml
    assert "OAI-PMH" not in found.xml and "xmlns:vcard" not in found.xml
    assert app.asked == [
        {"verb": "GetRecord", "identifier": "oai:figshare.com:article/539255", "metadataPrefix": "rdf"}
    ]


async def test_the_recorded_headers_are_read():
    body = recorded("ListIdentifiers-docs-2016.xml")
    async with asking(Scripted(lambda _: body)) as oai:
        found = await oai.headers(set_spec="category_539", limit=10)
    assert [one.article_id for one in found.headers] == [2060079]
    assert found.complete


async def test_the_recorded_sets_are_followed_by_their_token():
    first, second = recorded("ListSets-docs-2016.xml"), recorded("ListSets-item-types-2021-08.xml")
    pages = {"dmVyYj1MaXN0U2V0cyZwYWdlPTI=": envelope(second)}
    app = Scripted(lambda arguments: pages.get(arguments.get("resumptionToken", ""), first))
    async with asking(app) as oai:
        found = await oai.sets(100)
    assert [one.set_name for one in found.sets[:3]] == ["Karger Publishers", "Digital Science", "Wiley"]
    assert found.sets[-1].set_spec == "item_type_30"
    assert len(found.sets) == 31 and found.complete


async def test_every_verb_is_answered_by_the_emulator(oai):
    assert (await oai.identify()).repository_name == "figshare"
    assert "oai_datacite" in [one.metadata_prefix for one in await oai.formats()]
    assert len(await oai.formats(oai.identifier(5616445))) == 7
    item = await oai.record(oai.identifier(5616445))
    assert item.dc.title == "Using APIs to customise repositories and engage audiences"
    assert item.dc.relation.startswith("https://figshare.com/articles/presentation/")
    datacite = (await oai.record(oai.identifier(5616445), "oai_datacite")).xml
    assert "10.6084/m9.figshare.5616445" in datacite
    whole = await oai.sets(1_000)
    assert whole.complete
    assert {"item_type_3", "portal_2"} <= {one.set_spec for one in whole.sets}
    assert len((await oai.headers(limit=15)).headers) == 15


async def test_a_limit_ends_a_list_and_says_that_more_is_there(oai, emulator):
    found = await oai.sets(40)
    assert len(found.sets) == 40 and not found.complete
    assert len(emulator.state.requests) == 2


async def test_an_unknown_record_is_an_oai_error_with_its_code(oai):
    with pytest.raises(OaiError) as raised:
        await oai.record(oai.identifier(1))
    assert raised.value.code == "idDoesNotExist"
    assert raised.value.api == "oai"


async def test_an_unknown_format_is_an_oai_error_with_its_code(oai):
    with pytest.raises(OaiError) as raised:
        await oai.record(oai.identifier(5616445), "marc")
    assert raised.value.code == "cannotDisseminateFormat"


async def test_nothing_found_is_an_empty_answer(oai):
    log_records = await oai.records(
        set_spec="item_type_30", since=date(2001, 1, 1), until=date(2001, 1, 2), limit=5
    )
    assert log_records.records == () and log_records.complete


async def test_days_are_taken_whole_and_in_one_granularity(oai, emulator):
    await oai.headers(since=date(2017, 11, 29), until=date(2017, 11, 29), limit=5)
    [(_, asked)] = emulator.state.requests
    assert "from=2017-11-29T00%3A00%3A00Z&until=2017-11-29T23%3A59%3A59Z" in asked


async def test_a_withdrawn_record_is_kept_and_marked(oai, emulator):
    gone = next(iter(emulator.state.library.withdrawn))
    found = await oai.record(oai.identifier(gone))
    assert found.header.deleted
    assert found.dc is None and found.xml == ""


async def test_the_newest_records_come_first_and_once(oai, emulator):
    results = await oai.newest(limit=5)
    library = emulator.state.library
    there = [each.latest for each in library.articles.values()]
    newest = sorted([*there, *(gone.withdrawn_at for gone in library.withdrawn.values())])
    stamps = [record.header.datestamp for record in results.records]
    assert stamps == [at.replace(microsecond=0) for at in newest[::-1][:5]]
    assert not results.complete


async def test_newest_records_since_a_day_are_complete(oai):
    since = (NOW - timedelta(days=60)).date()
    results = await oai.newest(since=since, limit=100)
    whole = await oai.records(since=since, limit=100)
    assert results.complete
    assert results.reached == datetime.combine(since, datetime.min.time(), UTC)
    assert {one.header.identifier for one in results.records} == {
        one.header.identifier for one in whole.records
    }


async def test_a_quiet_portal_is_told_whole_by_the_last_request(oai, emulator):
    results = await oai.newest("portal_2", limit=50)
    assert results.complete and results.reached is None
    assert all("portal_2" in record.header.set_specs for record in results.records)
    assert len(emulator.state.requests) == PAGES


async def test_two_sets_are_asked_as_one_and_filtered_by_the_other(oai, emulator):
    results = await oai.newest("portal_2", limit=5, also="item_type_3")
    assert results.records
    assert all({"portal_2", "item_type_3"} <= set(record.header.set_specs) for record in results.records)
    assert all("set=portal_2" in asked for _, asked in emulator.state.requests)


async def test_the_windows_are_half_open_and_the_same_for_all_who_ask(oai, emulator):
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
    async with asking(app) as oai:
        results = await oai.newest(limit=5)
    assert [record.header.datestamp for record in results.records] == moments[:5]
    assert not results.complete
    assert len(app.asked) <= PAGES


async def test_records_of_an_overfull_window_are_not_called_newest():
    app = Repository([NOW - timedelta(seconds=n // 4) for n in range(20_000)])
    async with asking(app) as oai:
        results = await oai.newest(limit=5)
    assert len(app.asked) == PAGES
    assert results.records == () and not results.complete


async def test_what_was_found_before_figshare_went_silent_is_kept():
    moments = [NOW - timedelta(hours=n) for n in range(1, 4)]
    app = Repository(moments)
    app.answer = lambda arguments: "403" if len(app.asked) > 2 else app.listed(arguments)
    async with asking(app) as oai:
        results = await oai.newest(limit=5)
    assert [record.header.datestamp for record in results.records] == moments
    assert not results.complete
    assert results.reached == datetime(2026, 11, 21, tzinfo=UTC)


async def test_a_firewall_at_once_is_an_error():
    async with asking(Scripted(lambda _: "403")) as oai:
        with pytest.raises(BlockedByFirewall):
            await oai.newest(limit=5)


def dying(lives: int) -> Scripted:
    """Make a list of three pages whose tokens die `lives` times on the way to the second."""
    died = []

    def answer(arguments):
        token = arguments.get("resumptionToken")
        if token == "2" and len(died) < lives:
            died.append(token)
            return error("badResumptionToken")
        page = int(token or 1)
        more = str(page + 1) if page < 3 else ""
        rows = header(page, "2026-01-01T00:00:00Z") + header(9, "2026-01-01")
        return envelope(f"<ListIdentifiers>{rows}<resumptionToken>{more}</resumptionToken></ListIdentifiers>")

    return Scripted(answer)


async def test_a_token_that_died_starts_the_list_over():
    app = dying(1)
    async with asking(app) as oai:
        found = await oai.headers(limit=10)
    assert [one.article_id for one in found.headers] == [1, 9, 2, 3]
    assert found.complete
    # the first page was asked a second time, not taken from the cache with its dead token
    assert [asked.get("resumptionToken") for asked in app.asked] == [None, "2", None, "2", "3"]


async def test_tokens_that_always_die_end_the_list_as_incomplete():
    app = dying(99)
    async with asking(app) as oai:
        found = await oai.headers(limit=10)
    assert [one.article_id for one in found.headers] == [1, 9]
    assert not found.complete
    assert len(app.asked) == 4


async def test_a_list_without_end_is_left_after_some_pages():
    endless = envelope(
        f"<ListIdentifiers>{header(1, '2026-01-01')}<resumptionToken>x</resumptionToken></ListIdentifiers>"
    )
    app = Scripted(lambda _: endless)
    async with asking(app) as oai:
        found = await oai.headers(limit=10)
    assert [one.article_id for one in found.headers] == [1]
    assert not found.complete
    # the same token is the same page, kept by the cache
    assert len(app.asked) == 2


async def test_sets_are_followed_further_than_records():
    def answer(arguments):
        page = int(arguments.get("resumptionToken", 1))
        more = str(page + 1) if page < 20 else ""
        row = f"<set><setSpec>portal_{page}</setSpec><setName>P</setName></set>"
        return envelope(f"<ListSets>{row}<resumptionToken>{more}</resumptionToken></ListSets>")

    async with asking(Scripted(answer)) as oai:
        found = await oai.sets(1_000)
    assert len(found.sets) == 20 and found.complete


async def test_a_list_that_takes_too_long_is_given_as_far_as_it_came(emulator):
    async with asking(emulator, patience=0.0) as oai:
        found = await oai.sets(1_000)
    assert len(found.sets) == 30 and not found.complete


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
async def test_an_answer_of_another_shape_is_unreadable(body):
    async with asking(Scripted(lambda _: body)) as oai:
        with pytest.raises(InvalidResponse):
            await oai.record(oai.identifier(1))


async def test_an_answer_too_large_is_unreadable(oai, emulator):
    emulator.state.faults.add("/v2/oai", kind="huge", size=3_000_000)
    with pytest.raises(InvalidResponse):
        await oai.identify()


async def test_an_identifier_of_another_shape_has_no_article():
    body = envelope(
        "<GetRecord><record><header><identifier>oai:x:collection</identifier>"
        "<datestamp>2026-01-01</datestamp></header></record></GetRecord>"
    )
    async with asking(Scripted(lambda _: body)) as oai:
        assert (await oai.record("oai:x:collection")).header.article_id is None
