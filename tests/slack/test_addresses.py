"""What is meant for Slack goes to Slack alone, whatever address it gives and wherever that leads."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Route

from bot.digests.delivery.send_once import DeliveryUnknown, NotSent
from bot.emulators.server import serve
from bot.permissions import DirectoryUnavailable
from bot.reply import Reply
from bot.settings import Settings
from bot.slack.addresses import SlackAddresses
from bot.slack.app import SlackConnection, open_slack_connection
from bot.slack.directory import SlackDirectory
from bot.slack.placement import Placement
from bot.slack.responder import OutgoingReply
from bot.storage.database import open_database as database

LETTER = OutgoingReply(Reply(("An answer.",)), "")
SLACK = SlackAddresses("https://slack.com/api/")


@pytest.mark.parametrize(
    "address",
    [
        "https://slack.com/hooks/1",
        "https://hooks.slack.com/commands/T1/2/3",
        "https://hooks.slack.com:443/commands/T1",
        "https://files.slack.com/upload/v1/ABC?x=%20#y",
        "HTTPS://Hooks.Slack.COM/commands",
        "https://hooks.slack.com:/@evil.example/",
    ],
)
def test_url_at_slack_is_slacks(address):
    assert SLACK.has(address)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "hooks.slack.com",
        "//hooks.slack.com/",
        "http://hooks.slack.com/",
        "ftp://hooks.slack.com/",
        "javascript://slack.com/",
        "https://hooks.slack.com:8443/commands",
        "https://hooks.slack.com:80/",
        "https://hooks.slack.com:0/",
        "https://hooks.slack.com:99999/",
        "https://hooks.slack.com:4٤3/",
        "https://user@hooks.slack.com/",
        "https://user:word@hooks.slack.com/",
        "https://@hooks.slack.com/",
        "https://hooks.slack.com@evil.example/",
        "https://hooks.slack.com.evil.example/",
        "https://hooks.slack.com./",
        "https://evilslack.com/",
        "https://slack.com.evil.example/",
        "https://evil.example/hooks.slack.com",
        "https://evil.example?.slack.com/",
        "https://evil.example#.slack.com/",
        "https://evil.example\\.slack.com/",
        "https://hooks.slack.com\\@evil.example/",
        "https://evil.example%2f.slack.com/",
        "https://evil.example%00.slack.com/",
        "https://evil.example\x00.slack.com/",
        "https://evil.example\n.slack.com/",
        " https://hooks.slack.com/",
        "https://hooks.slack.com/\r\nX: y",
        "https://hooks.slack.com/ x",
        "https://hooks.sl\u00e0ck.com/",
        "https://hooks。slack.com/",
        "https://[::1]/",
        "https://[hooks.slack.com/",
        "https://hooks.slack.com/" + "x" * 2_000,
        "\ud800",
    ],
)
def test_other_url_is_not_slacks(address):
    assert not SLACK.has(address)


@pytest.mark.parametrize("api", ["", "slack.com", "https://user@slack.com/api/", "ftp://slack.com/"])
def test_no_url_is_slacks_without_a_web_api(api):
    for address in ("", "https://slack.com/", "ftp://slack.com/", "https://x./", ":///"):
        assert not SlackAddresses(api).has(address)


class Hostile:
    """A Slack that leads elsewhere, and what is heard there."""

    def __init__(self) -> None:
        self.heard: list[str] = []
        self.status, self.elsewhere, self.upload, self.sent = 307, "", "", 0

    def app(self) -> Starlette:
        async def redirect(request: Request) -> Response:
            return RedirectResponse(self.elsewhere, self.status)

        async def method(request: Request) -> Response:
            return JSONResponse({"ok": True, "upload_url": self.upload, "file_id": "F1"})

        async def endless(request: Request) -> Response:
            return StreamingResponse(self._endless(), 400)

        return Starlette(
            routes=[
                Route("/hooks/endless", endless, methods=["POST"]),
                Route("/api/files.getUploadURLExternal", method, methods=["GET", "POST"]),
                Route("/{path:path}", redirect, methods=["GET", "POST"]),
            ]
        )

    def other(self) -> Starlette:
        async def hear(request: Request) -> Response:
            self.heard.append(str(request.url))
            return JSONResponse({"ok": True, "ts": "1.1", "user": {"id": "U1"}})

        return Starlette(routes=[Route("/{path:path}", hear, methods=["GET", "POST"])])

    async def _endless(self) -> AsyncIterator[bytes]:
        while self.sent < 50_000_000:
            self.sent += 65_536
            yield b"x" * 65_536


@asynccontextmanager
async def hostile() -> AsyncIterator[tuple[Hostile, SlackConnection, str]]:
    slack = Hostile()
    async with serve(slack.app()) as base, serve(slack.other()) as other:
        slack.elsewhere = f"{other}/elsewhere"
        settings = replace(Settings(), slack_api_url=f"{base}/api", slack_bot_token="xoxb-1")
        async with open_slack_connection(settings) as line:
            yield slack, line, base


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_no_redirect_is_followed(status):
    async with hostile() as (slack, line, base), database("sqlite://") as store:
        slack.status, slack.upload = status, f"{base}/upload/1"
        courier = line.messenger(store)
        assert not await line.responder.respond(LETTER, f"{base}/hooks/1", Placement.BESIDE)
        assert not await line.responder.post(LETTER, "C1", None)
        with pytest.raises(NotSent):
            await courier.upload("a.csv", b"a")
        with pytest.raises(DeliveryUnknown):
            await courier.post(LETTER.reply, "C1", "1.channel")
        with pytest.raises(DirectoryUnavailable):
            await SlackDirectory(line.client).time_zone("U1")
        assert slack.heard == []


async def test_file_is_uploaded_to_slack_alone(caplog):
    async with hostile() as (slack, line, base), database("sqlite://") as store:
        port = base.rpartition(":")[2]
        for upload in (slack.elsewhere, f"http://u@127.0.0.1:{port}/", f"http://localhost:{port}/upload/1"):
            slack.upload = upload
            with pytest.raises(NotSent, match="foreign"):
                await line.messenger(store).upload("a.csv", b"a")
        assert slack.heard == [] and "elsewhere" not in caplog.text


async def test_answer_goes_to_slacks_own_port_alone():
    async with hostile() as (slack, line, base):
        assert not await line.responder.respond(LETTER, slack.elsewhere, Placement.BESIDE)
        with_user = base.replace("http://", "http://u:p@") + "/hooks/1"
        assert not await line.responder.respond(LETTER, with_user, Placement.BESIDE)
        assert slack.heard == []


async def test_endless_response_is_read_at_its_beginning_only(caplog):
    async with hostile() as (slack, line, base):
        async with asyncio.timeout(2):
            assert not await line.responder.respond(LETTER, f"{base}/hooks/endless", Placement.BESIDE)
        # what the sockets hold, too
        assert slack.sent < 10_000_000
        [record] = [vars(each) for each in caplog.records if each.name == "bot.slack.response_urls"]
        assert record["status"] == 400 and record["error"] == "unreadable"
