"""An independent Slack emulator on loopback: local-slack 0.1.8, published on npm by parvalabs under MIT."""

import asyncio
import json
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import httpx

from tests.support.paths import ROOT
from tests.support.waiting import poll_until, wait_until_answering

BINARY = ROOT / ".tools/npm/node_modules/local-slack-linux-x64/bin/local-slack"
INSTALL = "npm i --prefix .tools/npm --ignore-scripts --no-save local-slack-linux-x64@0.1.8"

SLACK, BOT_PORT = "http://127.0.0.1:3000", 4000
ALICE, GENERAL, BOT = "U01ALICE", "C01GEN", "U0BOT"
TOKENS = {"SLACK_BOT_TOKEN": "xoxb-e2e", "SLACK_SIGNING_SECRET": "e2e-secret", "SLACK_APP_TOKEN": "xapp-e2e"}

Message = dict[str, Any]


def workspace_config(socket: bool) -> dict[str, Any]:
    """Return local-slack's configuration of the workspace and of how it reaches the bot."""
    connection = (
        {"mode": "socket"}
        if socket
        else {"mode": "events", "requestUrl": f"http://127.0.0.1:{BOT_PORT}/slack/events"}
    )
    return {
        "workspace": {"name": "E2E", "domain": "e2e", "teamId": "T01E2E"},
        "app": {
            "appId": "A01APP",
            "botUserId": BOT,
            "botName": "figshare",
            "botToken": TOKENS["SLACK_BOT_TOKEN"],
            "appToken": TOKENS["SLACK_APP_TOKEN"],
            "signingSecret": TOKENS["SLACK_SIGNING_SECRET"],
            **connection,
        },
        "users": [{"id": ALICE, "name": "alice", "real_name": "Alice", "email": "alice@example.org"}],
        "channels": [{"id": GENERAL, "name": "general", "members": [ALICE, BOT]}],
    }


class LocalSlack:
    """What a person does and reads in local-slack, through its control API."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self._http = http

    async def _do(self, kind: str, **values: object) -> dict[str, Any]:
        answer = await self._http.post(f"/_control/{kind}", json={"user": ALICE, **values})
        return answer.raise_for_status().json()

    async def command(self, text: str) -> None:
        await self._do("command", channel=GENERAL, command="/figshare", text=text)

    async def say(self, channel: str, text: str, thread: str | None = None) -> str:
        """Write a message and return its timestamp."""
        response = await self._do("message", channel=channel, text=text, thread_ts=thread)
        return response["message"]["ts"]

    async def press(self, message: Message, label: str) -> None:
        buttons = [each for block in message["blocks"] for each in block.get("elements", ())]
        action = next(each for each in buttons if each.get("text", {}) == _plain(label))
        block = next(block for block in message["blocks"] if action in block.get("elements", ()))
        await self._do(
            "interact",
            channel=message["channel"],
            messageTs=message["ts"],
            action={**action, "block_id": block.get("block_id", "")},
        )

    async def is_asked(self, method: str) -> bool:
        """Return whether the bot called a method."""
        return any(method in json.dumps(each) for each in await self._log())

    async def submit(self, **values: str) -> None:
        """Fill in and submit the open form, over the socket that its page uses."""
        typed = {name: {name: {"type": "plain_text_input", "value": value}} for name, value in values.items()}
        async with aiohttp.ClientSession() as session, session.ws_connect(f"{SLACK}/ui") as socket:
            await socket.send_json({"t": "view_submit", "user": ALICE, "values": typed})
            await socket.receive()

    async def direct(self) -> str:
        """Open the conversation between Alice and the bot."""
        token = {"Authorization": f"Bearer {TOKENS['SLACK_BOT_TOKEN']}"}
        opened = await self._http.post("/api/conversations.open", data={"users": ALICE}, headers=token)
        return opened.json()["channel"]["id"]

    async def answers(self, channel: str = GENERAL) -> list[Message]:
        """Return what the bot wrote in a conversation."""
        answer = await self._http.get(f"/_control/messages/{channel}")
        return [each for each in answer.json()["messages"] if each["user"] == BOT]

    async def answer(
        self, text: str, channel: str = GENERAL, where: Callable[[Message], object] = bool
    ) -> Message:
        """Wait for an answer of the bot that contains a text; the error without one shows the log."""

        async def find() -> Message | None:
            messages = (each for each in await self.answers(channel) if text in each["text"] and where(each))
            return next(messages, None)

        try:
            return await poll_until(find)
        except TimeoutError:
            output = "\n".join(json.dumps(each)[:1_000] for each in await self._log())
            raise AssertionError(f"no answer with {text!r}:\n{output}") from None

    async def is_connected(self) -> bool:
        """Return whether the bot is connected by Socket Mode."""
        return any(each["kind"] == "socket" for each in await self._log())

    async def _log(self) -> list[dict[str, Any]]:
        return (await self._http.get("/_control/log")).json()["log"]


def _plain(label: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": label, "emoji": False}


def labels(message: Message) -> list[str]:
    """Return the labels of the buttons under a message."""
    return [
        each["text"]["text"]
        for block in message["blocks"]
        if block["type"] == "actions"
        for each in block["elements"]
    ]


@asynccontextmanager
async def local_slack(folder: Path, socket: bool) -> AsyncIterator[LocalSlack]:
    """Run local-slack, in a network namespace only: it listens on all interfaces and accepts any token."""
    config = folder / "workspace.json"
    config.write_text(json.dumps(workspace_config(socket)))
    # It ends with the tests, also when they are killed.
    prefix = (shutil.which("setpriv") or "setpriv", "--pdeathsig", "KILL")
    process = await asyncio.create_subprocess_exec(
        *prefix, BINARY, "--config", config, "--port", "3000", "--base-host", "127.0.0.1",
        stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    try:
        async with httpx.AsyncClient(base_url=SLACK, trust_env=False) as http:
            await wait_until_answering(http, "/_control/state")
            yield LocalSlack(http)
    finally:
        process.kill()
        await process.wait()
