"""No secret leaves the process, though Figshare and Slack throw back everything they are sent."""

import asyncio
import base64
import html
import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import quote, quote_plus, urlencode

import aiohttp
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from slack_sdk.errors import SlackClientError

from bot.bot import open_bot
from bot.commands import CommandRegistry, Question
from bot.dispatcher import Dispatcher
from bot.emulators.slack.delivery import signature
from bot.figshare.client import Request
from bot.figshare.errors import FigshareError
from bot.metrics import Metrics
from bot.redaction import MARK, MIN_LENGTH, Redactor
from bot.render import blocks, plain_text
from bot.settings import Settings, secrets_in
from bot.slack.app import open_slack_connection
from bot.slack.health import bot_token_problem
from handlers import MODULES
from tests.support.clock import TODAY
from tests.support.paths import ROOT

SECRETS = {
    "SLACK_BOT_TOKEN": "xoxb-900100200300-4005006007008-QwErTyUiOpAsDfGhJkLzXcVb",
    "SLACK_SIGNING_SECRET": "8f742231b10e8888abcd99yyyzzz85a5",
    "SLACK_APP_TOKEN": "xapp-1-A0123456789-1234567890123-" + "c0ffee1234" * 4,
    "FIGSHARE_TOKEN": "5e1f" + "0badcafe42" * 7,
    "FIGSHARE_STATS_USERNAME": "frogs-of-lboro",
    "FIGSHARE_STATS_PASSWORD": "pa/ss+wo'rd\"%1&\\é",
}
PASSWORD, REDIS_PASSWORD = "data ba/se#pw", "re:dis@pw"
SECRET_WORDS = [*SECRETS.values(), PASSWORD, REDIS_PASSWORD]


WAYS = (
    str,
    quote,
    quote_plus,
    html.escape,
    lambda text: quote(text, safe=""),
    lambda text: quote(text, safe="").replace("%2F", "%2f"),
    lambda text: json.dumps(text)[1:-1],
    lambda text: json.dumps(text, ensure_ascii=False)[1:-1],
    lambda text: repr(text)[1:-1],
)


def forms(secret: str) -> set[str]:
    """Return what a secret looks like on its way through other programs, and cut short."""
    found = {write(secret) for write in WAYS} | {secret[:12]}
    for before in (b"", b"a", b"ab"):
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            # what is the same whatever stands around it
            found.add(encode(before + secret.encode()).decode()[4:-4])
    return found


KNOWN = {form for secret in SECRET_WORDS for form in forms(secret)}


def assert_silent(text: str) -> None:
    assert [form for form in KNOWN if form in text] == []


