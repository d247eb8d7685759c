"""Payloads of every kind that Slack sends, and the same with something wrong in them."""

import json
import random
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote_plus, urlencode

from bot.commands import CommandRegistry
from bot.emulators.slack import Workspace, payloads
from bot.emulators.slack.message import PostedMessage
from bot.emulators.slack.people import APP_ID, BOT_USER_ID, GUEST, JONAS, LIBRARY, MAYA, RESEARCH, STRANGER
from bot.emulators.slack.views import OpenView
from tests.support.paths import SHARED

JSON, FORM = "application/json", "application/x-www-form-urlencoded"
WORDS = (
    *("", "help", "views 5616445", "views 5616445 yesterday", "downloads 5616445 9784012", "stats ours"),
    *("search title:frog", "search collections frog", "item 5616445", "5616445", "timeline 5616445 2025"),
    *("countries 5616445", "top downloads", "new dataset", "cite 5616445 bibtex", "oai formats", "status"),
    *("draft Frog calls", "drafts", "drafts log", "draft delete 31400003", "subscriptions", "pause 1"),
    *("subscribe 5616445 weekly on monday at 09:00", "subscribe search title:frog", "subscribe", "send 1"),
    *("unsubscribe 2", "resume 1", "vews 5616445", "nonsense", "views 9900123", "resourcesync"),
)
QUESTION_ACTIONS = (
    "ask.run:0",
    "ask.next",
    "ask.previous",
    "ask.share",
    "ask.instead",
    "ask.",
    "copy",
    "link",
)
VALUES = ("", "1", "2", "31400003", "31400004", "5616445", "search title:frog", "Frog calls", '{"id":1}')
EVENTS = (
    *("app_home_opened", "reaction_added", "member_joined_channel", "app_uninstalled", "tokens_revoked"),
    *("message", "link_shared", "team_join", "app_rate_limited", "function_executed"),
)
SUBTYPES = (None, "file_share", "thread_broadcast", "message_changed", "bot_message", "message_deleted")
# What may replace a value: the right type with odd content, and every wrong type.
ODD: tuple[Callable[[random.Random], Any], ...] = (
    lambda rng: None,
    lambda rng: rng.choice((True, False)),
    lambda rng: rng.choice((0, -1, 1.5, 10**30, -(10**30), 1e308, float("nan"), 2**63)),
    lambda rng: rng.choice(("", " ", "\0", "a\0b", "\ud800", "U0MAYA\0", "\u202e", "null", "1" * 400)),
    lambda rng: rng.choice((MAYA, JONAS, STRANGER, RESEARCH, LIBRARY, BOT_USER_ID, "D0", "1.1", APP_ID)),
    lambda rng: rng.choice(("x", ",", "\u200d", "<a://", "&", "<@U0MAYA> ")) * rng.choice((40, 3_000)),
    lambda rng: [],
    lambda rng: {},
    lambda rng: rng.choice(([None], [[]], [{}], [1, "2", None], ["x"] * 500)),
    lambda rng: rng.choice(({"a": {}}, {"": None}, {"id": None}, {"type": []}, {"\0": "\0"})),
    lambda rng: nested(rng.choice((30, 300))),
)


def nested(depth: int) -> Any:
    """Return lists and objects in each other, so many levels deep."""
    value: Any = "deep"
    for level in range(depth):
        value = [value] if level % 2 else {"a": value}
    return value


@dataclass
class Payload:
    """The bytes of a request, and how they were changed."""

    kind: str
    changes: list[str]
    body: bytes
    content_type: str

    def __str__(self) -> str:
        return f"{self.kind} ({'; '.join(self.changes)}): {self.body[:400]!r}"


