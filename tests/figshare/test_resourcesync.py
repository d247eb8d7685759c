"""The ResourceSync client follows capabilities, not names, and never leaves the configured hosts."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.emulators.figshare import Library, figshare_emulator
from bot.emulators.server import serve
from bot.figshare.client import Transport, connections
from bot.figshare.errors import BadRequest, BlockedByFirewall, InvalidResponse
from bot.figshare.resourcesync import DOCUMENTS, ResourceSync, _allowed
from bot.figshare.resourcesync_documents import CHANGES
from bot.upstream.cache import Cache
from bot.upstream.rate_limiter import LocalRateLimit, RateLimiter

NOW = datetime(2026, 11, 23, 15, 4, 5, tzinfo=UTC)
ENTRY = "/.well-known/resourcesync"
CONFIGURED = ("https://data.example.org/.well-known/resourcesync", "http://127.0.0.1:4000/rs")


@asynccontextmanager
async def asking(app, path: str = ENTRY, **options) -> AsyncIterator[ResourceSync]:
    """Serve an app and give a client of it, over the real transport and cache."""
    async with serve(app) as base, connections(5, "test") as http:
        limiter = RateLimiter(LocalRateLimit(1_000, 1_000, time.monotonic), clock=time.monotonic)
        cache = Cache(time.monotonic)
        yield ResourceSync(Transport(http, cache, limiter), [base + path], **options)
        await cache.close()


@pytest.fixture
def emulator():
    return figshare_emulator(Library.load(NOW), now=lambda: NOW)


@pytest.fixture
async def source(emulator):
    async with asking(emulator) as resourcesync:
        yield resourcesync.source


class Documents(dict[str, str]):
    """Serves these documents by path; `BASE` in them is the server's own address. It remembers the paths."""

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.asked = []

    async def __call__(self, scope, receive, send):
        if scope["type"] == "lifespan":
            return
        self.asked.append(scope["path"])
        body = self.get(scope["path"], "")
        host = dict(scope["headers"])[b"host"].decode()
        status, headers = (200, [(b"content-type", b"application/xml")])
        if body == "blocked":
            status, headers = 202, [(b"x-amzn-waf-action", b"challenge")]
        elif body.startswith("to "):
            status, headers = 302, [(b"location", body[3:].encode())]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body.replace("BASE", f"http://{host}").encode()})


def listing(capability: str, *entries: str, root: str = "urlset", links: str = "", **md: str) -> str:
    text = "".join(f' {key}="{value}"' for key, value in md.items())
    return (
        f'<{root} xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
        ' xmlns:rs="http://www.openarchives.org/rs/terms/">'
        f'{links}<rs:md capability="{capability}"{text}/>{"".join(entries)}</{root}>'
    )


def entry(address: str, *, of: str = "url", lastmod: str = "", links: str = "", **md: str) -> str:
    text = "".join(f' {key}="{value}"' for key, value in md.items())
    when = f"<lastmod>{lastmod}</lastmod>" if lastmod else ""
    return f"<{of}><loc>{address}</loc>{when}<rs:md{text}/>{links}</{of}>"


def source_of(*capabilities: str, **more: str) -> Documents:
    """Make a source with one capability list, whose entries are given."""
    return Documents(
        {
            ENTRY: listing("description", entry("BASE/any", capability="capabilitylist")),
            "/any": listing("capabilitylist", *capabilities),
            **{f"/{name}": body for name, body in more.items()},
        }
    )


async def test_a_portal_tells_its_resources_and_its_latest_changes(source, emulator):
    found = await source()
    assert found.complete
    assert [one.capability for one in found.capabilities] == ["resourcelist", "changelist"] * 2
    for one, portal in zip(found.capabilities[::2], emulator.state.library.institutions, strict=True):
        items = [i for i in emulator.state.library.articles.values() if i.institution == portal]
        assert one.count == len(items) and one.complete
        assert one.at == NOW.replace(microsecond=0)
        assert one.up.endswith(f"/{portal['string_id']}/capabilitylist.xml")
    assert found.capabilities[1].from_ is not None
    moments = [change.changed for change in found.changes]
    assert moments == sorted(moments, reverse=True) and len(moments) == CHANGES
    assert {"created", "updated", "deleted"} >= {change.change for change in found.changes}
    assert found.changes[0].change == "deleted"