class Mirror(BaseHTTPRequestHandler):
    """Throws back what it gets: in the reason, in headers, and in the body in the way its server is told."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        sent = self.rfile.read(int(self.headers.get("content-length", 0))).decode("latin-1")
        headers = " ".join(self.headers.values())
        basic = self.headers.get("authorization", "").partition("Basic ")[2]
        decoded = base64.b64decode(basic).decode() if basic else ""
        words = " ".join((headers, decoded, quote(headers + decoded, safe=""), sent[:500]))
        # An error also repeats what came with other requests; wherever it is cut, a secret is cut.
        others = [] if self.server.answer is ANSWERS["good"] else [*SECRETS.values(), "x"]  # type: ignore[attr-defined]
        thrown = f"{words} {' '.join(others * 5)}"
        thrown += "".join(base64.b64encode(b"x" * n + thrown.encode()).decode() for n in range(3))
        status, kind, body = self.server.answer(thrown)  # type: ignore[attr-defined]
        content, line = body.encode(), quote(thrown, safe=" /+:-")[:2_000]
        self.send_response(status, line)
        self.send_header("X-Echo", line)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_POST = do_PUT = do_DELETE = do_GET

    def log_message(self, *args: object) -> None:
        pass


JSON = "application/json"
ANSWERS = {
    "refused": lambda said: (
        400,
        JSON,
        json.dumps({"ok": False, "error": said, "message": said, "code": said}),
    ),
    "forbidden": lambda said: (403, JSON, json.dumps({"message": said, "error": said})),
    "failing": lambda said: (500, "text/html", f"<html><p>{html.escape(said)}</p>"),
    "no JSON": lambda said: (200, JSON, said),
    "a list": lambda said: (200, JSON, json.dumps([said])),
    "text": lambda said: (200, "text/plain", said),
    "wrong in OAI-PMH": lambda said: (
        200,
        "text/xml",
        '<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/">'
        f'<error code="{html.escape(said)}">{html.escape(said)}</error></OAI-PMH>',
    ),
    "good": lambda said: (200, JSON, json.dumps({"ok": False, "error": said, "title": said, "id": 1})),
}


@contextmanager
def mirror(kind: str) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Mirror)
    server.answer = ANSWERS[kind]  # type: ignore[attr-defined]
    serving = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    serving.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def environment(base: str, folder: Path) -> dict[str, str]:
    return SECRETS | {
        "SLACK_API_URL": f"{base}/api/",
        "FIGSHARE_API_URL": f"{base}/v2",
        "FIGSHARE_STATS_URL": f"{base}/stats",
        "FIGSHARE_RESOURCESYNC_URL": f"{base}/.well-known/resourcesync",
        "FIGSHARE_PORTAL": "lboro",
        "FIGSHARE_GROUP": "17",
        "FIGSHARE_REQUESTS_PER_SECOND": "1000",
        "FIGSHARE_BURST": "1000",
        "DRAFT_USERS": "U1",
        "DATABASE_URL": f"sqlite:///{folder}/figshare-bot.db",
    }


words = st.text(st.characters(min_codepoint=33, max_codepoint=0x3FF, exclude_categories=["C"]), max_size=30)


@settings(max_examples=100, deadline=None)
@given(secret=words.filter(lambda each: len(each) >= MIN_LENGTH), before=words, after=words)
def test_secret_is_removed_in_every_spelling(secret, before, after):
    redact = Redactor([secret])
    for write in WAYS:
        kept = f"{redact(before)} {MARK} {redact(after)}"
        assert redact(f"{before} {write(secret)} {after}") == kept
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        encoded = encode((before + secret + after).encode()).decode()
        assert MARK in redact(encoded) and MARK in redact(quote(encoded, safe=""))


def test_short_secret_is_removed_only_beside_its_name():
    redact = Redactor(secrets_in({"DATABASE_URL": "postgres://ann:pw@db/bot"}))
    assert redact("pw of ann:pw@db") == f"pw of {MARK}@db"
    assert Redactor([])("anything") == "anything"


def test_common_name_is_not_removed():
    portal = {"FIGSHARE_PORTAL": "uni-of-frogs", "FIGSHARE_STATS_USERNAME": "uni-of-frogs"}
    redact = Redactor(secrets_in(portal | {"DATABASE_URL": "postgres://figshare:figshare@db/bot"}))
    assert redact("uni-of-frogs: at figshare.com") == "uni-of-frogs: at figshare.com"
    assert redact("figshare:figshare@db") == f"{MARK}@db"
    assert Redactor(secrets_in({"FIGSHARE_STATS_USERNAME": "research"}))("research: 5") == "research: 5"


@pytest.mark.parametrize("word", ["/abcdef", "\\abcdef", "&abcdef", "xoxb-abcdef"])
def test_redaction_takes_linear_time(word):
    redact = Redactor([word])
    for hostile in ("\\", "/", "&#0", "%2", word[:-1], "xoxb-"):
        began = time.perf_counter()
        redact(hostile * (200_000 // len(hostile)))
        assert time.perf_counter() - began < 1.0


@pytest.mark.parametrize("kind", ANSWERS)
async def test_secret_repeated_by_figshare_is_never_shown(kind, tmp_path):
    with mirror(kind) as base:
        told = Settings.from_env(environment(base, tmp_path))
        async with open_bot(told, CommandRegistry(MODULES), Metrics()) as bot:
            answers = Dispatcher(bot)
            for question in ("views 5616445", "search frogs", "top views groups", "oai 5616445", "files 1"):
                reply = await answers.answer(Question(question, TODAY, user="U1"))
                assert_silent(
                    json.dumps(blocks.message_payload(reply, question)) + plain_text.terminal_text(reply)
                )
            token, auth = told.figshare_token, told.stats_auth
            for api in ("rest", "stats", "oai", "resourcesync"):
                for request in (Request(api, f"{base}/{token}", token=token), Request(api, base, auth=auth)):
                    try:
                        assert_silent((await bot.transport.get(request, bytes)).decode())
                    except FigshareError as error:
                        assert_silent(f"{error!r} {error} {vars(error)}")


@pytest.mark.parametrize("kind", ANSWERS)
async def test_secret_repeated_by_slack_is_never_shown(kind, tmp_path):
    with mirror(kind) as base:
        told = Settings.from_env(environment(base, tmp_path))
        async with open_slack_connection(told) as line:
            assert_silent(await bot_token_problem(line.client))
            with pytest.raises(SlackClientError) as raised:
                await line.client.chat_postMessage(channel="C1", text=told.slack_bot_token)
            error = raised.value
            assert_silent(f"{error!r} {error} {getattr(getattr(error, 'response', None), 'data', '')}")


async def run(environ: dict[str, str], *command: str) -> str:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", *command),
        cwd=environ["FOLDER"],
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **environ},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    text, _ = await asyncio.wait_for(process.communicate(), 60)
    return text.decode()


async def test_no_subcommand_prints_a_secret(tmp_path):
    with mirror("refused") as base:
        environ = environment(base, tmp_path) | {"FOLDER": str(tmp_path), "LOG_FORMAT": "json"}
        dead = {"DATABASE_URL": f"postgres://ann:{quote(PASSWORD, safe='')}@127.0.0.1:1/bot"}
        dead |= {"REDIS_URL": f"redis://:{quote(REDIS_PASSWORD, safe='')}@127.0.0.1:1", "LOG_FORMAT": "text"}
        said = await asyncio.gather(
            run(environ, "check"),
            run(environ, "ask", "search frogs"),
            run(environ | dead, "digests", "run"),
            run(environ | {"DRAFT_USERS": SECRETS["SLACK_BOT_TOKEN"]}, "check"),
        )
    assert "✗ Slack" in said[0] and "rejected the request" in said[1] and "can't be opened" in said[2]
    assert f"'{MARK}' isn't a Slack user id" in said[3]
    for each in said:
        assert_silent(each)


async def test_serve_shows_no_secret_in_log_answers_or_ready(tmp_path):
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        port = free.getsockname()[1]
    with mirror("refused") as base:
        environ = environment(base, tmp_path) | {
            "HOST": "127.0.0.1",
            "PORT": str(port),
            "SLACK_APP_TOKEN": "",
        }
        log = tmp_path / "log"
        process = await asyncio.create_subprocess_shell(
            f"exec {sys.executable} -m bot serve >log 2>&1",
            cwd=tmp_path,
            env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **environ},
        )
        try:
            body = urlencode(
                {"command": "/figshare", "text": "search frogs", "user_id": "U1", "channel_id": "C1"}
            ).encode()
            stamp = str(int(time.time()))
            headers = {
                "Content-Type": "application/x-www-form-urlencoded",
                "X-Slack-Request-Timestamp": stamp,
                "X-Slack-Signature": signature(SECRETS["SLACK_SIGNING_SECRET"], stamp, body),
            }
            door = f"http://127.0.0.1:{port}"
            async with aiohttp.ClientSession() as http:
                while True:
                    with suppress(aiohttp.ClientConnectionError):
                        async with http.get(f"{door}/ready") as ready:
                            said = await ready.text()
                            break
                    await asyncio.sleep(0.05)
                    assert process.returncode is None, log.read_text()
                assert ready.status == 503
                assert_silent(said)
                async with http.post(f"{door}/slack/events", data=body, headers=headers) as answer:
                    said = await answer.text()
            assert "rejected the request" in said
            assert_silent(said)
        finally:
            process.terminate()
            await process.wait()
    log_text = log.read_text()
    assert "slack is not usable yet" in log_text and "figshare did not help" in log_text
    assert_silent(log_text)


# What a process can say: by its own log, by those of libraries, and by what nobody caught.
PROGRAM = """
import asyncio, json, logging, os, threading, warnings
from bot import logs
from bot.redaction import Redactor, guard_streams
from bot.settings import Settings, secrets_in

