"""How a person uses a button, a menu or an input, and how Slack describes it in a payload."""

from typing import Any


def interactive_elements(blocks: list[dict[str, Any]]) -> list[tuple[str, dict[str, Any]]]:
    """Return every interactive element with the block_id of its block."""
    elements = []
    for block in blocks:
        if block.get("type") == "actions":
            elements += [(block["block_id"], element) for element in block["elements"]]
        elif block.get("type") == "input":
            elements.append((block["block_id"], block["element"]))
    return elements


def find_element(
    blocks: list[dict[str, Any]], action_id: str, block_id: str | None = None
) -> tuple[str, dict[str, Any]]:
    """Return the block_id and the element with an action_id; raises LookupError."""
    elements = interactive_elements(blocks)
    for candidate_block_id, element in elements:
        if element.get("action_id") == action_id and block_id in (None, candidate_block_id):
            return candidate_block_id, element
    names = ", ".join(str(element.get("action_id")) for _, element in elements) or "none"
    raise LookupError(f"nothing here is called {action_id!r}; there are: {names}")


def chosen_option(element: dict[str, Any], value: Any) -> Any:
    """Return the option by its value or its label; an option object is taken as it is."""
    if isinstance(value, dict):
        return value
    for option in element.get("options") or []:
        if value in (option.get("value"), option["text"]["text"]):
            return option
    if element["type"].endswith("external_select"):
        return {"text": {"type": "plain_text", "text": str(value), "emoji": True}, "value": str(value)}
    raise LookupError(f"{value!r} is not one of the options")


def element_state(element: dict[str, Any], value: Any) -> dict[str, Any]:
    """Return the state of an element as `state.values` has it: the type and the field that belongs to it."""
    element_type = element["type"]
    match element_type:
        case "static_select" | "external_select":
            selected = None if value in (None, "") else chosen_option(element, value)
            return {"type": element_type, "selected_option": selected}
        case "multi_static_select" | "multi_external_select":
            values = [] if value is None else value if isinstance(value, list | tuple) else [value]
            options = [chosen_option(element, each) for each in values]
            return {"type": element_type, "selected_options": options}
        case "timepicker":
            return {"type": element_type, "selected_time": value or None}
        case "datepicker":
            return {"type": element_type, "selected_date": value or None}
    return {"type": element_type, "value": value or None}


def initial_state(element: dict[str, Any]) -> dict[str, Any]:
    """Return the state of an element that nobody has touched."""
    for name in ("initial_option", "initial_options", "initial_value", "initial_time", "initial_date"):
        if name in element:
            return element_state(element, element[name])
    return element_state(element, None)


def is_empty(state: dict[str, Any]) -> bool:
    return all(value in (None, "", []) for name, value in state.items() if name != "type")


def action_payload(block_id: str, element: dict[str, Any], value: Any, action_ts: str) -> dict[str, Any]:
    """Return the use of an element as `actions[0]` of block_actions has it."""
    element_type = element["type"]
    action = {"type": element_type, "action_id": element.get("action_id", ""), "block_id": block_id}
    action["action_ts"] = action_ts
    if element_type != "button":
        return action | element_state(element, value)
    action["text"] = element["text"]
    return action | ({"value": element["value"]} if "value" in element else {})


def missing_inputs(blocks: list[dict[str, Any]], values: dict[str, dict[str, Any]]) -> dict[str, str]:
    """Return the error of each required input that is empty, as Slack shows it before it asks the bot."""
    missing = {}
    for block in blocks:
        if block.get("type") == "input" and not block.get("optional"):
            state = values.get(block["block_id"], {}).get(block["element"]["action_id"])
            if state is None or is_empty(state):
                missing[block["block_id"]] = "Please complete this required field."
    return missing
