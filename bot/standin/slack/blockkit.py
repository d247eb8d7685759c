"""What Slack refuses in a message, a modal or a Home: https://docs.slack.dev/reference/block-kit/blocks."""

import json
from collections.abc import Collection
from typing import Any, Literal

from bot.standin.slack.datablocks import TABLE_CHARACTERS, data_table, data_visualization, table
from bot.standin.slack.elements import IN_ACTIONS, IN_INPUT, IN_SECTION, element, image
from bot.standin.slack.richtext import rich_text
from bot.standin.slack.rules import Complaints

Surface = Literal["message", "modal", "home"]
EVERYWHERE = ("section", "header", "divider", "context", "actions", "image", "input", "rich_text", "video")
SURFACES: dict[str, tuple[str, ...]] = {
    "message": (*EVERYWHERE, "markdown", "table", "data_table", "data_visualization"),
    "modal": (*EVERYWHERE, "alert"),
    "home": EVERYWHERE,
}
MARKED = ("mrkdwn", "plain_text")
# not documented; seen from 13,172 characters on: https://github.com/slackapi/bolt-js/issues/2509
BLOCKS_CHARACTERS = 13_170
VIEW_BYTES = 250_000


def message_problems(blocks: Any, refuse: Collection[str] = ()) -> list[str]:
    """Say what is wrong with the blocks of a message, in Slack's words; `refuse` names kinds to refuse."""
    return _blocks(blocks, "message", refuse).said


def too_long(blocks: Any) -> bool:
    return _blocks(blocks, "message", ()).characters > BLOCKS_CHARACTERS


def view_problems(view: Any, refuse: Collection[str] = ()) -> list[str]:
    """Say what is wrong with a modal or a Home, in Slack's words."""
    if not isinstance(view, dict) or view.get("type") not in ("modal", "home"):
        return ["[ERROR] must be one of: modal, home [json-pointer:/view/type]"]
    surface: Surface = "modal" if view["type"] == "modal" else "home"
    to = _blocks(view.get("blocks"), surface, refuse)
    to.string("/view/private_metadata", view.get("private_metadata"), 3000, 0)
    to.string("/view/callback_id", view.get("callback_id"), 255, 0)
    to.string("/view/external_id", view.get("external_id"), 255, 0)
    if len(json.dumps(view)) > VIEW_BYTES:
        to.say("/view", "view is too large")
    if surface == "modal":
        to.require("/view", view, "title")
        for name in ("title", "submit", "close"):
            to.text(f"/view/{name}", view.get(name), 24)
        blocks = [block for block in view.get("blocks") or () if isinstance(block, dict)]
        if any(block.get("type") == "input" for block in blocks) and not view.get("submit"):
            to.say("/view", "missing required field: submit")
    return to.said


def _blocks(blocks: Any, surface: Surface, refuse: Collection[str]) -> Complaints:
    to = Complaints()
    root = "/blocks" if surface == "message" else "/view/blocks"
    found = to.count(root, blocks, 0, 50 if surface == "message" else 100)
    for number, block in enumerate(found):
        at = f"{root}/{number}"
        kind = block.get("type") if isinstance(block, dict) else None
        if kind in refuse or kind not in SURFACES[surface]:
            to.say(f"{at}/type", f"unsupported type: {kind}")
        else:
            to.string(f"{at}/block_id", block.get("block_id"), 255)
            _block(to, at, block, surface)
    _together(to, root, [block for block in found if isinstance(block, dict)])
    return to


def _block(to: Complaints, at: str, block: dict[str, Any], surface: Surface) -> None:
    match block["type"]:
        case "section":
            _section(to, at, block)
        case "header":
            to.only(at, block, ("type", "block_id", "text", "level"))
            to.require(at, block, "text")
            to.text(f"{at}/text", block.get("text"), 150)
        case "divider":
            to.only(at, block, ("type", "block_id"))
        case "context":
            for number, one in enumerate(to.count(f"{at}/elements", block.get("elements"), 1, 10)):
                if isinstance(one, dict) and one.get("type") == "image":
                    image(to, f"{at}/elements/{number}", one)
                else:
                    to.text(f"{at}/elements/{number}", one, 3000, MARKED)
        case "actions":
            to.only(at, block, ("type", "block_id", "elements"))
            elements = to.count(f"{at}/elements", block.get("elements"), 1, 25)
            for number, one in enumerate(elements):
                element(to, f"{at}/elements/{number}", one, IN_ACTIONS)
            _unique(to, at, elements)
        case "image":
            image(to, at, block)
            to.text(f"{at}/title", block.get("title"), 2000)
        case "input":
            _input(to, at, block)
        case "rich_text":
            to.only(at, block, ("type", "block_id", "elements"))
            to.characters += rich_text(to, at, block)
        case "markdown":
            to.require(at, block, "text")
            to.string(f"{at}/text", block.get("text"), 12_000)
            to.characters += len(str(block.get("text")))
        case "alert":
            to.text(f"{at}/text", block.get("text"), 200, MARKED)
        case "data_visualization":
            data_visualization(to, at, block)
        case "table" | "data_table":
            _table(to, at, block)


def _section(to: Complaints, at: str, block: dict[str, Any]) -> None:
    to.only(at, block, ("type", "block_id", "text", "fields", "accessory", "expand"))
    if block.get("text") is None and block.get("fields") is None:
        to.say(at, "must define either text or fields")
    to.text(f"{at}/text", block.get("text"), 3000, MARKED)
    if "fields" in block:
        for number, one in enumerate(to.count(f"{at}/fields", block["fields"], 1, 10)):
            to.text(f"{at}/fields/{number}", one, 2000, MARKED)
    if "accessory" in block:
        element(to, f"{at}/accessory", block["accessory"], IN_SECTION)


def _input(to: Complaints, at: str, block: dict[str, Any]) -> None:
    to.only(at, block, ("type", "block_id", "label", "element", "hint", "optional", "dispatch_action"))
    if to.require(at, block, "label", "element"):
        to.text(f"{at}/label", block["label"], 2000)
        to.text(f"{at}/hint", block.get("hint"), 2000)
        element(to, f"{at}/element", block["element"], IN_INPUT)


def _table(to: Complaints, at: str, block: dict[str, Any]) -> None:
    characters = (table if block["type"] == "table" else data_table)(to, at, block)
    to.characters += characters
    if characters > TABLE_CHARACTERS:
        to.say(f"{at}/rows", f"must be less than {TABLE_CHARACTERS + 1} characters over all cells")


def _unique(to: Complaints, at: str, elements: list[Any]) -> None:
    ids = [str(one["action_id"]) for one in elements if isinstance(one, dict) and one.get("action_id")]
    for twice in sorted({one for one in ids if ids.count(one) > 1}):
        to.say(at, f'"action_id" "{twice}" already exists for another element in this block')


def _together(to: Complaints, root: str, blocks: list[dict[str, Any]]) -> None:
    """Apply the rules over several blocks."""
    kinds = [block.get("type") for block in blocks]
    ids = [block["block_id"] for block in blocks if block.get("block_id")]
    for twice in sorted({str(one) for one in ids if ids.count(one) > 1}):
        to.say(root, f'"block_id" "{twice}" already exists')
    if kinds.count("table") + kinds.count("data_table") > 1:
        to.say(root, "only_one_table_allowed")
    if kinds.count("data_visualization") > 2:
        to.say(root, "no more than 2 data_visualization blocks allowed")
    markdown = sum(len(str(block.get("text"))) for block in blocks if block.get("type") == "markdown")
    if markdown > 12_000:
        to.say(root, "markdown blocks must be less than 12001 characters together")
