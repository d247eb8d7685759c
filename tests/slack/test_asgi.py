"""What the bot answers to requests that Slack would never send, and to monitoring."""

import asyncio
import json
import logging
import time
from contextlib import suppress
from io import BytesIO
from typing import Any
from urllib.parse import urlencode

import aiohttp
import pytest
from slack_bolt.request import async_request

from bot.emulators.slack.delivery import signature
from tests.support.clock import slowness
from tests.support.paths import SHARED
from tests.support.slack_client import SlackClient

BODIES = SHARED / "slack" / "bolt-python-test-bodies.json"
JSON, FORM = "application/json", "application/x-www-form-urlencoded"
SECRET_WORDS = "zanzibar"


def signed(
    slack_client: SlackClient, body: bytes, kind: str = JSON, at: float | None = None
) -> dict[str, str]:
    timestamp = str(int(at or time.time()))
    return {
        "Content-Type": kind,
        "X-Slack-Request-Timestamp": timestamp,
        "X-Slack-Signature": signature(slack_client.slack.delivery.signing_secret, timestamp, body),
    }


async def post(slack_client: SlackClient, body: bytes, headers: dict[str, str]) -> tuple[int, str]:
    async with (
        aiohttp.ClientSession() as session,
        session.post(slack_client.slack.bot_url, data=BytesIO(body), headers=headers) as response,
    ):
        return response.status, await response.text()


async def get(slack_client: SlackClient, path: str) -> tuple[int, str]:
    url = slack_client.slack.bot_url.removesuffix("/slack/events") + path
    async with aiohttp.ClientSession() as session, session.get(url) as response:
        return response.status, await response.text()


COMMAND = urlencode({"command": "/figshare", "text": f"search {SECRET_WORDS}", "user_id": "U1"}).encode()
EVENT = json.dumps({"type": "event_callback", "event": {"text": SECRET_WORDS}}).encode()


def wrong_headers(slack_client: SlackClient) -> dict[str, dict[str, str]]:
    good = signed(slack_client, COMMAND, FORM)
    return {
        "no signature": {"Content-Type": FORM},
        "another signature": good | {"X-Slack-Signature": "v0=" + "0" * 64},
        "no version": good | {"X-Slack-Signature": "0" * 64},
        "an empty signature": good | {"X-Slack-Signature": ""},
        "a non-ASCII signature": good | {"X-Slack-Signature": "v0=é" + "0" * 63},
        "an old timestamp": signed(slack_client, COMMAND, FORM, time.time() - 600),
        "a timestamp to come": signed(slack_client, COMMAND, FORM, time.time() + 600),
        "a word for a timestamp": good | {"X-Slack-Request-Timestamp": "abc"},
        "no digits": good | {"X-Slack-Request-Timestamp": ""},
        "a negative timestamp": good | {"X-Slack-Request-Timestamp": "-1"},
        "an enormous timestamp": good | {"X-Slack-Request-Timestamp": "9" * 40},
        "a float": good | {"X-Slack-Request-Timestamp": "1e9"},
        "an arabic digit": good | {"X-Slack-Request-Timestamp": "١٢٣"},
        "signed for another body": signed(slack_client, b"x", FORM),
    }


async def test_unsigned_request_is_refused_and_not_logged(slack_client, caplog):
    caplog.set_level(logging.DEBUG)
    for name, headers in wrong_headers(slack_client).items():
        status, text = await post(slack_client, COMMAND, headers)
        assert 400 <= status < 500, name
        assert SECRET_WORDS not in text
    assert SECRET_WORDS not in caplog.text
    assert all(SECRET_WORDS not in str(vars(each)) for each in caplog.records)
    assert not slack_client.catalogue.state.requests


@pytest.fixture
def read_by_bolt(monkeypatch):
    """Return the bodies that Bolt has read."""
    bodies, read = [], async_request.parse_body
    monkeypatch.setattr(
        async_request, "parse_body", lambda body, kind: bodies.append(body) or read(body, kind)
    )
    return bodies


@pytest.mark.parametrize("start", [b"", b"payload=", b"text=", b'{"type": "event_callback"}'])
async def test_unsigned_body_is_never_read(slack_client, read_by_bolt, start):
    body = start + b"a=b&" * 240_000
    for name, headers in wrong_headers(slack_client).items():
        if name != "a non-ASCII signature":
            assert await post(slack_client, body, headers) == (401, "not signed by Slack\n"), name
    assert read_by_bolt == []
    assert (await post(slack_client, COMMAND, signed(slack_client, COMMAND, FORM)))[0] == 200
    assert read_by_bolt == [COMMAND.decode()]


