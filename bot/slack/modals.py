"""Forms and deeds: what is pressed, opened, typed into and submitted, and where its answer goes."""

import asyncio
import logging
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import aiohttp
import msgspec
import orjson
from slack_bolt.response import BoltResponse
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_client import AsyncWebClient

from bot.commands import Interaction
from bot.dispatcher import Dispatcher
from bot.permissions import DirectoryUnavailable
from bot.reply import Button, Copy, Form, Line, Part, Reply, Text
from bot.slack import views
from bot.slack.background_tasks import BackgroundTasks
from bot.slack.client import ToldView, read
from bot.slack.directory import SlackDirectory
from bot.slack.payloads import Action, Press, Shortcut, Submission, Suggestion
from bot.slack.placement import after_action, after_command
from bot.slack.responder import Asker, OutgoingReply, Responder, is_direct
from bot.slack.signing import Signer

log = logging.getLogger(__name__)

# Of the three seconds that Slack gives to a submission, and to what is typed into a search.
BUDGET, SEARCHING = 2.0, 2.4
WORKING = "One moment: Figshare is at work. You may close this; the answer comes to you."
_TROUBLE = (SlackClientError, aiohttp.ClientError, OSError, TimeoutError)

View = dict[str, Any]


class Modals:
    """Opens forms, takes what was filled in, and does deeds."""

    def __init__(
        self,
        answers: Dispatcher,
        sender: Responder,
        client: AsyncWebClient,
        work: BackgroundTasks,
        people: SlackDirectory,
        signer: Signer,
    ) -> None:
        self._answers, self._sender, self._client = answers, sender, client
        self._work, self._people, self._signer = work, people, signer
        self._under_way: dict[str, asyncio.Task[Reply]] = {}

    async def asked(self, form: Form, user: str, trigger: str, url: str) -> bool:
        """Open the form that answers a question; false when it is too late for that."""
        interaction = Interaction("", user, people=self._people)
        return await self._open(form, interaction, trigger, views.PrivateMetadata(url=url))

    async def _open(
        self, form: Form, interaction: Interaction, trigger: str, meta: views.PrivateMetadata
    ) -> bool:
        """Open a form, at first without what takes time; false when the trigger is worth nothing any more."""
        seal = views.Seal(self._signer, interaction.user)
        try:
            opened = await self._client.views_open(trigger_id=trigger, view=views.view(form, meta, seal))
            view_id = read(opened, ToldView).view.id
        except _TROUBLE as error:
            log.warning("a form did not open", extra={"error": _cause(error)})
            return False
        if form.load is not None:
            reply = await self._answers.load_form(form, interaction)
            told = views.notice(form.title, *views.told_of(reply))
            shown = views.view(reply.form, meta, seal) if reply.form else told
            await self._update(view_id, shown)
        return True

    def pressed(self, press: Press, action: Action) -> None:
        """Do what a button asks for."""
        user, value, kept = press.user.id, action.value or "", ""
        meta = views.PrivateMetadata(url=press.response_url, replaces=True)
        told = views.kept((press.message and press.message.blocks) or ())
        name = action.name
        if told:
            given = views.Seal(self._signer, user).verify(value, name)
            # Where the form came from is known to its signature alone.
            value, name = "", name if given else ""
            if given:
                kept, meta = given.kept, msgspec.structs.replace(meta, key=given.key)
        key = f"{press.channel_id} {press.container.message_ts or ''} {user}"
        interaction = Interaction(name, user, value, key, told, self._people, press.channel_id, kept)
        self._work.spawn(self._press(interaction, press, meta))

    def chosen(self, shortcut: Shortcut) -> None:
        """Do what a shortcut on a message asks for."""
        text = (shortcut.message and shortcut.message.text) or ""
        interaction = Interaction(shortcut.callback_id, shortcut.user.id, text, people=self._people)
        self._work.spawn(self._press(interaction, shortcut, views.PrivateMetadata(url=shortcut.response_url)))

    async def is_alone(self, press: Press, reply: Reply) -> bool:
        """Return whether nobody but the person who pressed reads the message with the button.

        For what everybody may read it is enough to know whether Slack shows the message to one person only.
        """
        if press.container.is_ephemeral or not reply.is_private or not is_direct(press.channel_id):
            return bool(press.container.is_ephemeral)
        with suppress(DirectoryUnavailable):
            # Two people's own direct message has an id of the same form.
            return await self._people.direct(press.user.id) == press.channel_id
        return False

    async def _press(
        self, interaction: Interaction, press: Press | Shortcut, meta: views.PrivateMetadata
    ) -> None:
        reply, is_first = await self._once(interaction)
        if reply.public_in and not is_first:
            # Everybody has been told once.
            return
        thread = None
        if isinstance(press, Press):
            thread = press.container.thread_ts
            meta = msgspec.structs.replace(meta, is_alone=await self.is_alone(press, reply))
        if reply.form is not None and await self._open(reply.form, interaction, press.trigger_id, meta):
            return
        await self._deliver(reply, meta, interaction.user, thread)

    async def submitted(self, submission: Submission, view: View) -> BoltResponse:
        """Take what was filled in; what takes longer than Slack waits is shown when it is done."""
        user, action = submission.user.id, submission.view.callback_id
        meta = views.Seal(self._signer, user).verify(submission.view.private_metadata, action)
        if meta is None:
            return _json({"response_action": "update", "view": views.again(view, (_OUTDATED,))})
        told = views.filled(view)
        interaction = Interaction(
            action, user, "", meta.key or view["id"], told, self._people, private_metadata=meta.kept
        )
        joins = interaction.idempotency_key in self._under_way
        doing = self._under_way.get(interaction.idempotency_key) or self._work.spawn(
            self._submit(interaction, view, meta)
        )
        self._under_way[interaction.idempotency_key] = doing
        doing.add_done_callback(lambda _: self._under_way.pop(interaction.idempotency_key, None))
        done, _ = await asyncio.wait((doing,), timeout=BUDGET)
        if done:
            return _json(self._response(doing.result(), view, meta, user))
        if not joins:
            self._work.spawn(self._show_later(doing, view, meta, user))
        return _json({"response_action": "update", "view": views.notice(_title(view), (WORKING,))})

    async def _submit(self, interaction: Interaction, view: View, meta: views.PrivateMetadata) -> Reply:
        reply = await self._answers.run_action(interaction) if not self._work.is_full else _busy()
        if reply.outcome == "ok" and reply.form is None:
            self._work.spawn(self._deliver(reply, meta, interaction.user))
        return reply

    async def _deliver(
        self, reply: Reply, meta: views.PrivateMetadata, user: str, thread: str | None = None
    ) -> None:
        """Send what was made to where it was asked for, and once that is over to where it is to be seen."""
        placement = after_action(reply, meta.is_alone) if meta.replaces else after_command(reply)
        letter = OutgoingReply(reply, "")
        if meta.url and await self._sender.respond(
            letter, meta.url, placement, thread_ts=thread, is_alone=meta.is_alone
        ):
            return
        if reply.outcome == "ok":
            await self._sender.post(letter, reply.public_in or user, None, Asker(user))

    async def _show_later(
        self, doing: asyncio.Task[Reply], view: View, meta: views.PrivateMetadata, user: str
    ) -> None:
        reply = await doing
        if reply.outcome == "ok" and reply.form is None:
            await self._update(view["id"], views.notice(_title(view), *views.told_of(reply)[:1], _DONE))
        elif not await self._update(view["id"], self._kept_open(reply, view, meta, user)):
            given_back = _given_back(reply, view, meta, views.Seal(self._signer, user))
            await self._sender.post(OutgoingReply(given_back, ""), user, None)

    def _response(self, reply: Reply, view: View, meta: views.PrivateMetadata, user: str) -> dict[str, Any]:
        """Give what Slack is to do with a modal that was submitted."""
        if reply.outcome == "ok" and reply.form is None:
            return {"response_action": "clear"}
        if wrong := views.at_fields(view, reply.field_errors):
            return {"response_action": "errors", "errors": wrong}
        return {"response_action": "update", "view": self._kept_open(reply, view, meta, user)}

    def _kept_open(self, reply: Reply, view: View, meta: views.PrivateMetadata, user: str) -> View:
        if reply.form is not None:
            return views.view(reply.form, meta, views.Seal(self._signer, user))
        return views.again(view, views.told_of(reply))

    async def _once(self, interaction: Interaction) -> tuple[Reply, bool]:
        """Do a deed, and tell whether this press did it; a second one meanwhile waits for the same."""
        name = f"{interaction.idempotency_key} {interaction.action_id} {interaction.value}"
        doing = self._under_way.get(name)
        is_first = doing is None or not interaction.idempotency_key
        if doing is None or not interaction.idempotency_key:
            if self._work.is_full:
                return _busy(), True
            doing = self._under_way[name] = self._work.spawn(self._answers.run_action(interaction))
            doing.add_done_callback(lambda _: self._under_way.pop(name, None))
        return await doing, is_first

    async def searched(self, suggestion: Suggestion) -> BoltResponse:
        """Answer what is typed into a search field, with nothing when it takes too long."""
        interaction = Interaction("", suggestion.user.id, people=self._people)
        name, words = suggestion.action_id.partition(":")[0], (suggestion.value or "")[:200]
        looking = self._work.spawn(self._answers.find_options(name, words, interaction))
        done, _ = await asyncio.wait((looking,), timeout=SEARCHING)
        return _json(views.options(looking.result() if done else ()))

    async def _update(self, view_id: str, shown: View) -> bool:
        try:
            await self._client.views_update(view_id=view_id, view=shown)
        except _TROUBLE as error:
            log.info("a form could not be changed", extra={"error": _cause(error)})
            return False
        return True


