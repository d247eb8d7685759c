"""What people see when Slack's Web API answers with something else than it should, or not at all."""

import json
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from bot.digests.delivery.send_once import CannotVerify, ChannelUnavailable, DeliveryUnknown, NotSent
from bot.emulators.slack import Workspace
from bot.emulators.slack.people import LIBRARY, RESEARCH
from bot.reply import Reply
from tests.support.digest_clock import DigestClock, open_digest_clock
from tests.support.slack_client import buttons

MAYA, JONAS = Workspace.maya, Workspace.jonas
DESK = "S0DESK"
TITLE = "Using APIs to customise repositories and engage audiences"
UNCLEAR = "Slack isn't responding right now."
RIGHTS = "Slack didn't tell me whether you are allowed to write drafts."


def ok_response(**fields: Any) -> dict[str, Any]:
    return {"content": json.dumps({"ok": True, **fields}).encode()}


# what comes instead of any answer
ODD: dict[str, dict[str, Any]] = {
    "the connection is cut": {"is_cut": True},
    "null": {"content": b"null"},
    "a list": {"content": b'[{"ok": true}]'},
    "a text": {"content": b'"ok"'},
    "a number": {"content": b"1"},
    "nothing": {"content": b""},
    "HTML": {"content": b"<html>ok</html>", "kind": "text/html"},
    "plain text": {"content": b"ok", "kind": "text/plain"},
    "an archive": {"content": b"\x1f\x8b", "kind": "application/gzip"},
    "half of it": {"content": b'{"ok": true, "us'},
    "no UTF-8": {"content": b'{"ok": true, "\xff": 1}'},
    "an unknown charset": {"content": b"{}", "kind": "application/json; charset=frog"},
    "a deep one": {"content": b"[" * 100_000},
    "a 500 of HTML": {"content": b"<html>", "kind": "text/html", "status": 500},
    "a 502 of nothing": {"content": b"", "status": 502},
    "a 503 of a list": {"content": b"[]", "status": 503},
    "a 429 of HTML": {"content": b"<html>", "kind": "text/html", "status": 429},
    "an error that is a list": {"content": b'{"ok": false, "error": ["x"]}'},
    "an error without a word": {"content": b'{"ok": false}'},
    "nothing but ok": ok_response(),
}
# what comes in the place of an object, a list or a text
WRONG: tuple[Any, ...] = (None, 5, True, "frog", [None], [[]], {}, {"id": None}, {"id": 5}, {"id": ["U1"]})
FIELDS = {
    "users.info": "user",
    "auth.test": "team_id",
    "usergroups.users.list": "users",
    "conversations.history": "messages",
    "conversations.open": "channel",
    "views.open": "view",
    "chat.postMessage": "ts",
    "files.getUploadURLExternal": "upload_url",
    "conversations.replies": "messages",
}


def odd(method: str) -> list[dict[str, Any]]:
    field = FIELDS[method]
    good = {"auth.test": str, "chat.postMessage": str, "files.getUploadURLExternal": str}.get(method, int)
    return [*ODD.values(), *(ok_response(**{field: each}) for each in WRONG if type(each) is not good)]


@pytest.fixture
async def digest_clock() -> AsyncIterator[DigestClock]:
    async with open_digest_clock(draft_users=(DESK, MAYA)) as opened:
        opened.slack.usergroups[DESK] = set()
        yield opened


@contextmanager
def going_wrong(digest_clock: DigestClock, method: str, trouble: dict[str, Any]) -> Iterator[None]:
    """Let a method answer so, also when aiohttp asks again what was cut."""
    digest_clock.slack.fail(method, "", times=4, **trouble)
    yield
    left = 0
    while digest_clock.slack.next_failure(method):
        left += 1
    assert left < 4


def assert_is_expected(said: str, expected: str, caplog: Any) -> None:
    assert expected in said and "Something went wrong" not in said
    assert [each.getMessage() for each in caplog.records if each.levelname == "ERROR" or each.exc_info] == []


@pytest.mark.parametrize(
    ("method", "words", "expected"),
    [
        ("users.info", "views 5616445 yesterday", TITLE),
        ("users.info", "drafts", RIGHTS),
        ("users.info", "subscribe 5616445", UNCLEAR),
        ("auth.test", "drafts", RIGHTS),
        ("auth.test", "subscribe 5616445", UNCLEAR),
        ("usergroups.users.list", "drafts", RIGHTS),
        ("conversations.history", "subscribe 5616445", UNCLEAR),
        ("views.open", "draft Frog calls", "A new draft"),
    ],
)
async def test_odd_response_of_slack_ends_as_a_sentence(digest_clock, caplog, method, words, expected):
    user = JONAS if method == "usergroups.users.list" else MAYA
    for trouble in odd(method):
        if method == "conversations.history" and b'messages": [' in trouble.get("content", b""):
            # that it may be read is enough
            continue
        with going_wrong(digest_clock, method, trouble):
            output = (await digest_clock.say(words, user)).text
        assert_is_expected(output, expected, caplog)
        # longer than it is remembered that somebody's zone can't be known
        digest_clock.clock.now += 301


async def test_odd_response_to_conversations_open_is_explained(digest_clock, caplog):
    for trouble in odd("conversations.open"):
        answer = await digest_clock.say("views 5616445", MAYA)
        with going_wrong(digest_clock, "conversations.open", trouble):
            output = (await digest_clock.press(answer, "Send me this weekly", MAYA)).text
        assert_is_expected(output, UNCLEAR, caplog)