def fail(text):
    try:
        raise ValueError(text)
    except ValueError as error:
        raise RuntimeError(repr(text)) from error

async def nobody_hears(text):
    asyncio.get_running_loop().call_soon(lambda: fail(text))
    await asyncio.sleep(0)
    await asyncio.sleep(0)

guard_streams(Redactor(secrets_in(os.environ)))
logs.to_stderr(Settings.from_env(os.environ))
texts = json.loads(os.environ["TEXTS"])
for text in texts:
    for name in ("bot", "dbos", "uvicorn.error", "sqlalchemy", "slack_sdk", "aiohttp", "asyncio"):
        extra = {"more": text, "facts": {"text": [text]}}
        logging.getLogger(name).error("said %s", text, extra=extra, stack_info=True)
    try:
        fail(text)
    except RuntimeError:
        logging.getLogger("bot").exception("failed")
    warnings.warn(text)
    print(text, repr(text), text.encode())
    thread = threading.Thread(target=fail, args=(text,))
    thread.start()
    thread.join()
    asyncio.run(nobody_hears(text))
fail(" ".join(texts))
"""


@pytest.mark.parametrize("kind", ["text", "json"])
def test_no_stream_shows_a_secret_of_any_writer(kind, tmp_path):
    texts = [*SECRET_WORDS, " ".join(sorted(write(each) for each in SECRET_WORDS for write in WAYS))]
    environ = environment("http://127.0.0.1:1", tmp_path) | {
        "DATABASE_URL": f"postgres://ann:{quote(PASSWORD, safe='')}@127.0.0.1:1/bot",
        "REDIS_URL": f"redis://:{quote(REDIS_PASSWORD, safe='')}@127.0.0.1:1",
        "LOG_FORMAT": kind,
        "TEXTS": json.dumps(texts),
    }
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **environ},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.stdout.count(MARK) > len(texts) and "RuntimeError" in done.stderr
    assert done.stderr.count("Exception in thread") == len(texts)
    assert_silent(done.stdout + done.stderr)
