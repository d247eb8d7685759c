"""What Slack refuses in a message or a modal: https://docs.slack.dev/reference/block-kit/blocks."""

import json
from collections.abc import Collection
from typing import Any, Literal

from bot.emulators.slack.validation.data_blocks import check_data_visualization, check_table
from bot.emulators.slack.validation.elements import IN_ACTIONS, IN_INPUT, check_element, check_option
from bot.emulators.slack.validation.rich_text import check_rich_text
from bot.emulators.slack.validation.validator import Validator

Surface = Literal["message", "modal"]
ON_BOTH = ("section", "context", "actions", "input", "rich_text")
SURFACES: dict[Surface, tuple[str, ...]] = {
    "message": (*ON_BOTH, "table", "data_visualization"),
    "modal": ON_BOTH,
}
TEXT_TYPES = ("mrkdwn", "plain_text")
# Not documented; seen from 13,172 characters on: https://github.com/slackapi/bolt-js/issues/2509
BLOCKS_CHARACTERS = 13_170
VIEW_BYTES = 250_000


def message_problems(blocks: Any, refused_types: Collection[str] = ()) -> list[str]:
    """Return what is wrong with the blocks of a message, in Slack's words."""
    return _checked_blocks(blocks, "message", refused_types).errors


def are_blocks_too_long(blocks: Any) -> bool:
    """Return whether Slack would answer `msg_blocks_too_long`."""
    return _checked_blocks(blocks, "message", ()).characters > BLOCKS_CHARACTERS


def view_problems(view: Any, refused_types: Collection[str] = ()) -> list[str]:
    """Return what is wrong with a modal, in Slack's words."""
    if not isinstance(view, dict) or view.get("type") != "modal":
        return ["[ERROR] must be one of: modal [json-pointer:/view/type]"]
    check = _checked_blocks(view.get("blocks"), "modal", refused_types)
    check.string("/view/private_metadata", view.get("private_metadata"), 3000, 0)
    check.string("/view/callback_id", view.get("callback_id"), 255, 0)
    check.string("/view/external_id", view.get("external_id"), 255, 0)
    if len(json.dumps(view)) > VIEW_BYTES:
        check.fail("/view", "view is too large")
    check.require("/view", view, "title")
    for name in ("title", "submit", "close"):
        check.text(f"/view/{name}", view.get(name), 24)
    blocks = [block for block in view.get("blocks") or () if isinstance(block, dict)]
    if any(block.get("type") == "input" for block in blocks) and not view.get("submit"):
        check.fail("/view", "missing required field: submit")
    return check.errors


def suggestion_problems(answer: dict[str, Any]) -> list[str]:
    """Return what is wrong with the options that a bot offers for an external select."""
    check = Validator()
    for index, option in enumerate(check.items("/options", answer.get("options"), 0, 100)):
        check_option(check, f"/options/{index}", option)
    return check.errors


def _checked_blocks(blocks: Any, surface: Surface, refused_types: Collection[str]) -> Validator:
    check = Validator()
    root = "/blocks" if surface == "message" else "/view/blocks"
    items = check.items(root, blocks, 0, 50 if surface == "message" else 100)
    for index, block in enumerate(items):
        pointer = f"{root}/{index}"
        block_type = block.get("type") if isinstance(block, dict) else None
        if block_type in refused_types or block_type not in SURFACES[surface]:
            check.fail(f"{pointer}/type", f"unsupported type: {block_type}")
        else:
            check.string(f"{pointer}/block_id", block.get("block_id"), 255)
            _check_block(check, pointer, block)
    _check_together(check, root, [block for block in items if isinstance(block, dict)])
    return check


def _check_block(check: Validator, pointer: str, block: dict[str, Any]) -> None:
    match block["type"]:
        case "section":
            _check_section(check, pointer, block)
        case "context":
            texts = check.items(f"{pointer}/elements", block.get("elements"), 1, 10)
            for index, text in enumerate(texts):
                check.text(f"{pointer}/elements/{index}", text, 3000, TEXT_TYPES)
        case "actions":
            check.only(pointer, block, ("type", "block_id", "elements"))
            elements = check.items(f"{pointer}/elements", block.get("elements"), 1, 25)
            for index, element in enumerate(elements):
                check_element(check, f"{pointer}/elements/{index}", element, IN_ACTIONS)
            _check_action_ids(check, pointer, elements)
        case "input":
            _check_input(check, pointer, block)
        case "rich_text":
            check.only(pointer, block, ("type", "block_id", "elements"))
            check.characters += check_rich_text(check, pointer, block)
        case "data_visualization":
            check_data_visualization(check, pointer, block)
        case "table":
            check.characters += check_table(check, pointer, block)


def _check_section(check: Validator, pointer: str, block: dict[str, Any]) -> None:
    check.only(pointer, block, ("type", "block_id", "text"))
    check.require(pointer, block, "text")
    check.text(f"{pointer}/text", block.get("text"), 3000, TEXT_TYPES)


def _check_input(check: Validator, pointer: str, block: dict[str, Any]) -> None:
    fields = ("type", "block_id", "label", "element", "hint", "optional", "dispatch_action")
    check.only(pointer, block, fields)
    if check.require(pointer, block, "label", "element"):
        check.text(f"{pointer}/label", block["label"], 2000)
        check.text(f"{pointer}/hint", block.get("hint"), 2000)
        check_element(check, f"{pointer}/element", block["element"], IN_INPUT)


def _check_action_ids(check: Validator, pointer: str, elements: list[Any]) -> None:
    ids = [element.get("action_id") for element in elements if isinstance(element, dict)]
    for repeated in _repeated(ids):
        check.fail(pointer, f'"action_id" "{repeated}" already exists for another element in this block')


def _check_together(check: Validator, root: str, blocks: list[dict[str, Any]]) -> None:
    """Apply the rules over several blocks."""
    types = [block.get("type") for block in blocks]
    for repeated in _repeated([block.get("block_id") for block in blocks]):
        check.fail(root, f'"block_id" "{repeated}" already exists')
    if types.count("table") > 1:
        check.fail(root, "only_one_table_allowed")
    if types.count("data_visualization") > 2:
        check.fail(root, "no more than 2 data_visualization blocks allowed")


def _repeated(ids: list[Any]) -> list[str]:
    texts = [str(identifier) for identifier in ids if identifier]
    return sorted({text for text in texts if texts.count(text) > 1})
