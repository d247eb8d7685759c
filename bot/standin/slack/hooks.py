"""What Slack does with an answer to an interaction, in the ack or posted to its response_url."""

import time
from typing import Any

from bot.standin.slack.blockkit import message_problems, too_long
from bot.standin.slack.message import History, Message
from bot.standin.slack.people import BOT_USER_ID
from bot.standin.slack.triggers import Hook

TEXT_CHARACTERS = 40_000


class Rejected(Exception):
    """Raise with the error Slack names, and its complaints where it has some."""

    def __init__(self, error: str, messages: list[str] | None = None, **more: Any) -> None:
        super().__init__(error)
        self.error = error
        self.messages = messages or []
        self.more = more


def content(body: dict[str, Any], refuse: set[str]) -> tuple[str, list[dict[str, Any]] | None]:
    """Give the text and blocks of a message's body; raises Rejected for what Slack refuses."""
    text, blocks = body.get("text") or "", body.get("blocks")
    if not isinstance(text, str):
        raise Rejected("invalid_arguments", ["[ERROR] must be a string [json-pointer:/text]"])
    if not text and not blocks and not body.get("attachments"):
        raise Rejected("no_text")
    # Slack cuts here; the stand-in refuses, so that nobody relies on it
    if len(text) > TEXT_CHARACTERS:
        raise Rejected("msg_too_long")
    if blocks is None:
        return text, None
    problems = message_problems(blocks, refuse)
    if problems:
        raise Rejected("invalid_blocks", problems)
    if too_long(blocks):
        raise Rejected("msg_blocks_too_long")
    return text, blocks


def answer(history: History, hook: Hook, body: dict[str, Any], refuse: set[str]) -> str:
    """Do what an answer asks for; says what Slack silently left out. Raises Rejected.

    https://docs.slack.dev/interactivity/handling-user-interaction#message_responses
    """
    if body.get("delete_original"):
        if hook.message is None:
            return "delete_original does nothing for a slash command"
        history.delete(hook.message)
        return ""
    said_only_type = body.keys() == {"response_type"} and hook.command
    text, blocks = ("", None) if said_only_type else content(body, refuse)
    original = hook.message or (hook.answers[-1] if hook.answers else None)
    if body.get("replace_original") and original is not None and not original.deleted:
        original.took_ms = (time.perf_counter() - hook.started) * 1000
        original.hook = hook.id
        history.rewrite(original, text, blocks if blocks is not None else [])
        hook.answers.append(original)
        wanted = body.get("response_type")
        changes = wanted == "in_channel" and original.is_ephemeral
        return "an ephemeral message stays ephemeral" if changes else ""
    public = body.get("response_type") == "in_channel"
    message = Message(
        channel=hook.channel,
        ts=history.next_ts(),
        user=BOT_USER_ID,
        text=text,
        blocks=blocks or [],
        thread_ts=body.get("thread_ts"),
        ephemeral_to=None if public else hook.user,
        command=hook.command if public and not hook.answers else None,
        asked=hook.command,
        took_ms=(time.perf_counter() - hook.started) * 1000,
        hook=hook.id,
    )
    hook.answers.append(history.add(message))
    return ""
