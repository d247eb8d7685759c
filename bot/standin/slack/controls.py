"""How a person uses a button, a menu or an input, and what Slack makes of it in a payload."""

from typing import Any

from bot.standin.slack.elements import groups, option
from bot.standin.slack.rules import Complaints

Option = dict[str, Any]


def elements(blocks: list[dict[str, Any]]) -> list[tuple[str, dict[str, Any]]]:
    """List every interactive element with the block_id it stands in."""
    found = []
    for block in blocks:
        inside = [*(block.get("elements") or ()), block.get("accessory"), block.get("element")]
        if block.get("type") in ("actions", "section", "input"):
            found += [(block.get("block_id", ""), one) for one in inside if isinstance(one, dict)]
    return found


def find(
    blocks: list[dict[str, Any]], action_id: str, block_id: str | None = None
) -> tuple[str, dict[str, Any]]:
    """Find an element by its action_id; raises LookupError naming those that are there."""
    there = elements(blocks)
    for block, one in there:
        if one.get("action_id") == action_id and block_id in (None, block):
            return block, one
    names = ", ".join(str(one.get("action_id")) for _, one in there) or "none"
    raise LookupError(f"nothing here is called {action_id!r}; there are: {names}")


def options(element: dict[str, Any]) -> list[Option]:
    there = element.get("option_groups") or []
    return [*(element.get("options") or []), *(one for group in there for one in group["options"])]


def chosen_option(element: dict[str, Any], value: Any) -> Option:
    """Find the option by its value or by what it reads; an option object is taken as it is."""
    if isinstance(value, dict):
        return value
    for one in options(element):
        if value in (one.get("value"), one["text"]["text"]):
            return one
    if element["type"].endswith("external_select"):
        return {"text": {"type": "plain_text", "text": str(value), "emoji": True}, "value": str(value)}
    raise LookupError(f"{value!r} is not one of the options")


def state(element: dict[str, Any], value: Any) -> dict[str, Any]:
    """Say what an element holds, as `state.values` does: its type and the field that belongs to it."""
    kind = element["type"]
    several = [] if value is None else value if isinstance(value, list | tuple) else [value]
    match kind:
        case "static_select" | "external_select" | "radio_buttons":
            held: Any = None if value in (None, "") else chosen_option(element, value)
            return {"type": kind, "selected_option": held}
        case "multi_static_select" | "multi_external_select" | "checkboxes":
            return {"type": kind, "selected_options": [chosen_option(element, one) for one in several]}
        case "datepicker":
            return {"type": kind, "selected_date": value or None}
        case "timepicker":
            return {"type": kind, "selected_time": value or None}
        case "datetimepicker":
            return {"type": kind, "selected_date_time": value}
        case "users_select" | "conversations_select" | "channels_select":
            return {"type": kind, f"selected_{kind.split('s_')[0]}": value or None}
        case "multi_users_select" | "multi_conversations_select" | "multi_channels_select":
            return {"type": kind, f"selected_{kind.removeprefix('multi_').split('_')[0]}": several}
    return {"type": kind, "value": value or None}


def initial(element: dict[str, Any]) -> dict[str, Any]:
    """Say what an element holds before anybody touched it."""
    for name in ("initial_option", "initial_options", "initial_value", "initial_date", "initial_time"):
        if name in element:
            return state(element, element[name])
    for name, value in element.items():
        if name.startswith("initial_"):
            return state(element, value)
    return state(element, None)


def is_empty(held: dict[str, Any]) -> bool:
    return all(value in (None, "", []) for name, value in held.items() if name != "type")


def action(block_id: str, element: dict[str, Any], value: Any, action_ts: str) -> dict[str, Any]:
    """Describe the use of an element, as `actions[0]` of block_actions does."""
    kind = element["type"]
    done: dict[str, Any] = {"type": kind, "action_id": element.get("action_id", ""), "block_id": block_id}
    done["action_ts"] = action_ts
    if kind == "button":
        done["text"] = element["text"]
        if "value" in element:
            done["value"] = element["value"]
        return done
    if kind == "overflow":
        return done | {"selected_option": chosen_option(element, value)}
    return done | {name: held for name, held in state(element, value).items() if name != "type"}


def required(blocks: list[dict[str, Any]], values: dict[str, dict[str, Any]]) -> dict[str, str]:
    """Say which inputs were left empty, as Slack does before it asks the bot."""
    missing = {}
    for block in blocks:
        if block.get("type") == "input" and not block.get("optional"):
            held = values.get(block["block_id"], {}).get(block["element"]["action_id"])
            if held is None or is_empty(held):
                missing[block["block_id"]] = "Please complete this required field."
    return missing


def suggestion_problems(answer: dict[str, Any]) -> list[str]:
    """Say what is wrong with the options a bot offers for an external select."""
    to = Complaints()
    if ("options" in answer) == ("option_groups" in answer):
        to.say("", "must define exactly one of: options, option_groups")
    if "options" in answer:
        for number, one in enumerate(to.count("/options", answer["options"], 0, 100)):
            option(to, f"/options/{number}", one, "external_select")
    elif "option_groups" in answer:
        groups(to, "", answer["option_groups"], "external_select")
    return to.said
