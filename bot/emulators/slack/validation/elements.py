"""Which buttons, menus and inputs Slack takes: https://docs.slack.dev/reference/block-kit/block-elements."""

import re
from typing import Any

from bot.emulators.slack.validation.validator import Validator

MENUS = ("static_select", "external_select", "multi_static_select", "multi_external_select")
# What a picker holds at first, and how that is written.
PICKERS = {
    "timepicker": ("initial_time", re.compile("([01][0-9]|2[0-3]):[0-5][0-9]")),
    "datepicker": ("initial_date", re.compile("[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])")),
}
PICKER_FIELDS = ("type", "action_id", "confirm", "focus_on_load", "placeholder")
IN_ACTIONS = {"button", *MENUS, *PICKERS}
IN_INPUT = {"plain_text_input", *MENUS, *PICKERS}

BUTTON_FIELDS = ("type", "text", "action_id", "url", "value", "style", "confirm", "accessibility_label")


def check_element(check: Validator, pointer: str, element: Any, allowed: set[str]) -> None:
    """Check one element of an actions, section or input block."""
    if not isinstance(element, dict):
        check.fail(pointer, "must be an object")
        return
    element_type = element.get("type")
    if element_type not in allowed:
        check.fail(f"{pointer}/type", f"unsupported type: {element_type}")
        return
    check.string(f"{pointer}/action_id", element.get("action_id"), 255)
    check.text(f"{pointer}/placeholder", element.get("placeholder"), 150)
    check.confirm(f"{pointer}/confirm", element.get("confirm"))
    if element_type == "button":
        _check_button(check, pointer, element)
    elif element_type == "plain_text_input":
        _check_input(check, pointer, element)
    elif element_type in PICKERS:
        _check_picker(check, pointer, element)
    else:
        _check_menu(check, pointer, element)


def _check_button(check: Validator, pointer: str, button: dict[str, Any]) -> None:
    check.only(pointer, button, BUTTON_FIELDS)
    check.require(pointer, button, "text")
    check.text(f"{pointer}/text", button.get("text"), 75)
    check.string(f"{pointer}/value", button.get("value"), 2000)
    check.string(f"{pointer}/accessibility_label", button.get("accessibility_label"), 75)
    if "url" in button:
        check.url(f"{pointer}/url", button["url"])
    if button.get("style") not in (None, "primary", "danger"):
        check.fail(f"{pointer}/style", "must be one of: primary, danger")


def _check_input(check: Validator, pointer: str, element: dict[str, Any]) -> None:
    min_length, max_length = element.get("min_length", 0), element.get("max_length", 3000)
    if not (isinstance(min_length, int) and 0 <= min_length <= 3000):
        check.fail(f"{pointer}/min_length", "must be between 0 and 3000")
    elif not (isinstance(max_length, int) and 1 <= max_length <= 3000):
        check.fail(f"{pointer}/max_length", "must be between 1 and 3000")
    elif min_length > max_length:
        check.fail(f"{pointer}/min_length", "must be less than max_length")
    else:
        check.string(f"{pointer}/initial_value", element.get("initial_value"), max_length, 0)


def _check_picker(check: Validator, pointer: str, picker: dict[str, Any]) -> None:
    initial, pattern = PICKERS[picker["type"]]
    own_fields = (initial, "timezone") if picker["type"] == "timepicker" else (initial,)
    check.only(pointer, picker, (*PICKER_FIELDS, *own_fields))
    if initial in picker and not pattern.fullmatch(str(picker[initial])):
        check.fail(f"{pointer}/{initial}", f"must match pattern {pattern.pattern}")


def _check_menu(check: Validator, pointer: str, menu: dict[str, Any]) -> None:
    options: list[Any] = []
    if "external" not in menu["type"]:
        check.require(pointer, menu, "options")
    if "options" in menu:
        options = check.items(f"{pointer}/options", menu["options"], 1, 100)
        for index, option in enumerate(options):
            check_option(check, f"{pointer}/options/{index}", option)
    initial = menu.get("initial_options") or ([menu["initial_option"]] if "initial_option" in menu else [])
    if options and any(option not in options for option in initial):
        check.fail(f"{pointer}/initial_option", "must match an option exactly")


def check_option(check: Validator, pointer: str, option: Any) -> None:
    """Check one option of a menu."""
    if not isinstance(option, dict):
        check.fail(pointer, "must be an option object")
        return
    check.only(pointer, option, ("text", "value", "description"))
    check.require(pointer, option, "text", "value")
    check.text(f"{pointer}/text", option.get("text"), 75)
    check.text(f"{pointer}/description", option.get("description"), 75)
    check.string(f"{pointer}/value", option.get("value"), 150)
