"""The buttons below an answer, as Slack's Block Kit: most of them ask a question.

https://docs.slack.dev/reference/block-kit/block-elements/button-element
"""

from typing import Any

import msgspec

from bot.reply import Button, Reply
from bot.text import fitted, safe

Block = dict[str, Any]

BUTTON_LABEL, BUTTON_VALUE = 75, 2_000
WEEKLY = "Send me this weekly"


class Asked(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a button carries: the words it asks and the page of the answer."""

    words: str
    page: int = 1


def buttons(reply: Reply, words: str, share: bool) -> list[Block]:
    """Build the buttons; one whose words Slack would not carry is left out."""
    asked = [("ask.previous", Button("Previous", words, reply.page - 1))] if words and reply.page > 1 else []
    asked += [("ask.next", Button("Next", words, reply.page + 1))] if words and reply.has_next_page else []
    # What mends a question takes the place of its answer; what goes on from an answer stands beside it.
    name = "ask.run" if reply.outcome == "ok" else "ask.instead"
    asked += [(f"{button.action or name}:{at}", button) for at, button in enumerate(reply.buttons)]
    if reply.subscribable and reply.outcome == "ok":
        asked.append(("digest.weekly", Button(WEEKLY, action="digest.weekly", value=reply.subscribable)))
    is_shareable = reply.is_shareable and not (reply.is_private or reply.public_in or reply.keeps_original)
    if share and words and reply.outcome == "ok" and is_shareable:
        asked.append(("ask.share", Button("Share in channel", words, reply.page)))
    return [made for action_id, button in asked if (made := _button(action_id, button)) is not None]


def _button(action_id: str, button: Button) -> Block | None:
    label = fitted(safe(button.label), (60, 15), BUTTON_LABEL)
    if not label:
        return None
    made: Block = {
        "type": "button",
        "action_id": action_id,
        "text": {"type": "plain_text", "text": label, "emoji": False},
    }
    if button.style:
        made["style"] = button.style
    if button.confirm:
        made["confirm"] = _confirm(button)
    if button.url:
        return {**made, "url": button.url}
    if button.action:
        if len(button.value) > BUTTON_VALUE:
            return None
        return {**made, "value": button.value} if button.value else made
    value = msgspec.json.encode(Asked(button.words, button.page)).decode()
    return {**made, "value": value} if len(value) <= BUTTON_VALUE else None


def _confirm(button: Button) -> Block:
    yes = _plain_text(button.label, 30)
    made = {"title": _plain_text(f"{button.label}?", 100), "text": _plain_text(button.confirm, 300)}
    return {**made, "confirm": yes, "deny": _plain_text("Cancel", 30), "style": "danger"}


def _plain_text(text: str, longest: int) -> Block:
    said = fitted(safe(text), (longest, longest // 2, longest // 5), longest)
    return {"type": "plain_text", "text": said, "emoji": False}
