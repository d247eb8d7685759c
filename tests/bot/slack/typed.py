"""Every way in which a text reaches the bot from Slack, sent as it stands, signed."""

import json
import secrets
from collections.abc import Awaitable, Callable
from typing import Any

from bot.language.tokens import received
from bot.slack.signing import Signer, derived_key
from bot.slack.views import Meta, Seal
from bot.standin.slack import bodies
from bot.standin.slack.message import Message
from bot.standin.slack.people import BOT_USER_ID, RESEARCH
from tests.conftest import Office

MAYA = "U0MAYA"
# Slack lets people type 3,000 characters into a field.
LONGEST = 10_000
Door = Callable[[Office, str], Awaitable[object]]


def seal(office: Office) -> Seal:
    """Give what the bot signs forms with."""
    return Seal(Signer(derived_key(office.slack.delivery.signing_secret, "")), MAYA)


async def slash(office: Office, text: str) -> object:
    slack = office.slack
    hook, trigger = slack.triggers.hook(RESEARCH, MAYA, command="/figshare"), slack.triggers.trigger(MAYA)
    url = f"{slack.url}/hooks/commands/{hook.id}"
    body = bodies.command(slack.people[MAYA], slack.channels[RESEARCH], "/figshare", text, trigger.id, url)
    exchange = await slack.delivery.form("command", body)
    if exchange.answer:
        slack._take_ack(hook, exchange)
    return exchange


def event(office: Office, **changed: Any) -> Awaitable[object]:
    ts = office.slack.history.next_ts()
    said = {"type": "app_mention", "channel": RESEARCH, "user": MAYA, "ts": ts} | changed
    office.slack.history.add(Message(said["channel"], ts, MAYA, "What was said"))
    return office.slack.event(said)


async def mention(office: Office, text: str) -> object:
    return await event(office, text=f"<@{BOT_USER_ID}> {text}")


async def mention_at_the_end(office: Office, text: str) -> object:
    return await event(office, text=f"{text} <@{BOT_USER_ID}|figshare>")


async def direct_message(office: Office, text: str) -> object:
    return await event(
        office, type="message", channel_type="im", channel=office.slack.direct(MAYA).id, text=text
    )


async def interaction(office: Office, kind: str, **more: Any) -> object:
    hook = office.slack.triggers.hook(RESEARCH, MAYA)
    body = {"type": kind, **bodies._who(office.slack.people[MAYA])}
    body["trigger_id"] = office.slack.triggers.trigger(MAYA).id
    body["response_url"] = f"{office.slack.url}/hooks/actions/{hook.id}"
    return await office.slack.delivery.interaction(body | more)


async def press(office: Office, name: str, value: str, message: dict[str, Any] | None = None) -> object:
    ts = office.slack.history.next_ts()
    office.slack.history.add(Message(RESEARCH, ts, BOT_USER_ID, "An answer", ephemeral_to=MAYA))
    return await interaction(
        office,
        "block_actions",
        container={"type": "message", "message_ts": ts, "channel_id": RESEARCH, "is_ephemeral": True},
        channel={"id": RESEARCH, "name": "research"},
        actions=[{"type": "button", "block_id": "b", "action_id": name, "value": value}],
        **({"message": message} if message else {}),
    )


def asks(name: str) -> Door:
    async def door(office: Office, text: str) -> object:
        return await press(office, f"{name}:0", json.dumps({"words": text}))

    return door


def does(name: str) -> Door:
    async def door(office: Office, text: str) -> object:
        return await press(office, f"{name}:0", text)

    return door


async def given_back(office: Office, text: str) -> object:
    """Press the button that opens a form again with what stands in the message."""
    parts = [{"type": "rich_text_preformatted", "elements": [{"type": "text", "text": text}]}]
    block = {"type": "rich_text", "block_id": "kept:title:0", "elements": parts}
    signed = seal(office).sign(Meta(kept=received(text)), "draft.form")
    return await press(office, "draft.form:0", signed, {"blocks": [block]})


async def shortcut(office: Office, text: str) -> object:
    message = {"type": "message", "ts": office.slack.history.next_ts(), "text": text, "user": MAYA}
    return await interaction(
        office, "message_action", callback_id="draft.shortcut", message=message, channel={"id": RESEARCH}
    )


def submits(deed: str, *names: str, kept: str = "") -> Door:
    async def door(office: Office, text: str) -> object:
        def field(name: str) -> dict[str, Any]:
            label = {"type": "plain_text", "text": name}
            element = {"type": "plain_text_input", "action_id": name}
            return {"type": "input", "block_id": name, "label": label, "element": element}

        values = {name: {name: {"type": "plain_text_input", "value": text[:LONGEST]}} for name in names}
        option = {"text": {"type": "plain_text", "text": "Every week"}, "value": "weekly"}
        values |= {"often": {"often": {"type": "static_select", "selected_option": option}}}
        view = {
            "id": f"V{secrets.token_hex(5)}",
            "type": "modal",
            "callback_id": deed,
            "title": {"type": "plain_text", "text": "Form"},
            "submit": {"type": "plain_text", "text": "Send"},
            "private_metadata": seal(office).sign(Meta(kept=kept), deed),
            "blocks": [field(name) for name in names],
            "state": {"values": values},
        }
        return await interaction(office, "view_submission", view=view)

    return door


async def search_field(office: Office, text: str) -> object:
    return await interaction(
        office,
        "block_suggestion",
        action_id="draft.categories",
        block_id="categories",
        value=text,
        container={"type": "view", "view_id": "V1"},
    )


TYPED: dict[str, Door] = {
    "slash": slash,
    "mention": mention,
    "mention at the end": mention_at_the_end,
    "direct message": direct_message,
}
CARRIED: dict[str, Door] = {
    **{name: asks(name) for name in ("ask.run", "ask.next", "ask.instead", "ask.share")},
    **{
        name: does(name) for name in ("draft.form", "draft.title", "draft.card", "draft.edit", "draft.delete")
    },
    **{name: does(name) for name in ("digest.weekly", "digest.form", "digest.change", "digest.stop")},
    "given back": given_back,
    "shortcut": shortcut,
    "digest form": submits(
        "digest.create", "what", "on", "at", "zone", "cron", kept=json.dumps({"channel": RESEARCH})
    ),
    "draft form": submits("draft.create", "title", "description", "authors", "keywords", "references"),
    "search field": search_field,
}
DOORS = TYPED | CARRIED