_TWICE: Line = ("This came twice, so it is done only once: the answer comes to you. You may close this.",)
_DONE: Line = ("It is in the conversation, with what can be done next.",)
_OUTDATED: Line = (
    "This form is from before an update. Copy what you want to keep, close it and open a new one.",
)


def came_twice(view: View) -> BoltResponse:
    """Keep a form open that another process has taken: only that one knows what becomes of it."""
    return _json({"response_action": "update", "view": views.again(view, (_TWICE,))})


def _given_back(reply: Reply, view: View, meta: views.PrivateMetadata, seal: views.Seal) -> Reply:
    """Say what is the matter where the modal is gone, with everything that was typed."""
    labels, parts = views.labels(view), list[Part]()
    for name, value in views.filled(view).items():
        if value:
            parts += [
                Text((), labels.get(name, name)),
                Copy(views.written(value), views.kept_name(name, value)),
            ]
    lines = views.told_of(reply)
    carried = views.reopening(msgspec.structs.replace(meta, key=meta.key or view["id"]), seal)
    return Reply(
        lines[0],
        (*(Text(line) for line in lines[1:]), Text(("This is what you typed:",)), *parts),
        buttons=(Button("Open the form again", action=meta.opener, value=carried, style="primary"),),
        outcome=reply.outcome,
        is_private=True,
    )


def _busy() -> Reply:
    return Reply(("I am busy just now.",), (Text(("Please try again in a minute.",)),), outcome="trouble")


def _title(view: View) -> str:
    return str(view["title"]["text"])


def _json(body: dict[str, Any]) -> BoltResponse:
    headers: dict[str, str | Sequence[str]] = {"content-type": ["application/json; charset=utf-8"]}
    return BoltResponse(status=200, body=orjson.dumps(body).decode(), headers=headers)


def _cause(error: BaseException) -> str:
    return str(error.response.get("error")) if isinstance(error, SlackApiError) else type(error).__name__
