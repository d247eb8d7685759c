"""What Slack may send, of every kind, and the same with something wrong in it."""

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
ASKING = ("ask.run:0", "ask.next", "ask.previous", "ask.share", "ask.instead", "ask.", "copy", "link")
VALUES = ("", "1", "2", "31400003", "31400004", "5616445", "search title:frog", "Frog calls", '{"id":1}')
EVENTS = (
    *("app_home_opened", "reaction_added", "member_joined_channel", "app_uninstalled", "tokens_revoked"),
    *("message", "link_shared", "team_join", "app_rate_limited", "function_executed"),
)
SUBTYPES = (None, "file_share", "thread_broadcast", "message_changed", "bot_message", "message_deleted")
# what may stand where something else should: the right kind with the wrong content, and every wrong kind
ODD: tuple[Callable[[random.Random], Any], ...] = (
    lambda chance: None,
    lambda chance: chance.choice((True, False)),
    lambda chance: chance.choice((0, -1, 1.5, 10**30, -(10**30), 1e308, float("nan"), 2**63)),
    lambda chance: chance.choice(("", " ", "\0", "a\0b", "\ud800", "U0MAYA\0", "\u202e", "null", "1" * 400)),
    lambda chance: chance.choice(
        (MAYA, JONAS, STRANGER, RESEARCH, LIBRARY, BOT_USER_ID, "D0", "1.1", APP_ID)
    ),
    lambda chance: (
        chance.choice(("x", ",", "\u200d", "<a://", "&", "<@U0MAYA> ")) * chance.choice((40, 3_000))
    ),
    lambda chance: [],
    lambda chance: {},
    lambda chance: chance.choice(([None], [[]], [{}], [1, "2", None], ["x"] * 500)),
    lambda chance: chance.choice(({"a": {}}, {"": None}, {"id": None}, {"type": []}, {"\0": "\0"})),
    lambda chance: nested(chance.choice((30, 300))),
)


def nested(depth: int) -> Any:
    made: Any = "deep"
    for at in range(depth):
        made = [made] if at % 2 else {"a": made}
    return made


@dataclass
class Payload:
    """A body as it is sent, and what was done to it."""

    kind: str
    changes: list[str]
    body: bytes
    content_type: str

    def __str__(self) -> str:
        return f"{self.kind} ({'; '.join(self.changes)}): {self.body[:400]!r}"


