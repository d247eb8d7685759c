"""Whether what Figshare really sent, over ten years, is read and shown."""

import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.bot import open_bot
from bot.commands import CommandRegistry, Question
from bot.dispatcher import Dispatcher
from bot.emulators.server import serve
from bot.figshare.models import (
    Article,
    ArticleComplete,
    Author,
    Category,
    Collection,
    File,
    License,
    Project,
    decoded,
)
from bot.metrics import Metrics
from bot.render.blocks import message
from bot.reply import Reply, Table
from handlers import MODULES
from tests.support.bot_client import settings_for
from tests.support.clock import TODAY
from tests.support.message_checks import assert_is_good
from tests.support.paths import SHARED

RESPONSES = SHARED / "figshare" / "responses"
pytestmark = pytest.mark.skipif(not RESPONSES.exists(), reason="the recorded answers are not here")
FILES = sorted(RESPONSES.rglob("*.json"))
NOT_FOUND = JSONResponse({"message": "Entity not found", "code": "EntityNotFound"}, 404)


def names(path: Path) -> str:
    return str(path.relative_to(RESPONSES))


def inside(node: Any) -> Iterator[dict[str, Any]]:
    """Return every object in a document."""
    if isinstance(node, dict):
        yield node
    for each in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from inside(each)


def read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def articles(path: Path) -> list[dict[str, Any]]:
    return [
        each for each in inside(read(path)) if "defined_type" in each and "title" in each and each.get("id")
    ]


@asynccontextmanager
async def asking(answers: dict[str, Any]) -> AsyncIterator[Any]:
    """Open a bot whose Figshare answers with these documents by their paths, without /v2 or /stats."""

    async def answer(request: Request) -> Response:
        path = request.url.path.removeprefix("/v2").removeprefix("/stats")
        for start, document in answers.items():
            if path == start or (start.endswith("*") and path.startswith(start[:-1])):
                return JSONResponse(document)
        return NOT_FOUND

    app = Starlette(routes=[Route("/{path:path}", answer, methods=["GET", "POST"])])
    async with (
        serve(app) as base,
        open_bot(settings_for(base), CommandRegistry(MODULES), Metrics()) as bot,
    ):

        async def ask(words: str) -> Reply:
            reply = await Dispatcher(bot).answer(Question(words, TODAY))
            assert_is_good(message(reply, words, share=True))
            return reply

        yield ask


@pytest.mark.parametrize("path", [path for path in FILES if articles(path)], ids=names)
async def test_an_item_can_be_shown_with_its_files_and_cited(path):
    for found in articles(path)[:2]:
        at, counted = f"/articles/{found['id']}", {"views": 5, "downloads": 3, "shares": 0, "cites": 1}
        answers = {
            at: found,
            f"{at}/files": found.get("files") or [],
            f"{at}/versions": [{"version": 1, "url": ""}],
            f"{at}/versions/1": found,
            "/total/*": counted,
        }
        async with asking(answers) as ask:
            for command in (
                "item",
                "files",
                "versions",
                "stats",
                "cite",
                "cite apa",
                "cite bibtex",
                "cite csl",
            ):
                name, _, style = command.partition(" ")
                reply = await ask(f"{name} article {found['id']} {style}".strip())
                assert reply.outcome == "ok", (command, reply)
            title = (await ask(f"item article {found['id']}")).title[0]
            assert title.text and "<" not in title.text


def lists(path: Path) -> list[list[dict[str, Any]]]:
    document = read(path)
    found = document if isinstance(document, list) else document.get("response", {}).get("body", [])
    pages = [found] if isinstance(found, list) else []
    return [page for page in pages if page and all("defined_type" in row for row in page)]


@pytest.mark.parametrize("path", [path for path in FILES if lists(path)], ids=names)
async def test_a_page_of_a_search_can_be_shown(path):
    for page in lists(path):
        async with asking({"/articles/search": page}) as ask:
            reply = await ask("search anything limit:100")
            assert reply.outcome == "ok"
            assert len(reply.parts[0].rows) == len({row["id"] for row in page})


