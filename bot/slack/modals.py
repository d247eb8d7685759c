"""Forms and deeds: what is pressed, opened, typed into and submitted, and where its answer goes."""

import asyncio
import logging
from collections.abc import Sequence
from typing import Any

import aiohttp
import msgspec
import orjson
from slack_bolt.response import BoltResponse
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_client import AsyncWebClient

from bot.answers import Answers
from bot.deeds import Act
from bot.form import Form
from bot.reply import Button, Copy, Line, Part, Reply, Text
from bot.slack import forms
from bot.slack.people import People
from bot.slack.sending import Letter, Sender, seen_by
from bot.slack.work import Work

log = logging.getLogger(__name__)

# Of the three seconds that Slack gives to a submission, and to what is typed into a search.
BUDGET, SEARCHING = 2.0, 2.4
WORKING = "One moment: Figshare is at work. You may close this; the answer comes to you."
_TROUBLE = (SlackClientError, aiohttp.ClientError, OSError, TimeoutError)

View = dict[str, Any]


class Modals:
    """Opens forms, takes what was filled in, and does deeds."""

    def __init__(
        self, answers: Answers, sender: Sender, client: AsyncWebClient, work: Work, people: People
    ) -> None:
        self._answers, self._sender, self._client = answers, sender, client
        self._work, self._people = work, people
        self._under_way: dict[str, asyncio.Task[Reply]] = {}

    async def asked(self, form: Form, user: str, body: dict[str, Any]) -> bool:
        """Open the form that answers a question; false when it is too late for that."""
        act, meta = Act("", user, people=self._people), forms.Meta(url=body.get("response_url", ""))
        return await self._open(form, act, body.get("trigger_id", ""), meta)

    async def _open(self, form: Form, act: Act, trigger: str, meta: forms.Meta) -> bool:
        """Open a form, at first without what takes time; false when the trigger is worth nothing any more."""
        try:
            opened = await self._client.views_open(trigger_id=trigger, view=forms.view(form, meta))
        except _TROUBLE as error:
            log.warning("a form did not open", extra={"error": _cause(error)})
            return False
        if form.fill is not None:
            reply = await self._answers.filled(form, act)
            told = forms.notice(form.title, *forms.told_of(reply))
            shown = forms.view(reply.form, meta) if reply.form else told
            await self._update(opened["view"]["id"], shown)
        return True

    def pressed(self, body: dict[str, Any], action: dict[str, Any]) -> None:
        """Do what a button asks for."""
        container, user, value = body.get("container") or {}, body["user"]["id"], action.get("value", "")
        channel = container.get("channel_id") or (body.get("channel") or {}).get("id", "")
        meta, told = forms.Meta(url=body.get("response_url", ""), replaces=True), forms.kept(body)
        if told:
            given = forms.meta(value)
            value, meta = given.kept, msgspec.structs.replace(meta, key=given.key)
        key = f"{channel} {container.get('message_ts', '')} {user}"
        name = action["action_id"].partition(":")[0]
        act = Act(name, user, value, key, told, self._people, channel)
        self._work.start(self._press(act, body.get("trigger_id", ""), meta, container.get("thread_ts")))

    def chosen(self, body: dict[str, Any]) -> None:
        """Do what a shortcut on a message asks for."""
        text = (body.get("message") or {}).get("text") or ""
        act = Act(body.get("callback_id", ""), body["user"]["id"], text, people=self._people)
        meta = forms.Meta(url=body.get("response_url", ""))
        self._work.start(self._press(act, body.get("trigger_id", ""), meta))

    async def _press(self, act: Act, trigger: str, meta: forms.Meta, thread: str | None = None) -> None:
        reply, is_first = await self._once(act)
        if reply.public and not is_first:
            # Everybody has been told once.
            return
        if reply.form is not None and await self._open(reply.form, act, trigger, meta):
            return
        letter = Letter(reply, "")
        if reply.outcome == "ok" and not reply.aside:
            return await self._deliver(reply, meta, act.user, thread)
        how: dict[str, Any] = {"response_type": "ephemeral", "replace_original": False}
        await self._sender.respond(letter, meta.url, **how, **({"thread_ts": thread} if thread else {}))

    async def submitted(self, body: dict[str, Any]) -> BoltResponse:
        """Take what was filled in; what takes longer than Slack waits is shown when it is done."""
        view, user = body["view"], body["user"]["id"]
        meta, told = forms.meta(view.get("private_metadata", "")), forms.filled(view)
        act = Act(view.get("callback_id", ""), user, meta.kept, meta.key or view["id"], told, self._people)
        joins = act.key in self._under_way
        doing = self._under_way.get(act.key) or self._work.start(self._submit(act, view, meta))
        self._under_way[act.key] = doing
        doing.add_done_callback(lambda _: self._under_way.pop(act.key, None))
        done, _ = await asyncio.wait((doing,), timeout=BUDGET)
        if done:
            return _json(_response(doing.result(), view, meta))
        if not joins:
            self._work.start(self._show_later(doing, view, meta, user))
        return _json({"response_action": "update", "view": forms.notice(_title(view), (WORKING,))})

    async def _submit(self, act: Act, view: View, meta: forms.Meta) -> Reply:
        reply = await self._answers.act(act) if not self._work.full else _busy()
        if reply.outcome == "ok" and reply.form is None:
            self._work.start(self._deliver(reply, meta, act.user))
        return reply

    async def _deliver(self, reply: Reply, meta: forms.Meta, user: str, thread: str | None = None) -> None:
        """Send what was made to where it was asked for, and once that is over to where it is to be seen."""
        letter = Letter(reply, "")
        replaces = meta.replaces and not reply.public and not reply.aside
        how: dict[str, Any] = {"replace_original": replaces}
        if not replaces:
            how["response_type"] = seen_by(reply)
            how |= {"thread_ts": thread} if thread else {}
        if not meta.url or not await self._sender.respond(letter, meta.url, **how):
            await self._sender.post(letter, reply.public or user, None)

    async def _show_later(self, doing: asyncio.Task[Reply], view: View, meta: forms.Meta, user: str) -> None:
        reply = await doing
        if reply.outcome == "ok" and reply.form is None:
            await self._update(view["id"], forms.notice(_title(view), *forms.told_of(reply)[:1], _DONE))
        elif not await self._update(view["id"], _kept_open(reply, view, meta)):
            await self._sender.post(Letter(_given_back(reply, view, meta), ""), user, None)

    async def _once(self, act: Act) -> tuple[Reply, bool]:
        """Do a deed, and tell whether this press did it; a second one meanwhile waits for the same."""
        name = f"{act.key} {act.deed} {act.value}"
        doing = self._under_way.get(name)
        is_first = doing is None or not act.key
        if doing is None or not act.key:
            if self._work.full:
                return _busy(), True
            doing = self._under_way[name] = self._work.start(self._answers.act(act))
            doing.add_done_callback(lambda _: self._under_way.pop(name, None))
        return await doing, is_first

    async def searched(self, body: dict[str, Any]) -> BoltResponse:
        """Answer what is typed into a search field, with nothing when it takes too long."""
        act = Act("", body["user"]["id"], people=self._people)
        name = body.get("action_id", "").partition(":")[0]
        looking = self._work.start(self._answers.offer(name, str(body.get("value", ""))[:200], act))
        done, _ = await asyncio.wait((looking,), timeout=SEARCHING)
        return _json(forms.options(looking.result() if done else ()))

    async def _update(self, view_id: str, shown: View) -> bool:
        try:
            await self._client.views_update(view_id=view_id, view=shown)
        except _TROUBLE as error:
            log.info("a form could not be changed", extra={"error": _cause(error)})
            return False
        return True