@dataclass
class PayloadFactory:
    """Creates what a workspace sends: commands, events, presses, submissions, search texts."""

    workspace: Workspace
    commands: CommandRegistry
    messages: list[PostedMessage]
    views: list[OpenView]

    def bodies(self, rng: random.Random) -> Iterator[tuple[str, dict[str, Any]]]:
        """Yield bodies without end, with their kinds; each kind is as frequent as the others."""
        recorded = list(_recorded_bodies())
        kinds = [self._command, self._message, self._event, self._press, self._press, self._press_in_view]
        kinds += [
            self._suggestion,
            self._submission,
            self._submission,
            self._view_closed,
            self._shortcut,
            self._other,
        ]
        while True:
            create = rng.choice([*kinds, *([lambda rng: rng.choice(recorded)] if recorded else [])])
            kind, body = create(rng)
            yield kind, deepcopy(body)

    def _user(self, rng: random.Random) -> str:
        return rng.choice((MAYA, MAYA, MAYA, JONAS, GUEST, STRANGER))

    def _response_url(self, user: str, message: PostedMessage | None = None) -> str:
        url = self.workspace.triggers.new_response_url(RESEARCH, user, message=message)
        return f"{self.workspace.url}/hooks/x/{url.id}"

    def _command(self, rng: random.Random) -> tuple[str, dict[str, Any]]:
        user, words = self._user(rng), rng.choice(WORDS)
        channel, trigger = (
            self.workspace.channels[RESEARCH],
            self.workspace.triggers.new_trigger(user).id,
        )
        person, url = self.workspace.people[user], self._response_url(user)
        return "command", dict(payloads.slash_command(person, channel, "/figshare", words, trigger, url))

    def _message(self, rng: random.Random) -> tuple[str, dict[str, Any]]:
        user, kind = self._user(rng), rng.choice(("app_mention", "message"))
        channel = self.workspace.channels[RESEARCH] if kind == "app_mention" else self.workspace.direct(user)
        ts, thread = self.workspace.history.next_ts(), rng.choice((None, None, "1700000000.000100"))
        text = f"<@{BOT_USER_ID}> {rng.choice(WORDS)}"
        event = payloads.message_event(
            PostedMessage(channel.id, ts, user, text, thread_ts=thread),
            self.workspace.people[user],
            channel,
            kind,
        )
        if subtype := rng.choice(SUBTYPES):
            event["subtype"] = subtype
        return kind, payloads.event_callback(event, 1_700_000_000.0)

    def _event(self, rng: random.Random) -> tuple[str, dict[str, Any]]:
        kind = rng.choice(EVENTS)
        inner = {
            "type": kind,
            "user": MAYA,
            "channel": RESEARCH,
            "event_ts": "1.1",
            "tab": "home",
            "ts": "1.1",
        }
        return kind, payloads.event_callback(inner, 1_700_000_000.0)

    def _action(self, rng: random.Random) -> dict[str, Any]:
        name = rng.choice([*QUESTION_ACTIONS, *self.commands.actions])
        value = rng.choice(VALUES)
        if name.startswith("ask."):
            value = json.dumps({"words": rng.choice(WORDS), "page": rng.choice((1, 1, 2, 10**12))})
        return {"type": "button", "action_id": name, "block_id": "b", "value": value, "action_ts": "1.1"}

    def _press(self, rng: random.Random) -> tuple[str, dict[str, Any]]:
        user, message, action = self._user(rng), rng.choice(self.messages), self._action(rng)
        person, channel = self.workspace.people[user], self.workspace.channels[RESEARCH]
        trigger, url = self.workspace.triggers.new_trigger(user).id, self._response_url(user, message)
        body = payloads.press_in_message(person, channel, message, action, trigger, url)
        return f"block_actions {action['action_id']}", body

    def _press_in_view(self, rng: random.Random) -> tuple[str, dict[str, Any]]:
        user, view, action = self._user(rng), rng.choice(self.views), self._action(rng)
        trigger = self.workspace.triggers.new_trigger(user).id
        return "block_actions in a view", payloads.press_in_view(
            self.workspace.people[user], view, action, trigger
        )

    def _suggestion(self, rng: random.Random) -> tuple[str, dict[str, Any]]:
        user, surface = self._user(rng), rng.choice([*self.messages, *self.views])
        name = rng.choice([*self.commands.options, *self.commands.options, "nobody's"])
        channel = self.workspace.channels[RESEARCH]
        body = payloads.block_suggestion(
            self.workspace.people[user], "categories", name, "eco", surface, channel
        )
        return "block_suggestion", body

    def _submission(self, rng: random.Random) -> tuple[str, dict[str, Any]]:
        user, view = self._user(rng), rng.choice(self.views)
        action_id = rng.choice([view.definition["callback_id"], *self.commands.actions])
        body = payloads.view_submission(
            self.workspace.people[user], view, self.workspace.triggers.new_trigger(user).id
        )
        body["view"] = body["view"] | {"callback_id": action_id, "id": f"V{rng.randrange(10**9)}"}
        return f"view_submission {action_id}", body

    def _view_closed(self, rng: random.Random) -> tuple[str, dict[str, Any]]:
        return "view_closed", payloads.view_closed(self.workspace.people[MAYA], rng.choice(self.views), False)

    def _shortcut(self, rng: random.Random) -> tuple[str, dict[str, Any]]:
        user, message = self._user(rng), rng.choice(self.messages)
        name, channel = (
            rng.choice(["draft.shortcut", *self.commands.actions]),
            self.workspace.channels[RESEARCH],
        )
        trigger = self.workspace.triggers.new_trigger(user).id
        person, url = self.workspace.people[user], self._response_url(user)
        body = payloads.message_shortcut(person, channel, message, name, trigger, url)
        if rng.random() < 0.2:
            return "shortcut", {key: body[key] for key in body if key not in ("message", "channel")} | {
                "type": "shortcut"
            }
        return "message_action", body

    def _other(self, rng: random.Random) -> tuple[str, dict[str, Any]]:
        kind = rng.choice(
            ("url_verification", "ssl_check", "interactive_message", "dialog_submission", "frog")
        )
        user = {"user": {"id": MAYA}, "team": {"id": "T0PLAYGROUND"}, "token": payloads.VERIFICATION_TOKEN}
        if kind == "ssl_check":
            return kind, {"ssl_check": "1", "token": payloads.VERIFICATION_TOKEN}
        if kind == "url_verification":
            return kind, {
                "type": kind,
                "token": payloads.VERIFICATION_TOKEN,
                "challenge": "3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkv",
            }
        return kind, {
            "type": kind,
            **user,
            "actions": [{"name": "a", "value": "b"}],
            "callback_id": "draft.form",
        }


