"""Who may see and do what on the playground: the person at its page, and no other page in the browser."""

from contextlib import asynccontextmanager

import aiohttp
import pytest

from bot.commands import CommandRegistry
from bot.emulators.slack import Workspace
from bot.emulators.slack.people import RESEARCH
from handlers import MODULES
from tests.support.playground_page import token_header
from tests.support.portals import LBORO
from tests.support.slack_client import open_slack_client

MAYA = Workspace.maya
SEND = {"user": MAYA, "channel": RESEARCH, "text": "hello"}
ELSEWHERE = "https://example.org"


@asynccontextmanager
async def asked(method, url, headers=None, **more):
    async with (
        aiohttp.ClientSession() as http,
        http.request(method, url, headers=headers, **more) as response,
    ):
        yield response


async def status(method, url, headers=None, **more) -> int:
    async with asked(method, url, headers, **more) as response:
        return response.status


def said(slack_client):
    return [message.text for message in slack_client.slack.history.messages]


async def test_page_with_its_token_acts_and_sees_the_state(slack_client):
    token = await token_header(slack_client.base)
    assert await status("POST", f"{slack_client.base}/playground/send", token, json=SEND) == 200
    assert said(slack_client) == ["hello"]
    async with asked("GET", f"{slack_client.base}/playground/state", token) as response:
        assert [each["text"] for each in (await response.json())["messages"]] == ["hello"]


@pytest.mark.parametrize(
    ("settings", "first"),
    [({}, "help"), (LBORO, "stats ours last month"), (LBORO | {"figshare_stats_password": ""}, "help")],
)
async def test_examples_lead_with_ours_where_it_is_set_up(settings, first):
    async with (
        open_slack_client(**settings) as slack_client,
        asked(
            "GET", f"{slack_client.base}/playground/state", await token_header(slack_client.base)
        ) as response,
    ):
        assert (await response.json())["examples"][0] == first


async def test_page_lists_every_command(slack_client):
    token = await token_header(slack_client.base)
    async with asked("GET", f"{slack_client.base}/playground/state", token) as response:
        commands = (await response.json())["commands"]
    declared = CommandRegistry(MODULES).all
    assert {(each["name"], each["usage"], each["summary"]) for each in commands} == {
        (each.name, each.usage, each.summary) for each in declared
    }


@pytest.mark.parametrize("token", [{}, {"X-Playground-Token": ""}, {"X-Playground-Token": "é" * 43}])
async def test_request_without_the_token_is_refused(slack_client, token):
    for method, path, more in (
        ("POST", "send", {"json": SEND}),
        ("POST", "clock", {"json": {"user": MAYA, "forward": 60}}),
        ("GET", "state", {}),
        ("GET", "changes", {}),
        ("GET", "changes?token=x", {}),
    ):
        assert await status(method, f"{slack_client.base}/playground/{path}", token, **more) == 403
    assert said(slack_client) == []


async def test_get_request_changes_nothing(slack_client):
    token = await token_header(slack_client.base)
    for deed in ("send", "press", "shortcut", "suggest", "submit", "close", "clock"):
        for method in ("GET", "HEAD"):
            assert await status(method, f"{slack_client.base}/playground/{deed}", token, params=SEND) in (
                404,
                405,
            )
    assert said(slack_client) == []


def servers(slack_client):
    """Name an address at each server that the playground opens."""
    return {
        "page": f"{slack_client.base}/",
        "Web API": f"{slack_client.base}/api/api.test",
        "bot": slack_client.slack.bot_url.removesuffix("/slack/events") + "/health",
        "Figshare": f"{slack_client.figshare}/v2/licenses",
    }


def port(url):
    return url.split("/")[2].rpartition(":")[2]


async def test_server_answers_to_its_own_host_names(slack_client):
    for name, url in servers(slack_client).items():
        for host in ("127.0.0.1", "localhost", "LOCALHOST"):
            assert await status("GET", url, {"Host": f"{host}:{port(url)}"}) == 200, name
        own = {"Origin": f"http://127.0.0.1:{port(url)}", "Sec-Fetch-Site": "same-origin"}
        assert await status("GET", url, own) == 200, name
        assert await status("GET", url, {"Sec-Fetch-Site": "none", "Sec-Fetch-Dest": "document"}) == 200, name


@pytest.mark.parametrize(
    "host", ["example.org", "example.org:PORT", "127.0.0.1", "127.0.0.1:1", "127.0.0.1:PORT.example.org", ""]
)
async def test_rebound_host_name_is_refused(slack_client, host):
    for name, url in servers(slack_client).items():
        assert await status("GET", url, {"Host": host.replace("PORT", port(url))}) == 403, name


FOREIGN = {
    "a script's": {"Origin": ELSEWHERE, "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "cors"},
    "a form's": {"Origin": ELSEWHERE},
    "a sandboxed frame's": {"Origin": "null"},
    "another port's": {"Origin": "http://127.0.0.1:1", "Sec-Fetch-Site": "same-site"},
    "a picture's": {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image"},
    "a frame's": {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "iframe"},
}


@pytest.mark.parametrize("name", FOREIGN)
async def test_request_of_another_site_is_refused(slack_client, name):
    token = await token_header(slack_client.base)
    for server, url in servers(slack_client).items():
        for method in ("GET", "POST", "OPTIONS"):
            assert await status(method, url, FOREIGN[name] | token) == 403, server
    assert (
        await status("POST", f"{slack_client.base}/playground/send", FOREIGN[name] | token, json=SEND) == 403
    )
    posted = {"token": "xoxb-playground", "channel": RESEARCH, "text": "hello"}
    assert (
        await status("POST", f"{slack_client.base}/api/chat.postMessage", FOREIGN[name], data=posted) == 403
    )
    assert said(slack_client) == []


async def test_link_of_another_site_opens_only_the_page(slack_client):
    link = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
    assert await status("GET", f"{slack_client.base}/", link) == 200
    posted = {"token": "xoxb-playground", "channel": RESEARCH, "text": "hello"}
    async with asked("GET", f"{slack_client.base}/api/chat.postMessage", link, params=posted) as response:
        assert (await response.json())["error"] == "invalid_auth"
    assert said(slack_client) == []


async def test_every_response_has_the_security_policy(slack_client):
    for path in (
        "/",
        "/static/page.js",
        "/static/nothing",
        "/playground/state",
        "/files/F1/a.html",
        "/api/x",
    ):
        async with asked("GET", slack_client.base + path) as response:
            assert response.headers["Content-Security-Policy"].startswith("default-src 'self'"), path
            assert response.headers["X-Content-Type-Options"] == "nosniff"