_DONE: Line = ("It is in the conversation, with what can be done next.",)


def _response(reply: Reply, view: View, meta: forms.Meta) -> dict[str, Any]:
    """Give what Slack is to do with a modal that was submitted."""
    if reply.outcome == "ok" and reply.form is None:
        return {"response_action": "clear"}
    if wrong := forms.at_fields(view, reply.wrong):
        return {"response_action": "errors", "errors": wrong}
    return {"response_action": "update", "view": _kept_open(reply, view, meta)}


def _kept_open(reply: Reply, view: View, meta: forms.Meta) -> View:
    if reply.form is not None:
        return forms.view(reply.form, meta)
    return forms.again(view, forms.told_of(reply))


def _given_back(reply: Reply, view: View, meta: forms.Meta) -> Reply:
    """Say what is the matter where the modal is gone, with everything that was typed."""
    labels, parts = forms.labels(view), list[Part]()
    for name, value in forms.filled(view).items():
        if value:
            parts += [
                Text((), labels.get(name, name)),
                Copy(forms.written(value), forms.kept_name(name, value)),
            ]
    lines = forms.told_of(reply)
    carried = forms.packed(msgspec.structs.replace(meta, key=meta.key or view["id"]))
    return Reply(
        lines[0],
        (*(Text(line) for line in lines[1:]), Text(("This is what you typed:",)), *parts),
        buttons=(Button("Open the form again", deed=meta.opener, value=carried, style="primary"),),
        outcome=reply.outcome,
        private=True,
    )


def _busy() -> Reply:
    return Reply(("I am busy just now.",), (Text(("Please try again in a minute.",)),), outcome="trouble")


def _title(view: View) -> str:
    return str((view.get("title") or {}).get("text") or "Form")


def _json(body: dict[str, Any]) -> BoltResponse:
    headers: dict[str, str | Sequence[str]] = {"content-type": ["application/json; charset=utf-8"]}
    return BoltResponse(status=200, body=orjson.dumps(body).decode(), headers=headers)


def _cause(error: BaseException) -> str:
    return str(error.response.get("error")) if isinstance(error, SlackApiError) else type(error).__name__
