"""Whether what Figshare has really sent, over ten years, is read and shown."""

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
    decode_json,
)
from bot.metrics import Metrics
from bot.render.blocks import message_payload
from bot.reply import Reply, Table
from handlers import MODULES
from tests.support.bot_client import settings_for
from tests.support.clock import TODAY
from tests.support.message_checks import assert_is_good
from tests.support.paths import SHARED

RESPONSES = SHARED / "figshare" / "responses"
pytestmark = pytest.mark.skipif(not RESPONSES.exists(), reason="the recorded answers are missing")
FILES = sorted(RESPONSES.rglob("*.json"))
NOT_FOUND = JSONResponse({"message": "Entity not found", "code": "EntityNotFound"}, 404)


def relative_path(path: Path) -> str:
    return str(path.relative_to(RESPONSES))


def objects(node: Any) -> Iterator[dict[str, Any]]:
    """Return every object in a document."""
    if isinstance(node, dict):
        yield node
    for child in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from objects(child)


def recorded_json(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def articles(path: Path) -> list[dict[str, Any]]:
    return [
        each
        for each in objects(recorded_json(path))
        if "defined_type" in each and "title" in each and each.get("id")
    ]


@asynccontextmanager
async def answering(answers: dict[str, Any]) -> AsyncIterator[Any]:
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
            assert_is_good(message_payload(reply, words, share=True))
            return reply

        yield ask


@pytest.mark.parametrize("path", [path for path in FILES if articles(path)], ids=relative_path)
async def test_recorded_item_is_shown_with_files_and_citations(path):
    for article in articles(path)[:2]:
        url, counts = f"/articles/{article['id']}", {"views": 5, "downloads": 3, "shares": 0, "cites": 1}
        answers = {
            url: article,
            f"{url}/files": article.get("files") or [],
            f"{url}/versions": [{"version": 1, "url": ""}],
            f"{url}/versions/1": article,
            "/total/*": counts,
        }
        async with answering(answers) as ask:
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
                reply = await ask(f"{name} article {article['id']} {style}".strip())
                assert reply.outcome == "ok", (command, reply)
            title = (await ask(f"item article {article['id']}")).title[0]
            assert title.text and "<" not in title.text


def lists(path: Path) -> list[list[dict[str, Any]]]:
    document = recorded_json(path)
    body = document if isinstance(document, list) else document.get("response", {}).get("body", [])
    pages = [body] if isinstance(body, list) else []
    return [page for page in pages if page and all("defined_type" in row for row in page)]


@pytest.mark.parametrize("path", [path for path in FILES if lists(path)], ids=relative_path)
async def test_recorded_search_page_is_shown(path):
    for page in lists(path):
        async with answering({"/articles/search": page}) as ask:
            reply = await ask("search anything limit:100")
            assert reply.outcome == "ok"
            assert len(reply.parts[0].rows) == len({row["id"] for row in page})


@pytest.mark.parametrize(
    "path", sorted((RESPONSES / "projects").glob("[0-9]*.partial.json")), ids=relative_path
)
async def test_recorded_project_is_shown_with_its_items(path):
    project = recorded_json(path) | {"id": 113166}
    rows = recorded_json(RESPONSES / "projects" / "113166.articles.row0.json")
    answers = {
        "/projects/113166": project,
        "/projects/113166/articles": rows,
        "/total/*": {"views": 1, "downloads": 1, "shares": 1},
    }
    async with answering(answers) as ask:
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
def test_recorded_parts_of_items_are_read(folder, kind):
    for path in RESPONSES.glob(folder):
        rows = recorded_json(path)
        parsed = decode_json(path.read_bytes(), list[kind])
        assert len(parsed) == len(rows) > 0


def test_recorded_collections_and_projects_are_read():
    seen = 0
    for path in FILES:
        for record in objects(recorded_json(path)):
            if not record.get("id") or not isinstance(record.get("title"), str):
                continue
            body = json.dumps(record).encode()
            kinds = [Article, ArticleComplete] if "defined_type" in record else [Collection, Project]
            for kind in kinds:
                if not isinstance(record["id"], int) and not str(record["id"]).isdigit():
                    continue
                assert decode_json(body, kind).title == record["title"]
                seen += 1
    assert seen > 50


async def test_recorded_statistics_are_shown():
    stats = RESPONSES / "stats"
    article = {"id": 766364, "title": "Recorded"}
    timeline = recorded_json(stats / "docs-timeline-day-downloads-766364.json")
    answers = {
        "/articles/*": article,
        "/timeline/*": timeline,
        "/breakdown/*": recorded_json(stats / "docs-breakdown-day-views-766364.partial.json"),
        "/top/*": recorded_json(stats / "docs-top-views-article.json"),
        "/total/article/766364": recorded_json(stats / "total-article-combined.shape.json"),
    }
    async with answering(answers) as ask:
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
        ("404-article-unknown.json", 404, "item 31448899", "There is no public item 31448899 on Figshare."),
        ("403-missing-token.json", 403, "item 1", "Figshare doesn't give me access to this."),
        ("400-invalid-order.json", 400, "search frog", "Figshare rejected the request"),
        ("400-max-page.json", 400, "search frog", "Figshare rejected the request"),
        ("stats-403.json", 403, "views author 1", "have access to these statistics"),
        ("stats-400-invalid-counter.json", 400, "views author 1", "rejected the request"),
        ("404-html-wrong-method-institution.html", 404, "search frog", "sent a response I couldn't read"),
        ("waf-403.html", 403, "search frog", "A firewall in front of Figshare"),
    ],
)
async def test_recorded_errors_have_their_messages(client, name, status, words, expected):
    body = (RESPONSES / "errors" / name).read_bytes()
    kind = "text/html" if name.endswith("html") else "application/json"
    client.goes_wrong("/", times=None, status=status, body=body, headers={"content-type": kind})
    assert expected in await client.ask(words)
