"""What people see while Figshare takes its time, so that nobody waits in silence.

    asked ──3 s──> "Asking Figshare…" ──20 s──> "not yet" ──within five minutes──> the answer
      └───────────────────┴── the answer, in the same place

An answer that comes within three seconds costs one timer and no call of Slack's. The two messages in between
carry *Try again*, so that they are of use however this process ends. When it is told to stop, a note takes
their place.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Hashable, Iterable
from dataclasses import dataclass
from typing import Protocol

from msgspec.structs import replace

from bot.reply import Button, Line, Reply, Text
from bot.slack.background_tasks import BackgroundTasks

# Returns the reply to a question, given how many seconds it may take where that is not the usual time; None
# where another process has it.
Ask = Callable[[float | None], Awaitable[Reply | None]]

log = logging.getLogger(__name__)

PLACEHOLDER_DELAY = 3.0
# How many seconds after "not yet" its answer still takes that place: five minutes after the question.
FOLLOW_UP_LIMIT = 280.0
_MAX_FOLLOW_UPS = 100
_NOTE_TIMEOUT = 2.0
ASKING: Line = ("Asking Figshare…",)
_WILL_APPEAR: Line = ("If it comes within five minutes, it will appear here by itself.",)
_STOPPING: Line = ("I'm being restarted and can't wait for it any longer: try again in a minute.",)
STOPPED: Line = ("I was restarted before Figshare answered.",)
_CHECK_FIRST: Line = ("It may have worked all the same: check before you try again.",)


class Place(Protocol):
    """Where the answer to one question stands; what is shown there replaces what was shown before."""

    def found_by(self) -> Iterable[Hashable]:
        """Return what *Try again* finds this place by: the message, or who asked what."""

    async def show_placeholder(self, reply: Reply) -> None:
        """Show that the question is being asked."""

    async def show(self, reply: Reply) -> None:
        """Show the answer, or what there is of it."""


@dataclass(slots=True, eq=False)
class _Pending:
    place: Place
    # what *Try again* asks; nothing for a question that may change something
    words: str
    page: int
    placeholder: asyncio.Task[None] | None = None
    follow_up: asyncio.Task[None] | None = None
    # whether what stands there is for the asker alone
    is_private: bool = False

    def try_again(self) -> tuple[Button, ...]:
        return (Button("Try again", self.words, self.page),) if self.words else ()


class PendingAnswers:
    """The questions that are being asked, and what stands in the places of their answers."""

    def __init__(self, background_tasks: BackgroundTasks) -> None:
        self._background_tasks = background_tasks
        # They don't count among the questions: each may take minutes.
        self._follow_ups = BackgroundTasks(_MAX_FOLLOW_UPS)
        self._by_key: dict[Hashable, _Pending] = {}
        self._standing = set[_Pending]()
        self._is_stopping = False

    async def answer(
        self, ask: Ask, place: Place, words: str, page: int = 1, delay: float | None = None
    ) -> None:
        """Ask a question and show the answer in its place, with a placeholder after `delay` seconds."""
        pending = _Pending(place, words, page)
        self._register(pending)
        # A timer costs a tenth of what a task costs, and nearly every answer comes before it.
        timer = asyncio.get_running_loop().call_later(
            PLACEHOLDER_DELAY if delay is None else delay, self._start_placeholder, pending
        )
        try:
            reply = await ask(None)
            timer.cancel()
            if pending.placeholder is not None:
                # The answer takes its place, so it has to be there.
                await asyncio.wait((pending.placeholder,))
            await self._show(pending, reply, ask)
        finally:
            timer.cancel()
            if pending.follow_up is None:
                self._unregister(pending)

    def is_being_asked(self, *keys: Hashable) -> bool:
        """Return whether one of the places with these keys is about to get its answer."""
        pendings = (self._by_key.get(key) for key in keys)
        return any(pending is not None and pending.follow_up is None for pending in pendings)

    def end_follow_ups(self, *keys: Hashable) -> None:
        """End the waits for late answers in these places: what is shown there next must stay."""
        for key in keys:
            pending = self._by_key.get(key)
            if pending is not None and pending.follow_up is not None:
                pending.follow_up.cancel()
                self._end(pending)

    async def stop_following_up(self) -> None:
        """End the waits for late answers, and say so in their places; from here on there are no new ones."""
        self._is_stopping = True
        pendings = [pending for pending in self._standing if pending.follow_up is not None]
        await self._follow_ups.drain(0)
        await self._show_stopped(pendings)

    async def close(self) -> None:
        """Say in each place that still waits for an answer that none will come."""
        await self._show_stopped(list(self._standing))

    def _start_placeholder(self, pending: _Pending) -> None:
        pending.placeholder = self._background_tasks.spawn(self._show_placeholder(pending))

    async def _show_placeholder(self, pending: _Pending) -> None:
        self._standing.add(pending)
        await pending.place.show_placeholder(Reply(ASKING, buttons=pending.try_again(), outcome="trouble"))
        self._register(pending)

    async def _show(self, pending: _Pending, reply: Reply | None, ask: Ask) -> None:
        # From here on a note could replace the answer itself.
        self._standing.discard(pending)
        if reply is None:
            return
        if reply.is_incomplete and self._is_stopping:
            reply = reply.with_footnotes(_STOPPING)
        elif reply.is_incomplete and pending.words and not self._follow_ups.is_full:
            await self._show_incomplete(pending, reply, ask)
            return
        await pending.place.show(reply)

    async def _show_incomplete(self, pending: _Pending, reply: Reply, ask: Ask) -> None:
        pending.is_private = reply.is_private
        await pending.place.show(_not_yet(reply, pending))
        self._standing.add(pending)
        self._register(pending)
        pending.follow_up = self._follow_ups.spawn(self._follow_up(pending, ask))

    async def _follow_up(self, pending: _Pending, ask: Ask) -> None:
        """Wait for a late answer; its request has been going on, and nothing is asked twice."""
        reply = await ask(FOLLOW_UP_LIMIT)
        self._end(pending)
        if reply is not None:
            await pending.place.show(reply)

    def _end(self, pending: _Pending) -> None:
        self._standing.discard(pending)
        self._unregister(pending)

    def _register(self, pending: _Pending) -> None:
        for key in pending.place.found_by():
            self._by_key[key] = pending

    def _unregister(self, pending: _Pending) -> None:
        for key in pending.place.found_by():
            if self._by_key.get(key) is pending:
                del self._by_key[key]

    async def _show_stopped(self, pendings: Iterable[_Pending]) -> None:
        async def show(pending: _Pending) -> None:
            self._end(pending)
            parts = () if pending.words else (Text(_CHECK_FIRST),)
            note = Reply(STOPPED, parts, buttons=pending.try_again(), outcome="trouble")
            await pending.place.show(replace(note, is_private=pending.is_private))

        notes = [asyncio.create_task(show(pending)) for pending in pendings]
        if notes:
            await asyncio.wait(notes, timeout=_NOTE_TIMEOUT)
            log.info("answers not waited for", extra={"count": len(notes)})
        for note in notes:
            note.cancel()
        await asyncio.gather(*notes, return_exceptions=True)


def _not_yet(reply: Reply, pending: _Pending) -> Reply:
    """Return what there is of an answer, with a line that says that the rest comes by itself."""
    buttons = () if any(button.label == "Try again" for button in reply.buttons) else pending.try_again()
    return reply.with_footnotes(_WILL_APPEAR).with_buttons(*buttons)
