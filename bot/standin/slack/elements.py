"""Which buttons, menus and inputs Slack takes: https://docs.slack.dev/reference/block-kit/block-elements."""

import re
from typing import Any

from bot.standin.slack.rules import Complaints

SELECTS = ("users_select", "conversations_select", "channels_select")
MULTI_SELECTS = tuple(f"multi_{kind}" for kind in SELECTS)
CHOICES = ("static_select", "external_select", *SELECTS, "datepicker", "timepicker", "datetimepicker")
MULTI_CHOICES = ("multi_static_select", "multi_external_select", *MULTI_SELECTS)
BOXES = ("checkboxes", "radio_buttons")
INPUTS = ("plain_text_input", "email_text_input", "url_text_input", "number_input")
IN_ACTIONS = {"button", "overflow", "workflow_button", *CHOICES, *BOXES, *MULTI_CHOICES}
IN_SECTION = {*IN_ACTIONS, "image"}
IN_INPUT = {*INPUTS, *CHOICES, *MULTI_CHOICES, *BOXES, "rich_text_input", "file_input"}

BUTTON_KEYS = ("type", "text", "action_id", "url", "value", "style", "confirm", "accessibility_label")


def element(to: Complaints, at: str, thing: Any, allowed: set[str]) -> None:
    """Judge one element of an actions, section or input block."""
    if not isinstance(thing, dict):
        to.say(at, "must be an object")
        return
    kind = thing.get("type")
    if kind not in allowed:
        to.say(f"{at}/type", f"unsupported type: {kind}")
        return
    to.string(f"{at}/action_id", thing.get("action_id"), 255)
    to.text(f"{at}/placeholder", thing.get("placeholder"), 150)
    to.confirm(f"{at}/confirm", thing.get("confirm"))
    if kind == "button":
        _button(to, at, thing)
    elif kind == "image":
        image(to, at, thing)
    elif kind in INPUTS:
        _input(to, at, thing)
    elif kind in ("overflow", *BOXES, *CHOICES, *MULTI_CHOICES):
        _menu(to, at, thing, str(kind))


def _button(to: Complaints, at: str, thing: dict[str, Any]) -> None:
    to.only(at, thing, BUTTON_KEYS)
    to.require(at, thing, "text")
    to.text(f"{at}/text", thing.get("text"), 75)
    to.string(f"{at}/value", thing.get("value"), 2000)
    to.string(f"{at}/accessibility_label", thing.get("accessibility_label"), 75)
    if "url" in thing:
        to.url(f"{at}/url", thing["url"])
    if thing.get("style") not in (None, "primary", "danger"):
        to.say(f"{at}/style", "must be one of: primary, danger")


def image(to: Complaints, at: str, thing: dict[str, Any]) -> None:
    to.require(at, thing, "alt_text")
    to.string(f"{at}/alt_text", thing.get("alt_text"), 2000)
    if ("image_url" in thing) == ("slack_file" in thing):
        to.say(at, "must define exactly one of: image_url, slack_file")
    elif "image_url" in thing:
        to.url(f"{at}/image_url", thing["image_url"], ("http", "https"))


def _input(to: Complaints, at: str, thing: dict[str, Any]) -> None:
    kind = thing["type"]
    if kind == "number_input":
        to.require(at, thing, "is_decimal_allowed")
        return
    fewest, most = thing.get("min_length", 0), thing.get("max_length", 3000)
    if not (isinstance(fewest, int) and 0 <= fewest <= 3000):
        to.say(f"{at}/min_length", "must be between 0 and 3000")
    elif not (isinstance(most, int) and 1 <= most <= 3000):
        to.say(f"{at}/max_length", "must be between 1 and 3000")
    elif fewest > most:
        to.say(f"{at}/min_length", "must be less than max_length")
    else:
        to.string(f"{at}/initial_value", thing.get("initial_value"), most, 0)


def _menu(to: Complaints, at: str, thing: dict[str, Any], kind: str) -> None:
    options: list[Any] = []
    static = kind in ("static_select", "multi_static_select")
    if static and ("options" in thing) == ("option_groups" in thing):
        to.say(at, "must define exactly one of: options, option_groups")
    if kind in ("overflow", *BOXES):
        to.require(at, thing, "options")
    if "options" in thing:
        most = 5 if kind == "overflow" else 10 if kind in BOXES else 100
        options = to.count(f"{at}/options", thing["options"], 1, most)
        for number, one in enumerate(options):
            option(to, f"{at}/options/{number}", one, kind)
    if "option_groups" in thing:
        options = [option for group in groups(to, at, thing["option_groups"], kind) for option in group]
    initial = thing.get("initial_options") or ([thing["initial_option"]] if "initial_option" in thing else [])
    if options and any(one not in options for one in initial):
        to.say(f"{at}/initial_option", "must match an option exactly")
    if "initial_date" in thing and not re.fullmatch(r"\d{4}-\d\d-\d\d", str(thing["initial_date"])):
        to.say(f"{at}/initial_date", "must be YYYY-MM-DD")
    if "initial_time" in thing and not re.fullmatch(r"[0-2]\d:[0-5]\d", str(thing["initial_time"])):
        to.say(f"{at}/initial_time", "must be HH:mm")


def groups(to: Complaints, at: str, value: Any, kind: str) -> list[list[Any]]:
    """Judge option groups and give their options."""
    found = []
    for number, group in enumerate(to.count(f"{at}/option_groups", value, 1, 100)):
        here = f"{at}/option_groups/{number}"
        if not isinstance(group, dict) or not to.require(here, group, "label", "options"):
            continue
        to.text(f"{here}/label", group["label"], 75)
        options = to.count(f"{here}/options", group["options"], 1, 100)
        for index, one in enumerate(options):
            option(to, f"{here}/options/{index}", one, kind)
        found.append(options)
    return found


def option(to: Complaints, at: str, thing: Any, kind: str) -> None:
    """Judge one option of a menu."""
    if not isinstance(thing, dict):
        to.say(at, "must be an option object")
        return
    to.only(at, thing, ("text", "value", "description", "url"))
    to.require(at, thing, "text", *(() if "url" in thing else ("value",)))
    marked = kind in BOXES
    to.text(f"{at}/text", thing.get("text"), 75, ("plain_text", "mrkdwn") if marked else ("plain_text",))
    to.text(f"{at}/description", thing.get("description"), 75, ("plain_text", "mrkdwn"))
    to.string(f"{at}/value", thing.get("value"), 150)
    if "url" in thing:
        if kind != "overflow":
            to.say(f"{at}/url", "invalid additional property")
        to.url(f"{at}/url", thing["url"])
