"""A Slack that loses requests, loses answers or is slow, and kills the process that asks it meanwhile."""

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

# A request of a process that is gone takes effect by then; the bot waits longer before it searches.
LATEST = 2.5
# Longer than a process waits for an answer, in the tests of that.
SLOW = 2.5


@dataclass(frozen=True)
class Fate:
    """What happens to a request: whether and when it takes effect, and what its sender gets."""

    name: str
    done: Literal["never", "first", "late"]
    sender: Literal["killed", "cut off", "refused", "kept waiting"]
    status: int = 200


# The possible fates of a request, by the method it calls.
Fates = Mapping[str, Sequence[Fate]]
POSTS = ("chat.postMessage", "files.completeUploadExternal")
# How the bot searches for what it posted.
SEARCHES = ("conversations.history", "conversations.replies")


def fates(posts: Sequence[Fate], searches: Sequence[Fate] = ()) -> Fates:
    return {**dict.fromkeys(POSTS, posts), **dict.fromkeys(SEARCHES, searches)}


SEARCH, PAUSE = Fate("search", "never", "killed"), Fate("429", "never", "refused", 429)
KILLS = fates(
    (Fate("drop", "never", "killed"), Fate("late", "late", "killed"), Fate("after", "first", "killed")),
    (SEARCH,),
)
ERRORS = fates(
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
NOTHING = fates(())


class FlakySlack:
    """A proxy before a workspace; the first part of a path names the process that asks."""

    def __init__(
        self,
        workspace: ASGIApp,
        fates: Fates,
        max_faults: int,
        chance: float,
        number: Callable[[str], int] = int,
        seed: int = 1,
    ) -> None:
        self._workspace, self._fates, self._max_faults, self._chance = workspace, fates, max_faults, chance
        self._number, self._random = number, random.Random(seed)
        self.happened = Counter[str]()
        self._dead = set[str]()
        self._reset = Faults().add(kind="reset", times=None)

    @property
    def is_exhausted(self) -> bool:
        """Return whether all that was to happen has happened."""
        return self.happened.total() - self.happened[SEARCH.name] >= self._max_faults

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request as its fate says."""
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
        choices = self._fates.get(method)
        chance = self._chance if method in POSTS else self._chance / 20
        if not choices or self.is_exhausted or sender in self._dead or self._random.random() > chance:
            return None
        fate = self._random.choice(choices)
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
        """Let Slack handle a request, and drop its answer."""

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
