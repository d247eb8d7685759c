"""The ResourceSync client follows capabilities, not names, and never leaves the configured hosts."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.emulators.figshare import figshare_emulator
from bot.emulators.server import serve
from bot.figshare.client import Transport, open_connections
from bot.figshare.errors import BadRequest, BlockedByFirewall, InvalidResponse
from bot.figshare.resourcesync import MAX_DOCUMENTS, ResourceSync, _configured_url
from bot.figshare.resourcesync_documents import MAX_CHANGES
from bot.upstream.cache import Cache
from bot.upstream.rate_limiter import LocalRateLimit, RateLimiter
from tests.support.bot_client import library

NOW = datetime(2026, 11, 23, 15, 4, 5, tzinfo=UTC)
ENTRY = "/.well-known/resourcesync"
CONFIGURED = ("https://data.example.org/.well-known/resourcesync", "http://127.0.0.1:4000/rs")


@asynccontextmanager
async def serving(app, path: str = ENTRY, **options) -> AsyncIterator[ResourceSync]:
    """Serve an app and yield a client of it, over the real transport and cache."""
    async with serve(app) as base, open_connections(5, "test") as http:
        limiter = RateLimiter(LocalRateLimit(1_000, 1_000, time.monotonic), clock=time.monotonic)
        cache = Cache(time.monotonic)
        yield ResourceSync(Transport(http, cache, limiter), [base + path], **options)
        await cache.close()


@pytest.fixture
def emulator():
    return figshare_emulator(library(NOW.date()), now=lambda: NOW)


@pytest.fixture
async def source(emulator):
    async with serving(emulator) as resourcesync:
        yield resourcesync.source


class Documents(dict[str, str]):
    """Serves these documents by path and records the `requests`; `BASE` is the address of the server."""

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.requests = []

    async def __call__(self, scope, receive, send):
        if scope["type"] == "lifespan":
            return
        self.requests.append(scope["path"])
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


def entry(address: str, *, tag: str = "url", lastmod: str = "", links: str = "", **md: str) -> str:
    text = "".join(f' {key}="{value}"' for key, value in md.items())
    modified = f"<lastmod>{lastmod}</lastmod>" if lastmod else ""
    return f"<{tag}><loc>{address}</loc>{modified}<rs:md{text}/>{links}</{tag}>"


def source_of(*capabilities: str, **documents: str) -> Documents:
    """Return a source with one capability list, whose entries are given."""
    return Documents(
        {
            ENTRY: listing("description", entry("BASE/any", capability="capabilitylist")),
            "/any": listing("capabilitylist", *capabilities),
            **{f"/{name}": body for name, body in documents.items()},
        }
    )


async def test_source_has_its_resources_and_latest_changes(source, emulator):
    portal_source = await source()
    assert portal_source.is_complete
    assert [capability.capability for capability in portal_source.capabilities] == [
        "resourcelist",
        "changelist",
    ] * 2
    for capability, portal in zip(
        portal_source.capabilities[::2], emulator.state.library.institutions, strict=True
    ):
        items = [i for i in emulator.state.library.articles.values() if i.institution == portal]
        assert capability.count == len(items) and capability.is_complete
        assert capability.snapshot_at == NOW.replace(microsecond=0)
        assert capability.up.endswith(f"/{portal['string_id']}/capabilitylist.xml")
    assert portal_source.capabilities[1].from_ is not None
    moments = [change.changed_at for change in portal_source.changes]
    assert moments == sorted(moments, reverse=True) and len(moments) == MAX_CHANGES
    assert {"created", "updated", "deleted"} >= {change.change for change in portal_source.changes}
    assert portal_source.changes[0].change == "deleted"


async def test_second_call_sends_no_request(source, emulator):
    await source()
    before = len(emulator.state.requests)
    await source()
    assert len(emulator.state.requests) == before <= MAX_DOCUMENTS


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
    async with serving(app) as resourcesync:
        portal_source = await resourcesync.source()
    resources, changes = portal_source.capabilities
    assert (resources.capability, resources.count) == ("resourcelist", 2)
    assert resources.snapshot_at == datetime(2026, 11, 1, tzinfo=UTC)
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
    async with serving(app) as resourcesync:
        portal_source = await resourcesync.source()
    assert [change.change for change in portal_source.changes] == ["deleted", "updated"]
    assert portal_source.changes[0].lastmod is None and portal_source.changes[0].length is None
    updated = portal_source.changes[1]
    assert updated.lastmod == datetime(2026, 11, 2, 3, 4, 5, tzinfo=UTC)
    assert updated.changed_at == datetime(2026, 11, 2, 4, tzinfo=UTC)
    assert (updated.length, updated.type) == (8876, "text/html")
    assert updated.hash.startswith("md5:")
    assert updated.described_by == "https://x.org/1.json"
    assert portal_source.capabilities[0].up.endswith("/any")


async def test_changes_at_one_time_come_last_listed_first():
    rows = [
        entry(f"https://x.org/{n}", change="created", datetime="2026-11-03") for n in range(MAX_CHANGES + 5)
    ]
    app = source_of(entry("BASE/c", capability="changelist"), c=listing("changelist", *rows))
    async with serving(app) as resourcesync:
        portal_source = await resourcesync.source()
    assert portal_source.capabilities[0].count == MAX_CHANGES + 5
    assert [change.url for change in portal_source.changes] == [
        f"https://x.org/{n}" for n in range(MAX_CHANGES + 4, 4, -1)
    ]


async def test_list_in_many_parts_is_read_newest_first():
    parts = {
        f"p{n}": listing(
            "changelist", entry(f"https://x.org/{n}", change="created", datetime=f"2026-0{n}-02")
        )
        for n in range(1, 6)
    }
    index = [
        entry(f"BASE/p{n}", tag="sitemap", capability="changelist", **{"from": f"2026-0{n}-01"})
        for n in range(1, 6)
    ]
    app = source_of(
        entry("BASE/c", capability="changelist"),
        c=listing("changelist", *index, root="sitemapindex"),
        **parts,
    )
    async with serving(app) as resourcesync:
        portal_source = await resourcesync.source()
    [changes] = portal_source.capabilities
    assert (changes.count, changes.is_complete, changes.problem) == (3, False, "")
    assert [change.url[-1] for change in portal_source.changes] == ["5", "4", "3"]
    assert not portal_source.is_complete
    assert app.requests == [ENTRY, "/any", "/c", "/p5", "/p4", "/p3"]


async def test_relative_links_are_resolved():
    app = source_of(entry("/r", capability="resourcelist"), r=listing("resourcelist"))
    async with serving(app) as resourcesync:
        portal_source = await resourcesync.source()
    assert [(capability.count, capability.problem) for capability in portal_source.capabilities] == [(0, "")]


async def test_dumps_are_named_but_not_fetched():
    app = source_of(entry("BASE/dump.zip", capability="resourcedump"))
    async with serving(app) as resourcesync:
        portal_source = await resourcesync.source()
    assert [capability.capability for capability in portal_source.capabilities] == ["resourcedump"]
    assert portal_source.capabilities[0].count is None
    assert app.requests == [ENTRY, "/any"]


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
        nested=listing("resourcelist", entry("BASE/nested", tag="sitemap"), root="sitemapindex"),
        good=listing("changelist", entry("https://x.org/1", change="created", datetime="2026-11-03")),
    )
    async with serving(app) as resourcesync:
        portal_source = await resourcesync.source()
    problems = [capability.problem for capability in portal_source.capabilities]
    assert problems == [
        "blocked",
        "unreadable",
        "unreadable",
        "unreadable",
        "refused",
        "refused",
        "unreadable",
        "",
    ]
    assert len(portal_source.changes) == 1
    assert not portal_source.is_complete


async def test_blocked_capability_list_is_listed_itself(source, emulator):
    emulator.state.faults.add("/figshareresourcesync/lboro/capabilitylist.xml", kind="challenge")
    portal_source = await source()
    assert [(capability.capability, capability.problem) for capability in portal_source.capabilities] == [
        ("capabilitylist", "blocked"),
        ("resourcelist", ""),
        ("changelist", ""),
    ]
    assert portal_source.changes and not portal_source.is_complete


async def test_blocked_portal_is_an_error_and_not_empty(source, emulator):
    emulator.state.faults.add(ENTRY, kind="challenge")
    with pytest.raises(BlockedByFirewall) as raised:
        await source()
    assert raised.value.api == "resourcesync"


@pytest.mark.parametrize(
    "body",
    ["<html/>", "", listing(""), listing("description")[:-20], "<urlset/>", "<!DOCTYPE urlset><urlset/>"],
)
async def test_description_of_another_shape_is_invalid(body):
    async with serving(Documents({ENTRY: body})) as resourcesync:
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
        async with serving(app, path) as resourcesync:
            portal_source = await resourcesync.source()
        assert [(capability.capability, capability.count) for capability in portal_source.capabilities] == [
            ("resourcelist", 1)
        ]


async def test_source_of_many_documents_is_read_up_to_a_limit():
    many = [entry(f"BASE/r{n}", capability="resourcelist") for n in range(15)]
    app = source_of(
        *many,
        entry("BASE/c", capability="changelist"),
        c=listing("changelist", entry("https://x.org/1", change="created", datetime="2026-11-03")),
        **{f"r{n}": listing("resourcelist") for n in range(15)},
    )
    async with serving(app) as resourcesync:
        portal_source = await resourcesync.source()
    assert len(app.requests) == MAX_DOCUMENTS
    assert not portal_source.is_complete
    assert len(portal_source.changes) == 1
    assert portal_source.capabilities[0].count == 0
    assert [capability.problem for capability in portal_source.capabilities[-3:]] == [
        "left out",
        "left out",
        "",
    ]


async def test_slow_source_is_read_up_to_the_time_limit(emulator):
    async with serving(emulator, time_limit=-1.0) as resourcesync:
        portal_source = await resourcesync.source()
    assert portal_source.capabilities
    assert all(capability.problem == "left out" for capability in portal_source.capabilities)


async def test_unconfigured_host_is_rejected_with_the_configured_ones(emulator):
    async with serving(emulator) as resourcesync:
        with pytest.raises(BadRequest) as raised:
            await resourcesync.source("https://evil.example/.well-known/resourcesync")
        [host] = resourcesync.hosts
    assert str(raised.value) == f"“evil.example” isn't one of the portals set up here: {host}"
    assert raised.value.api == "resourcesync"
    assert emulator.state.requests == []


async def test_missing_configuration_sends_no_request():
    with pytest.raises(BadRequest, match="no ResourceSync source is configured"):
        await ResourceSync(None, []).source()


async def test_portal_is_found_by_host_or_any_address_on_it(emulator):
    async with serving(emulator) as resourcesync:
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
def test_link_to_a_configured_host_is_read_as_configured(link, expected):
    assert _configured_url(link, CONFIGURED) == expected


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
def test_any_other_address_is_rejected(link):
    with pytest.raises(BadRequest):
        _configured_url(link, CONFIGURED)


@given(st.text(max_size=60) | st.text("htps:/@.#?\\[]dataexmplorg127048\n", max_size=60))
def test_link_to_another_host_is_not_followed(link):
    try:
        url = _configured_url(link, CONFIGURED)
    except BadRequest:
        return
    assert url.startswith(("https://data.example.org/", "http://127.0.0.1:4000/"))