@dataclass
class Slack:
    """Makes what a workspace sends: commands, events, presses, submissions, choices."""

    workspace: Workspace
    commands: CommandRegistry
    messages: list[PostedMessage]
    views: list[OpenView]

    def bodies(self, chance: random.Random) -> Iterator[tuple[str, dict[str, Any]]]:
        """Return kinds of bodies without end, each as often as another."""
        recorded = list(_recorded())
        kinds = [self._command, self._said, self._event, self._pressed, self._pressed, self._pressed_in_view]
        kinds += [self._typed, self._submitted, self._submitted, self._closed, self._shortcut, self._other]
        while True:
            made = chance.choice([*kinds, *([lambda chance: chance.choice(recorded)] if recorded else [])])
            kind, body = made(chance)
            yield kind, deepcopy(body)

    def _who(self, chance: random.Random) -> str:
        return chance.choice((MAYA, MAYA, MAYA, JONAS, GUEST, STRANGER))

    def _hook(self, user: str, message: PostedMessage | None = None) -> str:
        url = self.workspace.triggers.new_response_url(RESEARCH, user, message=message)
        return f"{self.workspace.url}/hooks/x/{url.id}"

    def _command(self, chance: random.Random) -> tuple[str, dict[str, Any]]:
        user, words = self._who(chance), chance.choice(WORDS)
        digest_clock, trigger = (
            self.workspace.channels[RESEARCH],
            self.workspace.triggers.new_trigger(user).id,
        )
        person, url = self.workspace.people[user], self._hook(user)
        return "command", dict(payloads.slash_command(person, digest_clock, "/figshare", words, trigger, url))

    def _said(self, chance: random.Random) -> tuple[str, dict[str, Any]]:
        user, kind = self._who(chance), chance.choice(("app_mention", "message"))
        digest_clock = (
            self.workspace.channels[RESEARCH] if kind == "app_mention" else self.workspace.direct(user)
        )
        ts, thread = self.workspace.history.next_ts(), chance.choice((None, None, "1700000000.000100"))
        text = f"<@{BOT_USER_ID}> {chance.choice(WORDS)}"
        said = payloads.message_event(
            PostedMessage(digest_clock.id, ts, user, text, thread_ts=thread),
            self.workspace.people[user],
            digest_clock,
            kind,
        )
        if subtype := chance.choice(SUBTYPES):
            said["subtype"] = subtype
        return kind, payloads.event_callback(said, 1_700_000_000.0)

    def _event(self, chance: random.Random) -> tuple[str, dict[str, Any]]:
        kind = chance.choice(EVENTS)
        inner = {
            "type": kind,
            "user": MAYA,
            "channel": RESEARCH,
            "event_ts": "1.1",
            "tab": "home",
            "ts": "1.1",
        }
        return kind, payloads.event_callback(inner, 1_700_000_000.0)

    def _action(self, chance: random.Random) -> dict[str, Any]:
        name = chance.choice([*ASKING, *self.commands.actions])
        value = chance.choice(VALUES)
        if name.startswith("ask."):
            value = json.dumps({"words": chance.choice(WORDS), "page": chance.choice((1, 1, 2, 10**12))})
        return {"type": "button", "action_id": name, "block_id": "b", "value": value, "action_ts": "1.1"}

    def _pressed(self, chance: random.Random) -> tuple[str, dict[str, Any]]:
        user, message, action = self._who(chance), chance.choice(self.messages), self._action(chance)
        person, digest_clock = self.workspace.people[user], self.workspace.channels[RESEARCH]
        trigger, url = self.workspace.triggers.new_trigger(user).id, self._hook(user, message)
        body = payloads.press_in_message(person, digest_clock, message, action, trigger, url)
        return f"block_actions {action['action_id']}", body

    def _pressed_in_view(self, chance: random.Random) -> tuple[str, dict[str, Any]]:
        user, view, action = self._who(chance), chance.choice(self.views), self._action(chance)
        trigger = self.workspace.triggers.new_trigger(user).id
        return "block_actions in a view", payloads.press_in_view(
            self.workspace.people[user], view, action, trigger
        )

    def _typed(self, chance: random.Random) -> tuple[str, dict[str, Any]]:
        user, where = self._who(chance), chance.choice([*self.messages, *self.views])
        name = chance.choice([*self.commands.options, *self.commands.options, "nobody's"])
        digest_clock = self.workspace.channels[RESEARCH]
        body = payloads.block_suggestion(
            self.workspace.people[user], "categories", name, "eco", where, digest_clock
        )
        return "block_suggestion", body

    def _submitted(self, chance: random.Random) -> tuple[str, dict[str, Any]]:
        user, view = self._who(chance), chance.choice(self.views)
        deed = chance.choice([view.definition["callback_id"], *self.commands.actions])
        body = payloads.view_submission(
            self.workspace.people[user], view, self.workspace.triggers.new_trigger(user).id
        )
        body["view"] = body["view"] | {"callback_id": deed, "id": f"V{chance.randrange(10**9)}"}
        return f"view_submission {deed}", body

    def _closed(self, chance: random.Random) -> tuple[str, dict[str, Any]]:
        return "view_closed", payloads.view_closed(
            self.workspace.people[MAYA], chance.choice(self.views), False
        )

    def _shortcut(self, chance: random.Random) -> tuple[str, dict[str, Any]]:
        user, message = self._who(chance), chance.choice(self.messages)
        name, digest_clock = (
            chance.choice(["draft.shortcut", *self.commands.actions]),
            self.workspace.channels[RESEARCH],
        )
        trigger = self.workspace.triggers.new_trigger(user).id
        person, url = self.workspace.people[user], self._hook(user)
        body = payloads.message_shortcut(person, digest_clock, message, name, trigger, url)
        if chance.random() < 0.2:
            return "shortcut", {key: body[key] for key in body if key not in ("message", "channel")} | {
                "type": "shortcut"
            }
        return "message_action", body

    def _other(self, chance: random.Random) -> tuple[str, dict[str, Any]]:
        kind = chance.choice(
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


def _recorded() -> Iterator[tuple[str, dict[str, Any]]]:
    """Return what Slack's own tests send, and the keys of what it really sends, where they are."""
    test_bodies = SHARED / "slack" / "bolt-python-test-payloads.json"
    if test_bodies.exists():
        for name, body in json.loads(test_bodies.read_text()).items():
            if isinstance(body, dict):
                yield name, body
    for path in sorted((SHARED / "slack" / "payloads").glob("*.json")):
        body = json.loads(path.read_text())
        yield path.stem, body[0] if isinstance(body, list) else body


def mutated(kind: str, body: dict[str, Any], chance: random.Random) -> Payload:
    """Change something in a body and write it as Slack would, mostly."""
    changes = [_change(body, chance) for _ in range(chance.choice((0, 1, 1, 1, 2, 3)))]
    is_form = "command" in body or "ssl_check" in body
    if is_form:
        raw = urlencode({key: _written(value) for key, value in body.items()}, errors="surrogatepass")
        content_type = FORM
    else:
        text = json.dumps(body)
        if chance.random() < 0.12:
            changes.append(change := chance.choice(list(_TEXTS)))
            text = _TEXTS[change](text, chance)
        is_event = "event" in body or body.get("type") in ("url_verification", "event_callback")
        content_type = JSON if is_event else FORM
        raw = text if is_event else f"payload={quote_plus(text, errors='surrogatepass')}"
    sent = raw.encode("utf-8", "surrogatepass")
    if chance.random() < 0.08:
        changes.append(change := chance.choice(list(_BYTES)))
        sent = _BYTES[change](sent, chance)
    if chance.random() < 0.05:
        content_type = chance.choice(
            (JSON, FORM, "", "text/plain", f"{JSON}; charset=utf-16", "multipart/form-data")
        )
        changes.append(f"as {content_type!r}")
    return Payload(kind, changes, sent, content_type)


def _change(body: dict[str, Any], chance: random.Random) -> str:
    """Change one place, more often one near the top."""
    at: Any = body
    path: list[str | int] = []
    while at and isinstance(at, dict | list):
        path.append(key := chance.choice(list(at) if isinstance(at, dict) else range(len(at))))
        if not at[key] or not isinstance(at[key], dict | list) or chance.random() < 0.4:
            break
        at = at[key]
    if not path or not at:
        return "nothing to change"
    where, old = ".".join(map(str, path)), at[key]
    match chance.choice(("drop", "odd", "odd", "odd", "odd", "wrap", "add")):
        case "drop":
            del at[key]
            return f"{where} dropped"
        case "wrap":
            at[key] = chance.choice(([old], {"a": old}, [old, old], f"{old}{old}"))
        case "add":
            at[key] = f"{old}{ODD[3](chance)}" if isinstance(old, str) else ODD[6](chance)
        case _:
            at[key] = chance.choice(ODD)(chance)
    return f"{where} = {at[key]!r:.60}"


def _written(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _cut(text: str, chance: random.Random) -> str:
    return text[: chance.randrange(len(text) + 1)]


def _twice(text: str, chance: random.Random) -> str:
    name = chance.choice(("type", "user", "event", "actions", "view", "container", "command", "trigger_id"))
    value = chance.choice(("null", "[]", '"x"', "{}", "1e999"))
    one = f'"{name}": {value}'
    return f"{{{one}, {text[1:]}" if chance.random() < 0.5 else f"{text[:-1]}, {one}}}"


_TEXTS: dict[str, Callable[[str, random.Random], str]] = {
    "cut": _cut,
    "a key twice": _twice,
    "something after it": lambda text, chance: text + chance.choice(("}", "x", "\0", text)),
    "deep": lambda text, chance: "[" * 100_000,
    "deep in a key": lambda text, chance: f'{{"a": {"[" * 90_000}, {text[1:]}',
    "a list of it": lambda text, chance: f"[{text}]",
    "a text of it": lambda text, chance: json.dumps(text),
    "a mark before it": lambda text, chance: "\ufeff" + text,
    "a number with many digits": lambda text, chance: f'{{"event_time": {"9" * 5_000}, {text[1:]}',
}


def _flipped(sent: bytes, chance: random.Random) -> bytes:
    made = bytearray(sent)
    for _ in range(min(len(made), 5)):
        made[chance.randrange(len(made))] = chance.randrange(256)
    return bytes(made)


_BYTES: dict[str, Callable[[bytes, random.Random], bytes]] = {
    "cut bytes": lambda sent, chance: sent[: chance.randrange(len(sent) + 1)],
    "nothing": lambda sent, chance: b"",
    "other bytes": _flipped,
    "no UTF-8": lambda sent, chance: sent + b"\xff\xfe",
    "broken percents": lambda sent, chance: sent.replace(b"%", b"%%", 3) + b"&x=%zz%",
    "percents of no UTF-8": lambda sent, chance: sent.replace(b"%22", b"%ff%00", 2),
    "a field twice": lambda sent, chance: (
        sent + chance.choice((b"&payload=%7B%7D", b"&command=%00", b"&payload"))
    ),
    "ampersands": lambda sent, chance: b"&" * 5_000 + sent,
    "an empty payload": lambda sent, chance: b"payload=",
}
