"""The places where answers stand: after a command, after a message, after a press.

Each is a `Place` of `pending_answers`, and does what Slack allows there:

- After a command only its response_url leads to what one person sees. Slack may put what is to replace that
  below it instead: https://github.com/slackapi/bolt-python/issues/1268.
- A message in a conversation is updated by `chat.update`. An answer for one person goes beside it, and the
  message for everybody is deleted.
- The response_url of a press replaces the message with the button and no other.
"""

from collections.abc import Awaitable, Callable, Hashable, Iterable
from dataclasses import dataclass

from bot.error_messages import error_message
from bot.figshare.errors import TimedOut
from bot.render.rich_text import plain_line
from bot.reply import Form, Mention, Moment, Reply
from bot.slack.payloads import EventCallback, Press, SlashCommand
from bot.slack.pending_answers import ASKING, STOPPED
from bot.slack.placement import Placement, placement_of
from bot.slack.responder import OutgoingReply, PressedMessage, Requester, Responder, is_direct

_ANSWERED_BELOW = Reply(("The answer is below, where everybody sees it.",))
_ANSWERED_PRIVATELY = Reply(("I answered the person who asked.",))
# How the messages begin that only say that an answer is not there yet.
_EMPTY_TITLES = {plain_line(ASKING), plain_line(STOPPED), error_message(TimedOut())[0]}
ANSWER_FOLLOWS = Reply(("Asking Figshare… The answer will follow.",))


def question_key(channel: str, user: str, words: str) -> Hashable:
    """Return what a place is found by that only one person sees: who asked what where."""
    return (channel, user, words)


def message_key(channel: str, ts: str | None) -> Hashable:
    """Return what a message is found by in which an answer will stand."""
    return (channel, ts)


def press_key(press: Press, words: str) -> Hashable:
    """Return what a press is found by while it is being answered."""
    return (press.channel_id, press.container.message_ts, press.user.id, words)


@dataclass(slots=True)
class CommandPlace:
    """Below a slash command, for the person who typed it."""

    responder: Responder
    command: SlashCommand
    words: str
    # returns whether another process answers this command
    is_elsewhere: Callable[[], Awaitable[bool]]
    # opens a form, and returns whether that was still possible
    open_form: Callable[[Form], Awaitable[bool]]
    _has_message: bool = False
    _checked: bool | None = None

    def found_by(self) -> Iterable[Hashable]:
        """Return who asked what."""
        return (question_key(self.command.channel_id, self.command.user_id, self.words),)

    async def show_placeholder(self, reply: Reply) -> None:
        """Show a placeholder, unless another process answers."""
        if not await self._is_elsewhere():
            await self._respond(OutgoingReply(reply, self.words), Placement.BESIDE)
            self._has_message = True

    async def show(self, reply: Reply) -> None:
        """Show a reply in place of the message that this command got before, if any."""
        if await self._is_elsewhere() or (reply.form is not None and await self.open_form(reply.form)):
            return
        placement = placement_of(reply, None)
        outgoing = OutgoingReply(reply, self.words, share=True)
        if placement is Placement.BESIDE and self._has_message:
            placement = Placement.REPLACE
        if placement is Placement.CHANNEL and self._has_message:
            # Before the answer, which Slack might replace in place of the placeholder.
            await self._respond(OutgoingReply(_ANSWERED_BELOW, ""), Placement.REPLACE)
        await self._respond(outgoing, placement)
        self._has_message = True

    async def _is_elsewhere(self) -> bool:
        if self._checked is None:
            self._checked = await self.is_elsewhere()
        return self._checked

    async def _respond(self, outgoing: OutgoingReply, placement: Placement) -> None:
        command = self.command
        pressed = PressedMessage(
            command.user_id, command.response_url, command.channel_id, has_one_reader=True
        )
        await self.responder.answer_press(outgoing, pressed, placement)


@dataclass(slots=True)
class MessagePlace:
    """Below a mention, in its thread; or below a direct message."""

    responder: Responder
    callback: EventCallback
    user: str
    words: str
    _ts: str | None = None

    def found_by(self) -> Iterable[Hashable]:
        """Return the message that the answer will stand in, if there is one."""
        return () if self._ts is None else (message_key(self.callback.event.channel, self._ts),)

    @property
    def _thread_ts(self) -> str | None:
        event = self.callback.event
        return event.thread_ts or (None if event.is_direct else event.ts)

    async def show_placeholder(self, reply: Reply) -> None:
        """Post a placeholder for everybody: it says no more than the question did."""
        outgoing = OutgoingReply(reply, self.words)
        self._ts = await self.responder.post_to_update(outgoing, self.callback.event.channel, self._thread_ts)

    async def show(self, reply: Reply) -> None:
        """Show a reply in place of the placeholder, or beside it where it is for one person."""
        event, outgoing = self.callback.event, OutgoingReply(reply, self.words)
        is_for_one = reply.is_private and not is_direct(event.channel)
        if self._ts is not None and not is_for_one:
            await self.responder.update(outgoing, event.channel, self._ts, self._thread_ts)
            return
        requester = Requester(self.user, event.thread_ts)
        await self.responder.post(outgoing, event.channel, self._thread_ts, requester)
        if self._ts is not None:
            await _take_back(self.responder, event.channel, self._ts)
            self._ts = None