async def test_a_second_question_asks_nothing(source, emulator):
    await source()
    before = len(emulator.state.requests)
    await source()
    assert len(emulator.state.requests) == before <= DOCUMENTS


async def test_document_kind_follows_its_capability_not_its_name():
    app = source_of(
        entry("BASE/changelist.xml", capability="resourcelist"),
        entry("BASE/resourcelist.xml", capability="changelist"),
        **{
            "changelist.xml": listing(
                "resourcelist", entry("https://x.org/1"), entry("https://x.org/2"), at="2026-11-01"
            ),
            "resourcelist.xml": listing(
                "changelist",
                entry("https://x.org/1", change="created", datetime="2026-11-01T00:00:00Z"),
                **{"from": "2026-10-01", "until": "2026-11-02T00:00:00Z"},
            ),
        },
    )
    async with asking(app) as resourcesync:
        found = await resourcesync.source()
    resources, changes = found.capabilities
    assert (resources.capability, resources.count) == ("resourcelist", 2)
    assert resources.at == datetime(2026, 11, 1, tzinfo=UTC)
    assert (changes.capability, changes.count) == ("changelist", 1)
    assert changes.from_ == datetime(2026, 10, 1, tzinfo=UTC)
    assert changes.until == datetime(2026, 11, 2, tzinfo=UTC)


async def test_change_is_read_with_all_its_attributes():
    change = entry(
        "https://x.org/1",
        lastmod="2026-11-02T03:04:05Z",
        change="updated",
        datetime="2026-11-02T04:00:00Z",
        length="8876",
        type="text/html",
        hash="md5:1584abdf8ebdc9802ac0c6a7402c03b6",
        links='<rs:ln rel="describedby" href="https://x.org/1.json"/>',
    )
    gone = entry("https://x.org/2", change="deleted", datetime="2026-11-03", length="many")
    app = source_of(
        entry("BASE/c", capability="changelist"),
        c=listing("changelist", change, gone, links='<rs:ln rel="up" href="BASE/any"/>'),
    )
    async with asking(app) as resourcesync:
        found = await resourcesync.source()
    assert [each.change for each in found.changes] == ["deleted", "updated"]
    assert found.changes[0].lastmod is None and found.changes[0].length is None
    updated = found.changes[1]
    assert updated.lastmod == datetime(2026, 11, 2, 3, 4, 5, tzinfo=UTC)
    assert updated.changed == datetime(2026, 11, 2, 4, tzinfo=UTC)
    assert (updated.length, updated.type) == (8876, "text/html")
    assert updated.hash.startswith("md5:")
    assert updated.described_by == "https://x.org/1.json"
    assert found.capabilities[0].up.endswith("/any")


async def test_changes_of_one_moment_come_last_listed_first():
    rows = [entry(f"https://x.org/{n}", change="created", datetime="2026-11-03") for n in range(CHANGES + 5)]
    app = source_of(entry("BASE/c", capability="changelist"), c=listing("changelist", *rows))
    async with asking(app) as resourcesync:
        found = await resourcesync.source()
    assert found.capabilities[0].count == CHANGES + 5
    assert [each.url for each in found.changes] == [f"https://x.org/{n}" for n in range(CHANGES + 4, 4, -1)]


async def test_list_in_many_parts_is_read_newest_first():
    parts = {
        f"p{n}": listing(
            "changelist", entry(f"https://x.org/{n}", change="created", datetime=f"2026-0{n}-02")
        )
        for n in range(1, 6)
    }
    index = [
        entry(f"BASE/p{n}", of="sitemap", capability="changelist", **{"from": f"2026-0{n}-01"})
        for n in range(1, 6)
    ]
    app = source_of(
        entry("BASE/c", capability="changelist"),
        c=listing("changelist", *index, root="sitemapindex"),
        **parts,
    )
    async with asking(app) as resourcesync:
        found = await resourcesync.source()
    [changes] = found.capabilities
    assert (changes.count, changes.complete, changes.trouble) == (3, False, "")
    assert [each.url[-1] for each in found.changes] == ["5", "4", "3"]
    assert not found.complete
    assert app.asked == [ENTRY, "/any", "/c", "/p5", "/p4", "/p3"]


