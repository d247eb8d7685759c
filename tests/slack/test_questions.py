"""What people see who ask by slash command, mention or direct message."""

import asyncio
import logging
from dataclasses import replace

import pytest

from bot.emulators.slack.people import GUEST, JONAS, MAYA, RESEARCH, STRANGER
from bot.emulators.slack.validation import message_problems
from tests.support.slack_client import QUIET, buttons, calls_to_slack, open_slack_client

TITLE = "Using APIs to customise repositories and engage audiences"


async def test_slash_command_is_answered_for_the_requester_alone(slack_client):
    seen = await slack_client.slack.command("/figshare", "views 5616445")
    assert TITLE in seen.text and "views · all time" in seen.text
    assert seen.message.ephemeral_to == MAYA
    assert "Share in channel" in buttons(seen.message)
    assert seen.status == 200 and message_problems(seen.blocks) == []
    # it came in the acknowledgement
    assert calls_to_slack(slack_client, "response_url") == []


async def test_empty_question_shows_help(slack_client):
    seen = await slack_client.slack.command("/figshare")
    assert "Ask me about anything on Figshare" in seen.text


async def test_mention_in_a_channel_is_answered_in_a_thread(slack_client):
    seen = await slack_client.slack.mention(RESEARCH, MAYA, "views 5616445")
    assert TITLE in seen.text
    assert seen.message.thread_ts == seen.sent.ts and seen.message.ephemeral_to is None
    assert "Share in channel" not in buttons(seen.message)


async def test_mention_in_a_thread_is_answered_there(slack_client):
    first = await slack_client.slack.mention(RESEARCH, MAYA, "views 5616445")
    seen = await slack_client.slack.mention(RESEARCH, JONAS, "downloads 5616445", first.sent.ts)
    assert seen.message.thread_ts == first.sent.ts and "downloads · all time" in seen.text


async def test_mention_anywhere_in_the_text_is_understood(slack_client):
    seen = await slack_client.slack.say(RESEARCH, MAYA, "views 5616445 <@U0FIGSHARE>")
    assert "views · all time" in seen.text
    seen = await slack_client.slack.say(RESEARCH, MAYA, "<@U0FIGSHARE|figshare> views 5616445 2025")
    assert "1 Jan 2025 – 31 Dec 2025" in seen.text


async def test_direct_message_is_answered_in_the_conversation(slack_client):
    seen = await slack_client.slack.direct_message(MAYA, "5616445")
    assert seen.message.thread_ts is None and seen.message.channel == slack_client.slack.direct(MAYA).id
    assert TITLE in seen.text


async def test_first_answer_in_a_direct_message_invites_once(slack_client):
    invitation = "New here? Try views 5616445, search title:frog or "
    seen = await slack_client.slack.direct_message(JONAS, "5616445")
    assert invitation in seen.text and TITLE in seen.text
    assert invitation not in (await slack_client.slack.direct_message(JONAS, "5616445")).text
    help_of_maya = (await slack_client.slack.direct_message(MAYA, "help")).text
    assert "Try views 5616445" in help_of_maya and "New here?" not in help_of_maya
    assert "New here?" not in (await slack_client.slack.mention(RESEARCH, JONAS, "5616445")).text


async def test_answer_comes_without_an_invitation_when_slack_is_away(slack_client):
    slack_client.slack.fail("conversations.history", "ratelimited")
    seen = await slack_client.slack.direct_message(JONAS, "5616445")
    assert TITLE in seen.text and "New here?" not in seen.text


@pytest.mark.parametrize(
    "text",
    [
        "`views 5616445`",
        "*views* 5616445",
        "&gt; views 5616445",
        "views <tel:5616445|5616445>",
        "• views 5616445",
    ],
)
async def test_formatting_of_slack_is_taken_off_at_every_door(slack_client, text):
    for seen in (
        await slack_client.slack.command("/figshare", text),
        await slack_client.slack.mention(RESEARCH, MAYA, text),
        await slack_client.slack.direct_message(MAYA, f"/figshare {text}"),
    ):
        assert TITLE in seen.text and "views · all time" in seen.text
    searched = await slack_client.slack.command(
        "/figshare", f"search {text.replace('views 5616445', 'frog')}"
    )
    assert "`" not in searched.text.replace("`search", "") and "*" not in searched.text


async def test_direct_message_in_a_thread_is_answered_there(slack_client):
    first = await slack_client.slack.direct_message(MAYA, "views 5616445")
    seen = await slack_client.slack.direct_message(MAYA, "shares 5616445", first.sent.ts)
    assert seen.message.thread_ts == first.sent.ts and "shares · all time" in seen.text


async def test_same_question_gets_the_same_answer_everywhere(slack_client):
    words = "views 5616445 2025"
    # The first direct message has an invitation too.
    await slack_client.slack.direct_message(MAYA, words)
    slash = await slack_client.slack.command("/figshare", words)
    mention = await slack_client.slack.mention(RESEARCH, MAYA, words)
    direct = await slack_client.slack.direct_message(MAYA, words)
    assert slash.text == mention.text == direct.text


async def test_links_that_slack_wraps_are_understood(slack_client):
    page = "https://figshare.com/articles/presentation/Using_APIs/5616445"
    seen = await slack_client.slack.mention(RESEARCH, MAYA, f"views {page}")
    assert TITLE in seen.text
    seen = await slack_client.slack.command("/figshare", "views doi.org/10.6084/m9.figshare.5616445.v2")
    assert TITLE in seen.text


