"""What Slack does with a response to an interaction, in the acknowledgement or sent to its response_url."""

import time
from typing import Any

from bot.emulators.slack.message import History, PostedMessage
from bot.emulators.slack.people import BOT_USER_ID
from bot.emulators.slack.triggers import ResponseUrl
from bot.emulators.slack.validation import are_blocks_too_long, message_problems

TEXT_CHARACTERS = 40_000


class SlackError(Exception):
    """Raised when Slack refuses a call; carries the error's name, and the messages where Slack sends some."""

    def __init__(self, error: str, messages: list[str] | None = None, **fields: Any) -> None:
        super().__init__(error)
        self.error = error
        self.messages = messages or []
        self.fields = fields


def message_content(body: dict[str, Any], refused_types: set[str]) -> tuple[str, list[dict[str, Any]] | None]:
    """Return the text and the blocks of a message's body; raises SlackError for what Slack refuses."""
    text, blocks = body.get("text") or "", body.get("blocks")
    if not isinstance(text, str):
        raise SlackError("invalid_arguments", ["[ERROR] must be a string [json-pointer:/text]"])
    if not text and not blocks:
        raise SlackError("no_text")
    # Slack cuts here; the emulator refuses, so that nobody relies on it.
    if len(text) > TEXT_CHARACTERS:
        raise SlackError("msg_too_long")
    if blocks is None:
        return text, None
    problems = message_problems(blocks, refused_types)
    if problems:
        raise SlackError("invalid_blocks", problems)
    if are_blocks_too_long(blocks):
        raise SlackError("msg_blocks_too_long")
    return text, blocks


def apply_response(
    history: History,
    url: ResponseUrl,
    body: dict[str, Any],
    refused_types: set[str],
    replaces_answers: bool = False,
) -> str:
    """Do what a response asks for, and return what Slack silently left out; raises SlackError.

    https://docs.slack.dev/interactivity/handling-user-interaction#message_responses. `replaces_answers`:
    `replace_original` reaches what was sent to the same URL before, and not only a message with a button.
    """
    if body.get("delete_original"):
        if url.message is None:
            return "delete_original does nothing for a slash command"
        history.delete(url.message)
        return ""
    shows_only_command = body.keys() == {"response_type"} and url.command
    text, blocks = ("", None) if shows_only_command else message_content(body, refused_types)
    original = url.message or (url.answers[-1] if url.answers and replaces_answers else None)
    if body.get("replace_original") and original is not None and not original.deleted:
        original.took_ms = (time.perf_counter() - url.started) * 1000
        original.response_url = url.id
        history.rewrite(original, text, blocks if blocks is not None else [])
        url.answers.append(original)
        would_be_public = body.get("response_type") == "in_channel" and original.is_ephemeral
        return "an ephemeral message stays ephemeral" if would_be_public else ""
    is_public = body.get("response_type") == "in_channel"
    message = PostedMessage(
        channel=url.channel,
        ts=history.next_ts(),
        user=BOT_USER_ID,
        text=text,
        blocks=blocks or [],
        thread_ts=body.get("thread_ts"),
        ephemeral_to=None if is_public else url.user,
        command=url.command if is_public and not url.answers else None,
        asked=url.command,
        took_ms=(time.perf_counter() - url.started) * 1000,
        response_url=url.id,
    )
    url.answers.append(history.add(message))
    return ""
