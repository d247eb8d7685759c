"""A form as a view of Slack, and what somebody has filled into it: https://docs.slack.dev/surfaces/modals."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from bot.language.tokens import sanitize
from bot.render.blocks import line_block
from bot.render.rich_text import Block
from bot.reply import Choice, Field, Form, Line, Value
from bot.text import cut, safe

# The limits of https://docs.slack.dev/reference/views/modal-views and of its input elements.
MAX_TITLE, MAX_OPTION_LABEL, MAX_OPTION_VALUE, MAX_OPTIONS = 24, 75, 150, 100
MAX_HINT, MAX_INPUT = 2_000, 3_000
# Our own limit: the message that gives a form back has to hold all of them.
MAX_CHOSEN = 20
# The ids of blocks that are lines of text, and what stands between a field's name and its revision.
_LINE_ID, _REVISION_SEPARATOR = "reason", "#"
_TEXT_INPUT, _TIME_PICKER = "plain_text_input", "timepicker"
_CLOCK_TIME = re.compile("[01][0-9]:[0-5][0-9]|2[0-3]:[0-5][0-9]")
_REDISPLAYED_KEYS = ("callback_id", "private_metadata", "title", "submit", "close")


def form_view(form: Form, private_metadata: str) -> Block:
    """Return a form as a view; `private_metadata` is sent back with the submission as it is."""
    blocks = [*_line_blocks(form.intro), *(_input_block(field) for field in form.fields)]
    view = _view(form.title, blocks or [line_block(("One moment, asking Figshare…",), _LINE_ID)])
    view |= {"callback_id": form.submit_action, "private_metadata": private_metadata}
    if form.submit_label:
        view["submit"] = _plain_text(form.submit_label, MAX_TITLE)
    return view


def notice_view(title: str, *lines: Line) -> Block:
    """Return a view that only says something."""
    return _view(title, _line_blocks(lines))


def options_response(choices: Sequence[Choice]) -> Block:
    """Return the choices for what somebody types into a search field, as Slack wants them."""
    return {"options": [_option(choice) for choice in choices[:MAX_OPTIONS]]}


def redisplay(view: Mapping[str, Any], lines: Iterable[Line]) -> Block:
    """Return a submitted view again: with what was typed, and above it the lines that say what is wrong."""
    values = submitted_values(view)
    inputs = [_filled_block(block, values) for block in _input_blocks(view)]
    head = {key: view[key] for key in _REDISPLAYED_KEYS if view.get(key)}
    return {"type": "modal", "blocks": [*_line_blocks(lines), *inputs], **head}


def submitted_values(view: Mapping[str, Any]) -> dict[str, Value]:
    """Return what was entered into a submitted view, by the names of its fields."""
    values: dict[str, Value] = {}
    for block_id, elements in ((view.get("state") or {}).get("values") or {}).items():
        name = _field_name(block_id)
        for element in elements.values():
            if element["type"] == _TEXT_INPUT:
                values[name] = sanitize(element.get("value") or "")
            elif element["type"] == _TIME_PICKER:
                values[name] = sanitize(element.get("selected_time") or "")
            else:
                option = element.get("selected_option")
                options = element.get("selected_options") or ([option] if option else [])
                values[name] = tuple(Choice(chosen["text"]["text"], chosen["value"]) for chosen in options)
    return values


def field_labels(view: Mapping[str, Any]) -> dict[str, str]:
    """Return the labels of the fields of a view by their names, in the order of the form."""
    return {_field_name(block["block_id"]): block["label"]["text"] for block in _input_blocks(view)}


def errors_by_block(view: Mapping[str, Any], errors: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return the errors by the ids of the blocks that a view has for the fields; `errors` are by name."""
    by_field = dict(errors)
    block_ids = [block["block_id"] for block in _input_blocks(view)]
    return {id: by_field[_field_name(id)] for id in block_ids if _field_name(id) in by_field}


