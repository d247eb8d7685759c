"""A Slack that loses what it is told, tells nothing, or takes its time, and kills who asks it meanwhile."""

import asyncio
import os
import random
import signal
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Literal

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.emulators.figshare.faults import Faults, apply_fault

# Later than that nothing is stored whose sender is gone; the bot waits longer before it looks.
LATEST = 2.5
# Longer than a process holds what it sends, where that is tried.
SLOW = 2.5


@dataclass(frozen=True)
class Fate:
    """What becomes of a request: whether Slack does what it says, and what happens to who sent it."""

    name: str
    done: Literal["never", "first", "late"]
    sender: Literal["killed", "cut off", "refused", "kept waiting"]
    status: int = 200


# What the fates of a request are, by the method it calls.
Fates = Mapping[str, Sequence[Fate]]
POSTS = ("chat.postMessage", "files.completeUploadExternal")
# How the bot looks for what it posted.
LOOKS = ("conversations.history", "conversations.replies")


def of(posts: Sequence[Fate], looks: Sequence[Fate] = ()) -> Fates:
    return {**dict.fromkeys(POSTS, posts), **dict.fromkeys(LOOKS, looks)}


LOOK, PAUSE = Fate("look", "never", "killed"), Fate("429", "never", "refused", 429)
KILLS = of(
    (Fate("drop", "never", "killed"), Fate("late", "late", "killed"), Fate("after", "first", "killed")),
    (LOOK,),
)
ERRORS = of(
    (
        Fate("reset before", "never", "cut off"),
        Fate("reset, late", "late", "cut off"),
        Fate("reset after", "first", "cut off"),
        Fate("500 before", "never", "refused", 500),
        Fate("500 after", "first", "refused", 500),
        Fate("slow", "never", "kept waiting"),
        PAUSE,
    ),
    (PAUSE,),
)
NOTHING = of(())


class FlakySlack:
    """Stands before a workspace; the first part of a path names the process that asks."""

    def __init__(
        self,
        workspace: ASGIApp,
        fates: Fates,
        most: int,
        chance: float,
        number: Callable[[str], int] = int,
        seed: int = 1,
    ) -> None:
        self._workspace, self._fates, self._most, self._chance = workspace, fates, most, chance
        self._number, self._random = number, random.Random(seed)
        self.happened = Counter[str]()
        self._dead = set[str]()
        self._reset = Faults().add(kind="reset", times=None)

    @property
    def is_kind(self) -> bool:
        """Return whether all that was to happen has happened."""
        return self.happened.total() - self.happened[LOOK.name] >= self._most

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Do to a request what its fate is."""
        if scope["type"] != "http":
            return await self._workspace(scope, receive, send)
        sender, _, path = scope["path"].removeprefix("/").partition("/")
        scope = {**scope, "path": f"/{path}", "raw_path": f"/{path}".encode()}
        fate = self._fate(sender, path.removeprefix("api/"))
        if fate is None:
            return await self._workspace(scope, receive, send)
        body = await _whole(receive)
        if fate.done == "first":
            await self._do(scope, body)
        match fate.sender:
            case "killed":
                self._kill(sender, fate)
            case "cut off":
                await apply_fault(self._reset, receive, send)
            case "refused":
                error = "ratelimited" if fate.status == 429 else "internal_error"
                answer = JSONResponse({"ok": False, "error": error}, fate.status, {"Retry-After": "1"})
                await answer(scope, receive, send)
            case "kept waiting":
                await asyncio.sleep(SLOW)
                await self._workspace(scope, _again(body), send)
        if fate.done == "late":
            await asyncio.sleep(self._random.uniform(0, LATEST))
            await self._do(scope, body)
        if fate.sender == "killed":
            while (await receive())["type"] != "http.disconnect":
                pass

    def _fate(self, sender: str, method: str) -> Fate | None:
        fates = self._fates.get(method)
        chance = self._chance if method in POSTS else self._chance / 20
        if not fates or self.is_kind or sender in self._dead or self._random.random() > chance:
            return None
        fate = self._random.choice(fates)
        if fate.sender != "killed":
            self.happened[fate.name] += 1
        return fate

    def _kill(self, sender: str, fate: Fate) -> None:
        if sender not in self._dead:
            self._dead.add(sender)
            self.happened[fate.name] += 1
            with suppress(ProcessLookupError):
                os.kill(self._number(sender), signal.SIGKILL)

    async def _do(self, scope: Scope, body: bytes) -> None:
        """Let Slack do it, and tell nobody."""

        async def nowhere(message: Message) -> None:
            pass

        await self._workspace(scope, _again(body), nowhere)


async def _whole(receive: Receive) -> bytes:
    body, more = b"", True
    while more:
        part = await receive()
        body += part.get("body", b"")
        more = part.get("more_body", False)
    return body


def _again(body: bytes) -> Receive:
    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    return receive