@dataclass(slots=True)
class PressPlace:
    """Where the answer to a pressed question stands: see `placement_of`."""

    responder: Responder
    press: Press
    action_id: str
    words: str
    # whether the question is one whose answer is for its asker alone
    is_private: bool
    now: Callable[[], float]
    has_one_reader: Callable[[Press, Reply], Awaitable[bool]]
    open_form: Callable[[Form], Awaitable[bool]]
    _is_replaced: bool = False
    _ts: str | None = None

    def found_by(self) -> Iterable[Hashable]:
        """Return the press, and the message in its thread that the answer will stand in."""
        yield press_key(self.press, self.words)
        ts = self.press.container.message_ts if self._is_replaced else self._ts
        if ts is not None:
            yield message_key(self.press.channel_id, ts)

    async def show_placeholder(self, reply: Reply) -> None:
        """Show a placeholder: in place of an error, in the thread, or for the person who pressed."""
        outgoing = OutgoingReply(reply, self.words)
        is_for_one = bool(self.press.container.is_ephemeral)
        if self.action_id == "ask.instead" and (is_for_one or (self._is_empty and not self.is_private)):
            self._is_replaced = bool(
                await self.responder.respond(
                    outgoing, self.press.response_url, Placement.REPLACE, has_one_reader=is_for_one
                )
            )
            return
        if self.action_id == "ask.run" and not is_for_one and not self.is_private:
            self._ts = await self.responder.post_to_update(
                outgoing, self.press.channel_id, self._thread_ts(Placement.THREAD)
            )
        if self._ts is None and self.press.response_url:
            # Slack has no way to take this back, so it has to stay true.
            line = OutgoingReply(ANSWER_FOLLOWS, "")
            await self.responder.respond(line, self.press.response_url, Placement.BESIDE)

    async def show(self, reply: Reply) -> None:
        """Show a reply in place of what was shown before, where Slack can do that."""
        if reply.form is not None and await self.open_form(reply.form):
            return
        has_one_reader = await self.has_one_reader(self.press, reply)
        placement = placement_of(reply, self.action_id, has_one_reader)
        share = has_one_reader and placement is not Placement.CHANNEL
        is_free = self._is_replaced or (self.action_id == "ask.instead" and self._is_empty)
        if is_free and (has_one_reader or not reply.is_private) and not reply.public_in:
            placement = Placement.REPLACE
        if self.action_id == "ask.share" and placement is Placement.CHANNEL:
            shared_by = ("Shared by ", Mention(self.press.user.id), ", ", Moment(self.now()), ".")
            reply = reply.with_footnotes(shared_by)
        outgoing, channel = OutgoingReply(reply, self.words, share), self.press.channel_id
        if self._ts is not None and placement is Placement.THREAD:
            await self.responder.update(outgoing, channel, self._ts, self._thread_ts(placement))
            return
        pressed = PressedMessage(
            self.press.user.id,
            self.press.response_url,
            channel,
            self._thread_ts(placement),
            has_one_reader,
        )
        await self.responder.answer_press(outgoing, pressed, placement)
        if self._is_replaced and placement is not Placement.REPLACE:
            left = _ANSWERED_PRIVATELY if reply.is_private else _ANSWERED_BELOW
            await self.responder.respond(
                OutgoingReply(left, ""),
                self.press.response_url,
                Placement.REPLACE,
                has_one_reader=bool(self.press.container.is_ephemeral),
            )
        if self._ts is not None:
            await _take_back(self.responder, channel, self._ts)
            self._ts = None

    @property
    def _is_empty(self) -> bool:
        """Return whether the message with the button holds no answer that could be lost."""
        text = (self.press.message and self.press.message.text) or ""
        return text.partition("\n")[0] in _EMPTY_TITLES

    def _thread_ts(self, placement: Placement) -> str | None:
        container = self.press.container
        if placement is Placement.THREAD:
            return container.thread_ts or container.message_ts
        is_shared = self.action_id == "ask.share" and placement is Placement.CHANNEL
        return None if is_shared else container.thread_ts


async def _take_back(responder: Responder, channel: str, ts: str) -> None:
    """Delete the placeholder of an answer that stands elsewhere, or let it say so."""
    if not await responder.delete(channel, ts):
        await responder.update(OutgoingReply(_ANSWERED_PRIVATELY, ""), channel, ts, None)