async def test_links_may_be_relative():
    app = source_of(entry("/r", capability="resourcelist"), r=listing("resourcelist"))
    async with asking(app) as resourcesync:
        found = await resourcesync.source()
    assert [(one.count, one.trouble) for one in found.capabilities] == [(0, "")]


async def test_dumps_are_named_and_never_fetched():
    app = source_of(entry("BASE/dump.zip", capability="resourcedump"))
    async with asking(app) as resourcesync:
        found = await resourcesync.source()
    assert [one.capability for one in found.capabilities] == ["resourcedump"]
    assert found.capabilities[0].count is None
    assert app.asked == [ENTRY, "/any"]


async def test_unavailable_document_is_reported_in_its_place():
    app = source_of(
        entry("BASE/blocked", capability="resourcelist"),
        entry("BASE/html", capability="resourcelist"),
        entry("BASE/other", capability="resourcelist"),
        entry("BASE/away", capability="resourcelist"),
        entry("http://169.254.169.254/latest", capability="resourcelist"),
        entry("http://[not an address", capability="resourcelist"),
        entry("BASE/nested", capability="resourcelist"),
        entry("BASE/good", capability="changelist"),
        blocked="blocked",
        html="<html><body>no</body></html>",
        other=listing("changelist"),
        away="to http://169.254.169.254/",
        nested=listing("resourcelist", entry("BASE/nested", of="sitemap"), root="sitemapindex"),
        good=listing("changelist", entry("https://x.org/1", change="created", datetime="2026-11-03")),
    )
    async with asking(app) as resourcesync:
        found = await resourcesync.source()
    troubles = [one.trouble for one in found.capabilities]
    assert troubles == [
        "blocked",
        "unreadable",
        "unreadable",
        "unreadable",
        "refused",
        "refused",
        "unreadable",
        "",
    ]
    assert len(found.changes) == 1
    assert not found.complete


async def test_a_capability_list_that_is_blocked_stands_for_itself(source, emulator):
    emulator.state.faults.add("/figshareresourcesync/lboro/capabilitylist.xml", kind="challenge")
    found = await source()
    assert [(one.capability, one.trouble) for one in found.capabilities] == [
        ("capabilitylist", "blocked"),
        ("resourcelist", ""),
        ("changelist", ""),
    ]
    assert found.changes and not found.complete


async def test_a_blocked_portal_is_an_error_and_not_an_empty_answer(source, emulator):
    emulator.state.faults.add(ENTRY, kind="challenge")
    with pytest.raises(BlockedByFirewall) as raised:
        await source()
    assert raised.value.api == "resourcesync"


@pytest.mark.parametrize(
    "body",
    ["<html/>", "", listing(""), listing("description")[:-20], "<urlset/>", "<!DOCTYPE urlset><urlset/>"],
)
async def test_a_description_of_another_shape_is_unreadable(body):
    async with asking(Documents({ENTRY: body})) as resourcesync:
        with pytest.raises(InvalidResponse):
            await resourcesync.source()


async def test_source_may_begin_with_a_capability_list_or_a_list():
    app = Documents(
        {
            "/caps": listing("capabilitylist", entry("BASE/r", capability="resourcelist")),
            "/r": listing("resourcelist", entry("https://x.org/1")),
        }
    )
    for path in ("/caps", "/r"):
        async with asking(app, path) as resourcesync:
            found = await resourcesync.source()
        assert [(one.capability, one.count) for one in found.capabilities] == [("resourcelist", 1)]