def _recorded_bodies() -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield what Slack's own tests send, and recorded shapes of real payloads, where installed."""
    test_bodies = SHARED / "slack" / "bolt-python-test-payloads.json"
    if test_bodies.exists():
        for name, body in json.loads(test_bodies.read_text()).items():
            if isinstance(body, dict):
                yield name, body
    for path in sorted((SHARED / "slack" / "payloads").glob("*.json")):
        body = json.loads(path.read_text())
        yield path.stem, body[0] if isinstance(body, list) else body


def mutated_payload(kind: str, body: dict[str, Any], rng: random.Random) -> Payload:
    """Return a body with some changes, serialized as Slack would, mostly."""
    changes = [_mutate(body, rng) for _ in range(rng.choice((0, 1, 1, 1, 2, 3)))]
    is_form = "command" in body or "ssl_check" in body
    if is_form:
        raw = urlencode({key: _form_value(value) for key, value in body.items()}, errors="surrogatepass")
        content_type = FORM
    else:
        text = json.dumps(body)
        if rng.random() < 0.12:
            changes.append(change := rng.choice(list(_TEXT_MUTATIONS)))
            text = _TEXT_MUTATIONS[change](text, rng)
        is_event = "event" in body or body.get("type") in ("url_verification", "event_callback")
        content_type = JSON if is_event else FORM
        raw = text if is_event else f"payload={quote_plus(text, errors='surrogatepass')}"
    sent = raw.encode("utf-8", "surrogatepass")
    if rng.random() < 0.08:
        changes.append(change := rng.choice(list(_BYTE_MUTATIONS)))
        sent = _BYTE_MUTATIONS[change](sent, rng)
    if rng.random() < 0.05:
        content_type = rng.choice(
            (JSON, FORM, "", "text/plain", f"{JSON}; charset=utf-16", "multipart/form-data")
        )
        changes.append(f"as {content_type!r}")
    return Payload(kind, changes, sent, content_type)


