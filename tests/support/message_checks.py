"""What every message has to be for Slack to take it, and for nobody to be pinged by it."""

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
    """Load the independent checker where it is."""
    if not CHECKER.exists():
        return None
    spec = importlib.util.spec_from_file_location("check_blocks", CHECKER)
    module = importlib.util.module_from_spec(spec)
    # dataclasses look their module up
    sys.modules["check_blocks"] = module
    spec.loader.exec_module(module)
    with warnings.catch_warnings():
        # it leaves its schema open, once
        warnings.simplefilter("ignore")
        module.check({"text": "ready", "blocks": []})
    return module


INDEPENDENT = checker()


def read_by_slack(value: Any) -> list[str]:
    """Return every text in which Slack looks for mentions and links."""
    if isinstance(value, list):
        return [text for each in value for text in read_by_slack(each)]
    if not isinstance(value, dict):
        return []
    if value.get("type") in ("mrkdwn", "plain_text"):
        return [value["text"]]
    return [text for each in value.values() for text in read_by_slack(each)]


def elements(value: Any) -> list[dict[str, Any]]:
    found = [value] if isinstance(value, dict) else []
    for each in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        found += elements(each)
    return found


def assert_is_good(
    made: dict[str, Any],
    people: frozenset[str] = frozenset(),
    independent: bool = True,
    channels: frozenset[str] = frozenset(),
) -> None:
    """Fail unless Slack takes the message, and nobody is pinged and no channel named but these."""
    assert message_problems(made["blocks"]) == []
    assert not are_blocks_too_long(made["blocks"])
    assert len(made["text"]) <= 4_000
    if INDEPENDENT is not None and independent:
        # without its schema, which takes longer than all the rest
        found = INDEPENDENT.check(made, schema="")
        assert [str(problem) for problem in found if problem.level == "error"] == []
    for text in [made["text"], *read_by_slack(made["blocks"])]:
        ours = re.sub(r"<!date\^[0-9]+\^\{date_short\} \{time\}\|[^<>|]*>", "", text)
        for person in people:
            ours = ours.replace(f"<@{person}>", "")
        for channel in channels:
            ours = ours.replace(f"<#{channel}>", "")
        assert not PING.search(ours), ours
    for element in elements(made["blocks"]):
        assert element.get("type") not in ("broadcast", "usergroup")
        if element.get("type") == "channel":
            assert element["channel_id"] in channels
        if element.get("type") == "user":
            assert element["user_id"] in people
        if element.get("type") == "link":
            assert element["url"].startswith(("https://", "http://"))