async def test_unsigned_requests_do_not_delay_signed_ones(slack_client):
    host, port = slack_client.slack.bot_url.split("/")[2].split(":")
    head = b"POST /slack/events HTTP/1.1\r\nHost: a\r\n"
    forged = signed(slack_client, b"another", FORM)

    writers = list[asyncio.StreamWriter]()

    async def sends(start: bytes, more: bytes = b"") -> None:
        while True:
            with suppress(ConnectionError):
                writers.append((await asyncio.open_connection(host, int(port)))[1])
                writer = writers[-1]
                writer.write(start)
                while not writer.transport.is_closing():
                    writer.write(more)
                    await writer.drain()
                    await asyncio.sleep(0.002 if more else 0.1)
                writer.close()

    async def forms() -> None:
        while True:
            await post(slack_client, b"a=b&" * 240_000, forged)
            await asyncio.sleep(0.02)

    strangers = [
        *(sends(b"GET / HTTP/1.1\r\n", b"A: " + b"a" * 2_000 + b"\r\n") for _ in range(5)),
        *(sends(b"GET / HTTP/1.1\r\nA: ", b"a" * 2_000) for _ in range(5)),
        *(sends(head + b"Content-Length: 1000000\r\n\r\n", b"a" * 2_000) for _ in range(5)),
        *(sends(head + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\na\r\n" * 400) for _ in range(5)),
        *(sends(head) for _ in range(100)),
        *(forms() for _ in range(3)),
    ]
    tasks = [asyncio.create_task(each) for each in strangers]
    took = []
    for _ in range(9):
        await asyncio.sleep(0.02)
        seen = await slack_client.slack.command("/figshare", "help")
        assert seen.status == 200
        took.append(seen.exchange.took_ms)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    for writer in writers:
        writer.transport.abort()
    await asyncio.sleep(0.01)
    # the slowest may be the machine's
    assert sorted(took)[-2] < 100 * slowness()


UNREADABLE = {
    "not JSON": (b'{"type": "event_callback", zanzibar', JSON),
    "JSON that is a list": (b'["zanzibar"]', JSON),
    "JSON that is a number": (b"12345", JSON),
    "not UTF-8": (b"\xff\xfe zanzibar", JSON),
    "a form that is not UTF-8": (b"command=%2Ffigshare&text=zanzibar\xff", FORM),
    "a payload that is not JSON": (b"payload=zanzibar", FORM),
    "a payload that is a list": (b"payload=%5B%22zanzibar%22%5D", FORM),
    "deep": (b"[" * 100_000 + b"zanzibar", JSON),
    "empty": (b"", JSON),
}


@pytest.mark.parametrize("name", UNREADABLE)
async def test_unreadable_body_is_no_server_error(slack_client, caplog, name):
    caplog.set_level(logging.DEBUG)
    body, kind = UNREADABLE[name]
    unsigned = signed(slack_client, b"another", kind)
    assert 400 <= (await post(slack_client, body, unsigned))[0] < 500
    status, _ = await post(slack_client, body, signed(slack_client, body, kind))
    assert status < 500
    if name in ("not JSON", "not UTF-8", "a payload that is not JSON"):
        assert status >= 400
    assert SECRET_WORDS not in caplog.text
    assert all(SECRET_WORDS not in str(vars(each)) for each in caplog.records)


async def test_body_of_ten_megabytes_is_too_large(slack_client):
    body = b"text=" + b"x" * 10_000_000
    try:
        status, _ = await post(slack_client, body, signed(slack_client, body, FORM))
        assert status == 413
    except aiohttp.ClientError:
        # it may hang up before everything is sent
        pass
    assert (await get(slack_client, "/health"))[0] == 200


async def test_events_path_takes_post_only(slack_client):
    assert (await get(slack_client, "/slack/events"))[0] == 405
    assert (await get(slack_client, "/slack/nothing"))[0] == 404


async def test_health_answers_ok(slack_client):
    assert await get(slack_client, "/health") == (200, "ok\n")


async def test_ready_with_a_valid_token_answers_200(slack_client):
    assert (await get(slack_client, "/ready"))[0] == 200


async def test_ready_with_a_refused_token_answers_503(slack_client):
    slack_client.slack.fail("auth.test", "invalid_auth", times=3)
    assert await get(slack_client, "/ready") == (503, "slack\n")
    assert (await get(slack_client, "/health"))[0] == 200


async def test_many_readiness_checks_ask_slack_once(slack_client):
    slack_client.slack.fail("auth.test", "invalid_auth", times=100)
    before = len(slack_client.slack.log)
    responses = await asyncio.gather(*(get(slack_client, "/ready") for _ in range(50)))
    assert set(responses) == {(503, "slack\n")}
    assert [each.kind for each in slack_client.slack.log[before:]] == ["auth.test"]


@pytest.mark.parametrize(
    "path", ["/health/", "/ready/..", "//ready", "/metrics/x", "/%00", "/" + "x" * 9_000]
)
async def test_unknown_path_answers_404(slack_client, path):
    assert await get(slack_client, path) == (404, "Not Found")


@pytest.mark.parametrize("path", ["/health", "/ready", "/metrics"])
async def test_monitoring_paths_take_get_only(slack_client, path):
    url = slack_client.slack.bot_url.removesuffix("/slack/events") + path
    async with aiohttp.ClientSession() as session:
        for method in ("POST", "PUT", "DELETE", "OPTIONS", "PROPFIND"):
            async with session.request(method, url) as response:
                assert (response.status, await response.text()) == (405, "Method Not Allowed")


async def test_forged_name_is_not_in_the_metrics(slack_client):
    person = {"id": "U0MAYA", "username": "maya", "team_id": "T1"}
    for number in range(3):
        name = f"{SECRET_WORDS}{number}"
        pressed = {"action_id": f"{name}:0", "value": "x", "type": "button", "block_id": "b"}
        body = {"user": person, "trigger_id": f"t.{number}", "response_url": "https://example.org/1"}
        for payload in (
            body | {"type": "block_actions", "actions": [pressed], "container": {}},
            body | {"type": "message_action", "callback_id": name, "message": {}},
            body | {"type": "view_submission", "view": {"id": "V1", "callback_id": name, "blocks": []}},
        ):
            raw = urlencode({"payload": json.dumps(payload)}).encode()
            assert (await post(slack_client, raw, signed(slack_client, raw, FORM)))[0] < 500
    await slack_client.slack.command("/figshare", SECRET_WORDS)
    slack_client.catalogue.state.faults.add("/", status=299, times=None)
    await slack_client.slack.command("/figshare", "views 5616445")
    for _ in range(50):
        _, text = await get(slack_client, "/metrics")
        if 'status="unknown"' in text:
            break
        await asyncio.sleep(0.02)
    assert 'status="unknown"' in text and '"299"' not in text
    assert 'command="unknown"' in text and SECRET_WORDS not in text


async def test_metrics_name_commands_but_no_people(slack_client):
    await slack_client.slack.command("/figshare", "views 5616445")
    await slack_client.slack.command("/figshare", "views 5616445")
    await slack_client.slack.mention("C0RESEARCH", "U0JONAS", f"search {SECRET_WORDS}")
    await slack_client.slack.command("/figshare", SECRET_WORDS)
    status, text = await get(slack_client, "/metrics")
    assert status == 200
    for line in (
        'figshare_bot_commands_total{command="views",outcome="ok"} 2.0',
        'figshare_bot_commands_total{command="search",outcome="ok"} 1.0',
        'figshare_bot_commands_total{command="unknown",outcome="wrong"} 1.0',
        'figshare_bot_upstream_total{api="rest",status="200"}',
        'figshare_bot_upstream_total{api="stats",status="200"} 1.0',
        'figshare_bot_cache_total{outcome="fresh"}',
        'figshare_bot_cache_total{outcome="fetched"} 3.0',
        'figshare_bot_command_seconds_count{command="views"} 2.0',
    ):
        assert line in text
    for private in ("U0", "C0", "5616445", SECRET_WORDS, "maya", "research", "xoxb"):
        assert private not in text


async def test_url_verification_is_answered(slack_client):
    body = json.dumps({"type": "url_verification", "challenge": "c-1", "token": "t"}).encode()
    status, text = await post(slack_client, body, signed(slack_client, body))
    assert status == 200 and "c-1" in text


@pytest.mark.skipif(not BODIES.exists(), reason="Slack's own test bodies are not here")
async def test_bodies_of_slacks_own_tests_are_accepted(slack_client, caplog):
    bodies: dict[str, Any] = json.loads(BODIES.read_text())
    assert len(bodies) == 53
    for name, body in bodies.items():
        if isinstance(body, str):
            raw, kind = body.encode(), FORM
        elif body.get("type") in ("event_callback", "url_verification"):
            raw, kind = json.dumps(body).encode(), JSON
        elif "command" in body:
            raw, kind = urlencode(body).encode(), FORM
        else:
            raw, kind = urlencode({"payload": json.dumps(body)}).encode(), FORM
        status, _ = await post(slack_client, raw, signed(slack_client, raw, kind))
        assert status < 500, name
        if kind == JSON:
            # a 404 would make Slack send an event again
            assert status == 200, name
    assert "failed" not in caplog.text