@pytest.mark.parametrize(
    ("field", "values"),
    [
        (
            "tz",
            (
                "Europe",
                "../x",
                "/etc/passwd",
                "Europe/../Etc",
                "x" * 5_000,
                "\0",
                "\ud800",
                "zone.tab",
                5,
                [],
                {},
            ),
        ),
        ("name", (["Maya"], {}, 5, None)),
        ("real_name", (["Maya"], {}, 5, None)),
        ("profile", (["Maya"], "Maya", 5, None, {"real_name": ["Maya"], "email": {}})),
    ],
)
async def test_displayed_field_of_a_person_may_have_any_type(digest_clock, caplog, field, values):
    for value in values:
        user = digest_clock.slack.people[MAYA].profile() | {field: value}
        for words, expected in (("views 5616445 yesterday", TITLE), ("drafts", "There are no drafts")):
            with going_wrong(digest_clock, "users.info", ok_response(user=user)):
                output = (await digest_clock.say(words, MAYA)).text
            assert_is_expected(output, expected, caplog)
            digest_clock.clock.now += 21_601


@pytest.mark.parametrize("field", ["deleted", "is_bot", "is_restricted", "is_stranger", "team_id", "id"])
async def test_field_of_wrong_type_grants_no_permission(digest_clock, field):
    for value in ([], {}, 1, "false") if field != "team_id" else ([], {}, 1):
        user = digest_clock.slack.people[MAYA].profile() | {field: value if field != "id" else [value]}
        with going_wrong(digest_clock, "users.info", ok_response(user=user)):
            assert RIGHTS in (await digest_clock.say("drafts", MAYA)).text


def users_info_calls(digest_clock: DigestClock) -> int:
    return [each.kind for each in digest_clock.slack.log].count("users.info")


async def test_unknown_time_zone_is_asked_again_later(digest_clock):
    digest_clock.slack.people[MAYA].tz = "Pacific/Kiritimati"
    with going_wrong(digest_clock, "users.info", {"content": b"null"}):
        utc = (await digest_clock.say("views 5616445 yesterday", MAYA)).text
    for words in ("views 5616445 yesterday", "search title:frog since:2024", "timeline 5616445"):
        await digest_clock.say(words, MAYA)
    assert "24 Nov 2026" in utc and users_info_calls(digest_clock) == 1
    digest_clock.clock.now += 301
    assert "25 Nov 2026" in (await digest_clock.say("views 5616445 yesterday", MAYA)).text
    digest_clock.clock.now += 21_000
    await digest_clock.say("views 5616445 yesterday", MAYA)
    assert users_info_calls(digest_clock) == 2


@pytest.mark.parametrize(
    ("words", "count"),
    [
        ("views 5616445", 0),
        ("5616445.v2", 1),
        ("views 5616445 9784012", 0),
        ("stats 5616445", 0),
        ("top downloads items 5", 0),
        ("cite 5616445", 0),
        ("help", 0),
        ("nonsense", 1),
        ("subscriptions", 0),
        ("views 5616445 yesterday", 1),
        ("top last month", 1),
        ("new dataset", 1),
        ("timeline 5616445", 1),
        ("search frog since:yesterday", 1),
    ],
)
async def test_time_zone_is_asked_only_for_a_question_with_a_day(digest_clock, words, count):
    await digest_clock.say(words, MAYA)
    await digest_clock.slack.mention(RESEARCH, MAYA, words)
    assert users_info_calls(digest_clock) == count


@pytest.mark.parametrize(
    "method",
    [
        "chat.postMessage",
        "conversations.history",
        "conversations.replies",
        "files.getUploadURLExternal",
        "conversations.open",
        "users.info",
    ],
)
async def test_messenger_raises_what_an_odd_response_means(digest_clock, method):
    courier, reply = digest_clock.messenger, Reply(("A digest.",))
    asks = {
        "chat.postMessage": lambda: courier.post(reply, LIBRARY, "1.channel"),
        "conversations.history": lambda: courier.find(LIBRARY, "1.channel", 1.0),
        "conversations.replies": lambda: courier.find(LIBRARY, "1.channel", 1.0, "1.1"),
        "files.getUploadURLExternal": lambda: courier.upload("a.csv", b"a"),
        "conversations.open": lambda: courier.direct(MAYA),
    }
    for trouble in odd(method):
        with going_wrong(digest_clock, method, trouble):
            if method == "users.info":
                assert await courier.has_left(MAYA) is False
                continue
            expected = (DeliveryUnknown, NotSent) if method == "chat.postMessage" else (NotSent, CannotVerify)
            with pytest.raises(expected) as error:
                await asks[method]()
            assert not isinstance(error.value, ChannelUnavailable)


async def test_message_with_odd_metadata_is_no_digest(digest_clock):
    for metadata in (None, {}, {"event_type": "figshare_bot_digest"}, {"event_payload": {"id": "1.channel"}}):
        message = {"ts": "1.1", "metadata": metadata, "files": None}
        digest_clock.slack.fail(
            "conversations.history", "", **ok_response(messages=[message], response_metadata=None)
        )
        assert await digest_clock.messenger.find(LIBRARY, "1.channel", 1.0) is None


async def test_answer_with_an_odd_response_is_not_sent_twice(digest_clock, caplog):
    for trouble in odd("chat.postMessage"):
        if trouble.get("status") == 429:
            continue
        digest_clock.slack.fail("chat.postMessage", "", **trouble)
        posts = [each.kind for each in digest_clock.slack.log].count("chat.postMessage")
        await digest_clock.slack.say(RESEARCH, MAYA, "<@U0FIGSHARE> views 5616445", wait=0)
        await digest_clock.slack.until(lambda: digest_clock.slack.next_failure("chat.postMessage") is None)
        assert [each.kind for each in digest_clock.slack.log].count("chat.postMessage") == posts + 1
    assert [each for each in caplog.records if each.levelname == "ERROR"] == []
    assert buttons((await digest_clock.slack.mention(RESEARCH, MAYA, "views 5616445")).message)
