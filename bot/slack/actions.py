"""Answers every press of a button below a message, and the shortcuts on messages.

There are two kinds of buttons. A question button ("ask.…") carries words, which are answered as if somebody
had typed them. An action button ("draft.edit", "digest.pause") names an action of a handler and carries its
value. Where the reply to either stands, `placement` decides.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress

import msgspec
from msgspec.structs import replace

from bot.commands import Interaction
from bot.dispatcher import Dispatcher
from bot.language.tokens import normalize
from bot.permissions import DirectoryUnavailable
from bot.render.buttons import ButtonQuestion
from bot.reply import Form, Reply
from bot.slack import pending_answers
from bot.slack.background_tasks import BackgroundTasks
from bot.slack.directory import SlackDirectory
from bot.slack.payloads import Press, PressedButton, Shortcut
from bot.slack.pending_answers import PendingAnswers
from bot.slack.placement import Placement
from bot.slack.places import ANSWER_FOLLOWS, PressPlace, message_key, press_key, question_key
from bot.slack.private_metadata import PrivateMetadata
from bot.slack.questions import Questions, busy_reply
from bot.slack.responder import OutgoingReply, Responder, is_direct
from bot.slack.returned_form import values_from_message
from bot.slack.views import ViewOpener


class Actions:
    """Answers presses; each runs in a task of its own, after its acknowledgement."""

    def __init__(
        self,
        dispatcher: Dispatcher,
        responder: Responder,
        background_tasks: BackgroundTasks,
        directory: SlackDirectory,
        views: ViewOpener,
        questions: Questions,
        clock: Callable[[], float],
        count_ignored: Callable[[object], None],
        pending: PendingAnswers,
    ) -> None:
        self._dispatcher, self._responder, self._background_tasks = dispatcher, responder, background_tasks
        self._directory, self._views, self._questions = directory, views, questions
        self._clock, self._count_ignored, self._pending = clock, count_ignored, pending
        self._running: dict[str, asyncio.Task[Reply]] = {}

    def on_action(self, press: Press) -> None:
        """Answer the press of a button; raises Malformed.

        A link, which carries no value, needs no answer; what else has none is only counted.
        """
        if not press.actions:
            return
        button = press.actions[0]
        if self._dispatcher.has_action(button.name):
            self._on_action_button(press, button)
        elif button.name.startswith("ask.") and button.value:
            self._on_question_button(press, button.name, button.value)
        elif button.type != "button" or button.value:
            self._count_ignored("block_actions")

    def on_shortcut(self, shortcut: Shortcut) -> None:
        """Run the action of a shortcut on a message, with the text of the message as its value."""
        text = (shortcut.message and shortcut.message.text) or ""
        interaction = Interaction(shortcut.callback_id, shortcut.user.id, text, directory=self._directory)
        metadata = PrivateMetadata(response_url=shortcut.response_url)
        self._background_tasks.spawn(self._run_and_answer(interaction, shortcut, metadata))

    def _on_question_button(self, press: Press, action_id: str, value: str) -> None:
        try:
            question = msgspec.json.decode(value, type=ButtonQuestion)
        except (msgspec.DecodeError, UnicodeError):
            return
        self._background_tasks.spawn(self._answer_question(press, action_id, question))

    async def _answer_question(self, press: Press, action_id: str, question: ButtonQuestion) -> None:
        user, words, channel = press.user.id, normalize(question.words), press.channel_id
        keys = message_key(channel, press.container.message_ts), question_key(channel, user, words)
        being_asked = (press_key(press, words), *(keys if action_id == "ask.instead" else ()))
        if self._pending.is_being_asked(*being_asked):
            return
        if action_id in ("ask.instead", "ask.next", "ask.previous"):
            self._pending.end_follow_ups(press_key(press, words), *keys)

        async def ask(time_limit: float | None) -> Reply:
            return await self._questions.answer(words, user, channel, question.page, time_limit)

        async def open_form(form: Form) -> bool:
            return await self._views.open_for_question(form, user, press.trigger_id, press.response_url)

        place = PressPlace(
            self._responder,
            press,
            action_id,
            words,
            self._dispatcher.is_private(words),
            self._clock,
            self._has_one_reader,
            open_form,
        )
        # What is shared stands in the channel for good, so that a late answer would be a second message.
        repeatable = self._questions.repeatable(words) if action_id != "ask.share" else ""
        await self._pending.answer(ask, place, repeatable, question.page)

    def _on_action_button(self, press: Press, button: PressedButton) -> None:
        user, name, value = press.user.id, button.name, button.value or ""
        metadata = PrivateMetadata(response_url=press.response_url, replaces_message=True)
        form_metadata = ""
        values = values_from_message((press.message and press.message.blocks) or ())
        if values:
            # The message gives a form back, so the button carries signed metadata. Without a valid signature
            # the interaction gets an empty name, which no action has.
            signed = self._views.signer_for(user).verify(value, name)
            name, value = name if signed else "", ""
            if signed:
                form_metadata = signed.form_metadata
                metadata = replace(metadata, idempotency_key=signed.idempotency_key)
        interaction = Interaction(
            name,
            user,
            value,
            idempotency_key=f"{press.channel_id} {press.container.message_ts or ''} {user}",
            values=values,
            directory=self._directory,
            channel=press.channel_id,
            private_metadata=form_metadata,
        )
        self._background_tasks.spawn(self._run_and_answer(interaction, press, metadata))

    async def _run_and_answer(
        self, interaction: Interaction, source: Press | Shortcut, metadata: PrivateMetadata
    ) -> None:
        # Nothing tells where the reply to an action will stand, so that this line is for its person alone.
        timer = asyncio.get_running_loop().call_later(
            pending_answers.PLACEHOLDER_DELAY, self._say_that_it_follows, source
        )
        try:
            reply, is_first = await self._run_once(interaction)
        finally:
            timer.cancel()
        if reply.public_in and not is_first:
            # The first press has posted it for everybody.
            return
        channel, thread_ts = "", None
        if isinstance(source, Press):
            channel, thread_ts = source.channel_id, source.container.thread_ts
            metadata = replace(metadata, has_one_reader=await self._has_one_reader(source, reply))
        if reply.form is not None and await self._views.open(
            reply.form, interaction, source.trigger_id, metadata
        ):
            return
        await self._responder.deliver(
            reply, interaction.action_id, metadata, interaction.user, channel, thread_ts
        )

    def _say_that_it_follows(self, source: Press | Shortcut) -> None:
        if source.response_url:
            line = OutgoingReply(ANSWER_FOLLOWS, "")
            self._background_tasks.spawn(self._responder.respond(line, source.response_url, Placement.BESIDE))

    async def _run_once(self, interaction: Interaction) -> tuple[Reply, bool]:
        """Run an action, and return its reply and whether this press ran it.

        The same person pressing the same button meanwhile gets the reply of the first press.
        """
        key = f"{interaction.idempotency_key} {interaction.action_id} {interaction.value}"
        running = self._running.get(key) if interaction.idempotency_key else None
        is_first = running is None
        if running is None:
            if self._background_tasks.is_full:
                return busy_reply(self._background_tasks.length), True
            running = self._running[key] = self._background_tasks.spawn(
                self._dispatcher.run_action(interaction)
            )
            running.add_done_callback(lambda _: self._running.pop(key, None))
        return await running, is_first

    async def _has_one_reader(self, press: Press, reply: Reply) -> bool:
        """Return whether only the person who pressed reads the message with the button.

        For a reply that everybody may read, it is enough to know whether the message is ephemeral.
        """
        if press.container.is_ephemeral or not reply.is_private or not is_direct(press.channel_id):
            return bool(press.container.is_ephemeral)
        with suppress(DirectoryUnavailable):
            # The direct message of two other people has an id of the same form.
            return await self._directory.direct(press.user.id) == press.channel_id
        return False
