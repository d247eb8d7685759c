"""The buttons below an answer, as Slack's Block Kit: most of them ask a question.

https://docs.slack.dev/reference/block-kit/block-elements/button-element
"""

import msgspec

from bot.render.rich_text import Block
from bot.reply import Button, Reply
from bot.text import escaped_to_fit, safe

MAX_LABEL, MAX_VALUE = 75, 2_000
WEEKLY_LABEL = "Send me this weekly"


class ButtonQuestion(msgspec.Struct, frozen=True, omit_defaults=True):
    """The value of a button that asks a question: its words and the page of the answer."""

    words: str
    page: int = 1


def button_elements(reply: Reply, words: str, share: bool) -> list[Block]:
    """Return the elements of the buttons; a button whose value is too long for Slack is left out.

    `words` are the question that the reply answers, for the buttons that ask it again.
    """
    is_answer = reply.outcome == "ok"
    buttons: list[tuple[str, Button]] = []
    if words and reply.page > 1:
        buttons.append(("ask.previous", Button(reply.page_labels[0], words, reply.page - 1)))
    if words and reply.has_next_page:
        buttons.append(("ask.next", Button(reply.page_labels[1], words, reply.page + 1)))
    for index, button in enumerate(reply.buttons):
        # A button that corrects a question, or asks an incomplete answer's again, puts the answer in place of
        # that; others put theirs beside it.
        is_better = not is_answer or (reply.is_incomplete and button.words == words)
        buttons.append((f"{button.action or ('ask.instead' if is_better else 'ask.run')}:{index}", button))
    if reply.subscribable and is_answer:
        weekly = Button(WEEKLY_LABEL, action="digest.weekly", value=reply.subscribable)
        buttons.append(("digest.weekly", weekly))
    is_shareable = reply.is_shareable and not (reply.is_private or reply.public_in or reply.keeps_original)
    if share and words and is_answer and is_shareable:
        buttons.append(("ask.share", Button("Share in channel", words, reply.page)))
    elements = (_button_element(action_id, button) for action_id, button in buttons)
    return [element for element in elements if element is not None]


def _button_element(action_id: str, button: Button) -> Block | None:
    label = escaped_to_fit(safe(button.label), (60, 15), MAX_LABEL)
    if not label:
        return None
    element: Block = {
        "type": "button",
        "action_id": action_id,
        "text": {"type": "plain_text", "text": label, "emoji": False},
    }
    if button.style:
        element["style"] = button.style
    if button.confirm:
        element["confirm"] = _confirm_dialog(button)
    if button.url:
        return {**element, "url": button.url}
    if button.action:
        value = button.value
    else:
        value = msgspec.json.encode(ButtonQuestion(button.words, button.page)).decode()
    if len(value) > MAX_VALUE:
        return None
    return {**element, "value": value} if value else element


def _confirm_dialog(button: Button) -> Block:
    return {
        "title": _escaped_text(f"{button.label}?", 100),
        "text": _escaped_text(button.confirm, 300),
        "confirm": _escaped_text(button.label, 30),
        "deny": _escaped_text("Cancel", 30),
        "style": "danger",
    }


def _escaped_text(text: str, max_length: int) -> Block:
    escaped = escaped_to_fit(safe(text), (max_length, max_length // 2, max_length // 5), max_length)
    return {"type": "plain_text", "text": escaped, "emoji": False}
