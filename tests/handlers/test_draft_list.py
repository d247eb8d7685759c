"""The list of drafts."""

import pytest

from bot.drafts.accounts import account_of_user
from bot.figshare.private import DraftFields
from tests.support.bot_client import open_drafts_client
from tests.support.slack_client import buttons, open_slack_client


@pytest.fixture
async def slack_client():
    async with open_slack_client() as opened:
        yield opened


async def test_drafts_are_listed_newest_first_and_paged():
    async with open_drafts_client() as slack_client:
        assert "There are no drafts" in await slack_client.ask("drafts")
        account = await account_of_user(slack_client.bot, "U1", slack_client.people)
        for number in range(7):
            await account.create(DraftFields(title=f"Frog {number}"))
        reply = await slack_client.reply("drafts")
        assert [row[0][0].text for row in reply.parts[0].rows] == [f"Frog {n}" for n in (6, 5, 4, 3, 2)]
        assert reply.has_next_page and next(button.label for button in reply.buttons) == "Frog 6"
        reply = await slack_client.reply("drafts", page=2)
        assert [row[0][0].text for row in reply.parts[0].rows] == ["Frog 1", "Frog 0"]
        assert not reply.has_next_page and reply.parts[0].first_number == 6


async def test_button_in_the_list_shows_the_card(slack_client):
    await slack_client.create_draft()
    seen = await slack_client.slack.command("/figshare", "drafts")
    assert "Share in channel" not in buttons(seen.message)
    seen = await slack_client.press(seen.message, "Frog calls")
    assert "To publish it on Figshare" in seen.text