def _view(title: str, blocks: list[Block]) -> Block:
    head: Block = {
        "type": "modal",
        "title": _plain_text(title, MAX_TITLE),
        "close": _plain_text("Close", MAX_TITLE),
    }
    return {**head, "blocks": blocks}


def _line_blocks(lines: Iterable[Line]) -> list[Block]:
    return [line_block(line, f"{_LINE_ID}:{index}") for index, line in enumerate(lines)]


def _input_blocks(view: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [block for block in view["blocks"] if block.get("type") == "input"]


def _field_name(block_id: str) -> str:
    return block_id.partition(_REVISION_SEPARATOR)[0]


def _filled_block(block: Mapping[str, Any], values: Mapping[str, Value]) -> Block:
    """Return an input block of a submitted view that shows the values as its initial ones."""
    element = {key: value for key, value in block["element"].items() if not key.startswith("initial_")}
    max_length = element.get("max_length") or MAX_INPUT
    initial = _initial_value(element["type"], values.get(_field_name(block["block_id"]), ""), max_length)
    if "initial_option" in initial and "options" in element:
        # Slack takes as initial only what equals one of the options in all its parts.
        wanted = initial["initial_option"]["value"]
        chosen = next(option for option in element["options"] if option["value"] == wanted)
        initial = {"initial_option": chosen}
    return {**block, "element": element | initial}


def _input_block(field: Field) -> Block:
    element: Block = {"action_id": field.options_action or field.name}
    match field.kind:
        case "line" | "text":
            element |= {"type": _TEXT_INPUT, "multiline": field.kind == "text"}
            element["max_length"] = min(field.max_length, MAX_INPUT)
        case "choice":
            element["type"] = "static_select"
            element["options"] = [_option(choice) for choice in field.choices[:MAX_OPTIONS]]
        case "choices":
            element["type"] = "multi_static_select"
            element["options"] = [_option(choice) for choice in field.choices[:MAX_OPTIONS]]
        case "time":
            element["type"] = _TIME_PICKER
        case "find":
            element |= {"type": "external_select", "min_query_length": 2}
            element["placeholder"] = _plain_text("Type a part of its name", MAX_OPTION_LABEL)
        case "search":
            element |= {"type": "multi_external_select", "min_query_length": 2}
            element["max_selected_items"] = MAX_CHOSEN
            element["placeholder"] = _plain_text("Type a word of its name", MAX_OPTION_LABEL)
    initial = _initial_value(element["type"], field.value, element.get("max_length", MAX_INPUT))
    block: Block = {
        "type": "input",
        # An input whose id stays keeps what was typed, whatever value an update of the view gives it.
        "block_id": f"{field.name}{_REVISION_SEPARATOR}{field.revision}" if field.revision else field.name,
        "label": _plain_text(field.label, MAX_OPTION_LABEL),
        "optional": not field.required,
        "element": element | initial,
    }
    return block | ({"hint": _plain_text(field.hint, MAX_HINT)} if field.hint else {})


def _initial_value(element_type: str, value: Value, max_length: int) -> Block:
    if not value:
        return {}
    if isinstance(value, str):
        if element_type == _TIME_PICKER:
            return {"initial_time": value} if _CLOCK_TIME.fullmatch(value) else {}
        return {"initial_value": value[:max_length]} if element_type == _TEXT_INPUT else {}
    options = [_option(choice) for choice in value]
    if element_type in ("static_select", "external_select"):
        return {"initial_option": options[0]}
    return {"initial_options": options}


def _option(choice: Choice) -> Block:
    return {
        "text": _plain_text(choice.label, MAX_OPTION_LABEL),
        "value": choice.value[:MAX_OPTION_VALUE],
    }


def _plain_text(text: str, max_length: int) -> Block:
    return {"type": "plain_text", "text": cut(safe(text), max_length) or "–", "emoji": False}