@pytest.mark.parametrize("path", sorted((RESPONSES / "projects").glob("[0-9]*.partial.json")), ids=names)
async def test_a_project_can_be_shown_with_its_items(path):
    project = read(path) | {"id": 113166}
    rows = read(RESPONSES / "projects" / "113166.articles.row0.json")
    answers = {
        "/projects/113166": project,
        "/projects/113166/articles": rows,
        "/total/*": {"views": 1, "downloads": 1, "shares": 1},
    }
    async with asking(answers) as ask:
        assert (await ask("project 113166")).outcome == "ok"


@pytest.mark.parametrize(
    ("folder", "kind"),
    [
        ("article_parts/author*", Author),
        ("article_parts/files*", File),
        ("article_parts/categories*", Category),
        ("categories/*", Category),
        ("licenses/*", License),
    ],
)
def test_the_parts_of_items_are_read(folder, kind):
    for path in RESPONSES.glob(folder):
        rows = read(path)
        found = decoded(path.read_bytes(), list[kind])
        assert len(found) == len(rows) > 0


def test_collections_and_projects_of_lists_are_read():
    seen = 0
    for path in FILES:
        for each in inside(read(path)):
            if not each.get("id") or not isinstance(each.get("title"), str):
                continue
            body = json.dumps(each).encode()
            kinds = [Article, ArticleComplete] if "defined_type" in each else [Collection, Project]
            for kind in kinds:
                if not isinstance(each["id"], int) and not str(each["id"]).isdigit():
                    continue
                assert decoded(body, kind).title == each["title"]
                seen += 1
    assert seen > 50


async def test_recorded_statistics_are_shown():
    stats = RESPONSES / "stats"
    article = {"id": 766364, "title": "Recorded"}
    timeline = read(stats / "docs-timeline-day-downloads-766364.json")
    answers = {
        "/articles/*": article,
        "/timeline/*": timeline,
        "/breakdown/*": read(stats / "docs-breakdown-day-views-766364.partial.json"),
        "/top/*": read(stats / "docs-top-views-article.json"),
        "/total/article/766364": read(stats / "total-article-combined.shape.json"),
    }
    async with asking(answers) as ask:
        reply = await ask("timeline 766364 2015-11-10..2015-11-19 by day")
        table = next(part for part in reply.parts if isinstance(part, Table))
        assert table.rows[-1][2] == sum(timeline["timeline"].values())
        reply = await ask("countries 766364 2017-04-19..2017-04-21")
        assert "United States" in [
            row[0] for row in next(p for p in reply.parts if isinstance(p, Table)).rows
        ]
        top = next(part for part in (await ask("top")).parts if isinstance(part, Table))
        assert [row[2] for row in top.rows][:2] == [65819, 46370]
        assert (await ask("stats 766364")).outcome == "ok"


@pytest.mark.parametrize(
    ("name", "status", "words", "expected"),
    [
        ("404-article-unknown.json", 404, "item 31448899", "Figshare knows no public item 31448899."),
        ("403-missing-token.json", 403, "item 1", "Figshare does not let me see this."),
        ("400-invalid-order.json", 400, "search frog", "Figshare refused the question"),
        ("400-max-page.json", 400, "search frog", "Figshare refused the question"),
        ("stats-403.json", 403, "views author 1", "not open to me"),
        ("stats-400-invalid-counter.json", 400, "views author 1", "refused the question"),
        ("404-html-wrong-method-institution.html", 404, "search frog", "sent something I can't read"),
        ("waf-403.html", 403, "search frog", "A firewall in front of Figshare"),
    ],
)
async def test_recorded_refusals_are_understood(client, name, status, words, expected):
    body = (RESPONSES / "errors" / name).read_bytes()
    kind = "text/html" if name.endswith("html") else "application/json"
    client.goes_wrong("/", times=None, status=status, body=body, headers={"content-type": kind})
    assert expected in await client.ask(words)