async def test_messages_of_bots_and_edits_are_ignored(slack_client):
    base = {"type": "app_mention", "channel": RESEARCH, "text": "<@U0FIGSHARE> views 5616445"}
    for number, changed in enumerate(
        (
            {"user": MAYA, "bot_id": "B0OTHER"},
            {"bot_id": "B0OTHER"},
            {},
            {"user": "U0FIGSHARE"},
            {"user": MAYA, "edited": {"user": MAYA, "ts": "1.1"}},
            {"user": MAYA, "subtype": "message_changed"},
            {"user": MAYA, "subtype": "bot_message"},
            {"user": MAYA, "type": "message", "channel_type": "channel"},
        )
    ):
        event = base | {"ts": f"17000000{number:02}.000100"} | changed
        assert (await slack_client.slack.event(event)).status == 200
    await asyncio.sleep(QUIET)
    assert slack_client.answers == []


async def test_guests_and_people_of_other_workspaces_may_ask(slack_client):
    for user in (GUEST, STRANGER):
        seen = await slack_client.slack.command("/figshare", "views 5616445", user=user)
        assert TITLE in seen.text and seen.message.ephemeral_to == user
        seen = await slack_client.slack.mention(RESEARCH, user, "views 5616445")
        assert TITLE in seen.text


async def test_slow_figshare_is_acknowledged_first_and_answered_later(monkeypatch):
    monkeypatch.setattr("bot.slack.questions.COMMAND_TIMEOUT", 0.1)
    async with open_slack_client() as slack_client:
        slack_client.catalogue.state.faults.add("/v2/articles/5616445", delay=0.4)
        seen = await slack_client.slack.command("/figshare", "views 5616445", wait=3)
        assert seen.exchange.answer is None and seen.took_ms < 400
        assert TITLE in seen.text and seen.message.ephemeral_to == MAYA
        assert "Share in channel" in buttons(seen.message)
        assert len(calls_to_slack(slack_client, "response_url")) == 1


async def test_yesterday_is_the_day_of_the_requester(slack_client):
    # these two are never on the same day
    slack_client.slack.people[MAYA].tz = "Pacific/Kiritimati"
    slack_client.slack.people[JONAS].tz = "Etc/GMT+12"
    lines = [
        (
            await slack_client.slack.command("/figshare", "views 5616445 yesterday", user=user)
        ).text.splitlines()[1]
        for user in (MAYA, JONAS)
    ]
    days = [line.rpartition("· ")[2] for line in lines]
    assert days[0] != days[1]


async def test_missing_time_zone_means_utc(slack_client):
    slack_client.slack.fail("users.info", "user_not_found")
    assert TITLE in (await slack_client.slack.command("/figshare", "views 5616445 yesterday")).text
    slack_client.slack.people[JONAS].tz = "Nowhere/Atlantis"
    seen = await slack_client.slack.command("/figshare", "views 5616445 yesterday", user=JONAS)
    assert TITLE in seen.text


async def test_question_is_never_logged(slack_client, caplog):
    for name in ("slack_sdk", "httpx", "httpcore", "aiohttp"):
        logging.getLogger(name).setLevel(logging.ERROR)
    caplog.set_level(logging.DEBUG, logger="bot")
    slack_client.catalogue.state.faults.add("/", status=500, times=None)
    await slack_client.slack.command("/figshare", "search zanzibar")
    await slack_client.slack.mention(RESEARCH, MAYA, "search zanzibar")
    assert "zanzibar" not in str([vars(each) for each in caplog.records])


async def test_question_too_long_for_buttons_is_told_the_limit(slack_client):
    for words in ("timeline " + "&" * 2_000, "&" * 3_000, "vews " + "&<>" * 900):
        seen = await slack_client.slack.command("/figshare", words)
        assert f"A question can have up to 1,500 characters; this one has {len(words):,}." in seen.text
    seen = await slack_client.slack.command("/figshare", "vews " + "&<>" * 490)
    assert "Did you mean" in seen.text


async def test_mention_is_understood_whoever_it_is_authorized_for(slack_client):
    event = {"type": "app_mention", "channel": RESEARCH, "user": MAYA}
    for number, authorizations in enumerate(
        ([{"user_id": JONAS, "is_bot": False}], [{"user_id": "U0FIGSHARE"}], [], None)
    ):
        said = await slack_client.slack.say(RESEARCH, MAYA, "no mention here")
        slack_client.slack.history.delete(said.sent)
        ts = slack_client.slack.history.add(replace(said.sent, deleted=False, ts=f"17000000{number}.1")).ts
        await slack_client.slack.event(
            event | {"text": "<@U0FIGSHARE> views 5616445", "ts": ts}, authorizations=authorizations
        )
        await slack_client.slack.until(lambda: len(slack_client.answers) > number)  # noqa: B023
        assert TITLE in slack_client.answers[-1].text
    # the bot asks once who it is
    assert len(calls_to_slack(slack_client, "auth.test")) == 1


async def test_own_message_is_ignored_whoever_it_is_authorized_for(slack_client):
    event = {"type": "app_mention", "channel": RESEARCH, "user": "U0FIGSHARE", "ts": "1700000000.1"}
    authorizations = [{"user_id": JONAS, "is_bot": False}]
    await slack_client.slack.event(
        event | {"text": "<@U0FIGSHARE> views 5616445"}, authorizations=authorizations
    )
    await asyncio.sleep(QUIET)
    assert slack_client.answers == []
