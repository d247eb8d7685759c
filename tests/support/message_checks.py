"""Checks that Slack would take a message, and that it pings nobody."""

import importlib.util
import re
import sys
import warnings
from typing import Any

from bot.emulators.slack.validation import are_blocks_too_long, message_problems
from tests.support.paths import SHARED

CHECKER = SHARED / "tools" / "check_blocks.py"
PING = re.compile(r"<[!@#]")


def checker() -> Any:
    """Return the independent checker as a module, or None where it is not installed."""
    if not CHECKER.exists():
        return None
    spec = importlib.util.spec_from_file_location("check_blocks", CHECKER)
    module = importlib.util.module_from_spec(spec)
    # `dataclass` looks its module up.
    sys.modules["check_blocks"] = module
    spec.loader.exec_module(module)
    with warnings.catch_warnings():
        # It leaves the file of its schema open.
        warnings.simplefilter("ignore")
        module.check({"text": "ready", "blocks": []})
    return module


INDEPENDENT = checker()


def read_by_slack(value: Any) -> list[str]:
    """Return every text in which Slack looks for mentions and links."""
    if isinstance(value, list):
        return [text for item in value for text in read_by_slack(item)]
    if not isinstance(value, dict):
        return []
    if value.get("type") in ("mrkdwn", "plain_text"):
        return [value["text"]]
    return [text for item in value.values() for text in read_by_slack(item)]


def elements(value: Any) -> list[dict[str, Any]]:
    """Return all dictionaries in a message, at any depth."""
    if isinstance(value, list):
        return [element for item in value for element in elements(item)]
    if not isinstance(value, dict):
        return []
    return [value, *(element for item in value.values() for element in elements(item))]


def assert_is_good(
    message: dict[str, Any],
    people: frozenset[str] = frozenset(),
    independent: bool = True,
    channels: frozenset[str] = frozenset(),
) -> None:
    """Fail unless Slack takes a message that names no people and channels but these, and pings nobody."""
    assert message_problems(message["blocks"]) == []
    assert not are_blocks_too_long(message["blocks"])
    assert len(message["text"]) <= 4_000
    if INDEPENDENT is not None and independent:
        # The schema takes longer than all other checks.
        problems = INDEPENDENT.check(message, schema="")
        assert [str(problem) for problem in problems if problem.level == "error"] == []
    for text in [message["text"], *read_by_slack(message["blocks"])]:
        remaining = re.sub(r"<!date\^[0-9]+\^\{date_short\} \{time\}\|[^<>|]*>", "", text)
        for person in people:
            remaining = remaining.replace(f"<@{person}>", "")
        for channel in channels:
            remaining = remaining.replace(f"<#{channel}>", "")
        assert not PING.search(remaining), remaining
    for element in elements(message["blocks"]):
        assert element.get("type") not in ("broadcast", "usergroup")
        if element.get("type") == "channel":
            assert element["channel_id"] in channels
        if element.get("type") == "user":
            assert element["user_id"] in people
        if element.get("type") == "link":
            assert element["url"].startswith(("https://", "http://"))