async def test_source_of_many_documents_is_read_up_to_a_limit():
    many = [entry(f"BASE/r{n}", capability="resourcelist") for n in range(15)]
    app = source_of(
        *many,
        entry("BASE/c", capability="changelist"),
        c=listing("changelist", entry("https://x.org/1", change="created", datetime="2026-11-03")),
        **{f"r{n}": listing("resourcelist") for n in range(15)},
    )
    async with asking(app) as resourcesync:
        found = await resourcesync.source()
    assert len(app.asked) == DOCUMENTS
    assert not found.complete
    assert len(found.changes) == 1
    assert found.capabilities[0].count == 0
    assert [one.trouble for one in found.capabilities[-3:]] == ["left out", "left out", ""]


async def test_a_source_that_is_slow_is_told_as_far_as_it_came(emulator):
    async with asking(emulator, patience=-1.0) as resourcesync:
        found = await resourcesync.source()
    assert found.capabilities
    assert all(one.trouble == "left out" for one in found.capabilities)


async def test_only_configured_hosts_are_asked_and_the_refusal_lists_them(emulator):
    async with asking(emulator) as resourcesync:
        with pytest.raises(BadRequest) as raised:
            await resourcesync.source("https://evil.example/.well-known/resourcesync")
        [host] = resourcesync.hosts
    assert str(raised.value) == f"evil.example is not configured; configured: {host}"
    assert raised.value.api == "resourcesync"
    assert emulator.state.requests == []


async def test_without_a_configured_source_nothing_is_asked():
    with pytest.raises(BadRequest, match="no ResourceSync source is configured"):
        await ResourceSync(None, []).source()


async def test_a_portal_may_be_named_by_host_or_by_any_address_on_it(emulator):
    async with asking(emulator) as resourcesync:
        [host] = resourcesync.hosts
        for typed in (None, "", host, "127.0.0.1", f"https://{host}/articles/5", f" <http://{host}> "):
            assert (await resourcesync.source(typed)).url == f"http://{host}{ENTRY}"
    paths = {path for _, path in emulator.state.requests}
    assert paths and all("/articles/5" not in path for path in paths)


@pytest.mark.parametrize(
    ("link", "expected"),
    [
        ("http://data.example.org/a.xml", "https://data.example.org/a.xml"),
        ("http://data.example.org:80/a.xml?n=1#x", "https://data.example.org/a.xml?n=1"),
        ("HTTPS://DATA.example.org:443", "https://data.example.org/"),
        ("https://data.example.org//evil.org/a", "https://data.example.org//evil.org/a"),
        ("http://127.0.0.1:4000/a.xml", "http://127.0.0.1:4000/a.xml"),
    ],
)
def test_a_link_to_a_configured_host_is_asked_as_configured(link, expected):
    assert _allowed(link, CONFIGURED) == expected


@pytest.mark.parametrize(
    "link",
    [
        "https://data.example.org.evil.org/",
        "https://evil.org/data.example.org",
        "https://data.example.org@evil.org/",
        "https://evil.org@data.example.org/",
        "https://user:secret@data.example.org/",
        "https://evil.org\\@data.example.org/",
        "https://data.example.org\\.evil.org/",
        "https://data.example.org:8443/",
        "https://data.example.org:99999/",
        "https://127.0.0.1/",
        "http://127.0.0.1:4001/",
        "http://[::1]:4000/",
        "http://[::1",
        "http://2130706433:4000/",
        "http://169.254.169.254/latest/meta-data",
        "file:///etc/passwd",
        "ftp://data.example.org/",
        "//",
        "",
        "https://data.example.org/\r\nHost: evil.org",
        "https://data.exa\tmple.org/",
    ],
)
def test_any_other_address_is_refused(link):
    with pytest.raises(BadRequest):
        _allowed(link, CONFIGURED)


@given(st.text(max_size=60) | st.text("htps:/@.#?\\[]dataexmplorg127048\n", max_size=60))
def test_no_link_leads_anywhere_else(link):
    try:
        asked = _allowed(link, CONFIGURED)
    except BadRequest:
        return
    assert asked.startswith(("https://data.example.org/", "http://127.0.0.1:4000/"))