def _mutate(body: dict[str, Any], rng: random.Random) -> str:
    """Change one value of a body, more often one near the top, and say how."""
    container: Any = body
    path: list[str | int] = []
    while container and isinstance(container, dict | list):
        keys = list(container) if isinstance(container, dict) else range(len(container))
        path.append(key := rng.choice(keys))
        if not container[key] or not isinstance(container[key], dict | list) or rng.random() < 0.4:
            break
        container = container[key]
    if not path or not container:
        return "nothing to change"
    place, old = ".".join(map(str, path)), container[key]
    match rng.choice(("drop", "odd", "odd", "odd", "odd", "wrap", "add")):
        case "drop":
            del container[key]
            return f"{place} dropped"
        case "wrap":
            container[key] = rng.choice(([old], {"a": old}, [old, old], f"{old}{old}"))
        case "add":
            container[key] = f"{old}{ODD[3](rng)}" if isinstance(old, str) else ODD[6](rng)
        case _:
            container[key] = rng.choice(ODD)(rng)
    return f"{place} = {container[key]!r:.60}"


def _form_value(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _truncated(text: str, rng: random.Random) -> str:
    return text[: rng.randrange(len(text) + 1)]


def _with_duplicate_key(text: str, rng: random.Random) -> str:
    name = rng.choice(("type", "user", "event", "actions", "view", "container", "command", "trigger_id"))
    value = rng.choice(("null", "[]", '"x"', "{}", "1e999"))
    one = f'"{name}": {value}'
    return f"{{{one}, {text[1:]}" if rng.random() < 0.5 else f"{text[:-1]}, {one}}}"


_TEXT_MUTATIONS: dict[str, Callable[[str, random.Random], str]] = {
    "cut": _truncated,
    "a key twice": _with_duplicate_key,
    "something after it": lambda text, rng: text + rng.choice(("}", "x", "\0", text)),
    "deep": lambda text, rng: "[" * 100_000,
    "deep in a key": lambda text, rng: f'{{"a": {"[" * 90_000}, {text[1:]}',
    "a list of it": lambda text, rng: f"[{text}]",
    "a text of it": lambda text, rng: json.dumps(text),
    "a mark before it": lambda text, rng: "\ufeff" + text,
    "a number with many digits": lambda text, rng: f'{{"event_time": {"9" * 5_000}, {text[1:]}',
}


def _with_flipped_bytes(sent: bytes, rng: random.Random) -> bytes:
    flipped = bytearray(sent)
    for _ in range(min(len(flipped), 5)):
        flipped[rng.randrange(len(flipped))] = rng.randrange(256)
    return bytes(flipped)


_BYTE_MUTATIONS: dict[str, Callable[[bytes, random.Random], bytes]] = {
    "cut bytes": lambda sent, rng: sent[: rng.randrange(len(sent) + 1)],
    "nothing": lambda sent, rng: b"",
    "other bytes": _with_flipped_bytes,
    "no UTF-8": lambda sent, rng: sent + b"\xff\xfe",
    "broken percents": lambda sent, rng: sent.replace(b"%", b"%%", 3) + b"&x=%zz%",
    "percents of no UTF-8": lambda sent, rng: sent.replace(b"%22", b"%ff%00", 2),
    "a field twice": lambda sent, rng: sent + rng.choice((b"&payload=%7B%7D", b"&command=%00", b"&payload")),
    "ampersands": lambda sent, rng: b"&" * 5_000 + sent,
    "an empty payload": lambda sent, rng: b"payload=",
}
