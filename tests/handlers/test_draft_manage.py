"""What the buttons of a draft do, and the log of it."""

import pytest

from tests.support.slack_client import FIRST, MAYA, buttons, open_slack_client


@pytest.fixture
async def slack_client():
    async with open_slack_client() as opened:
        yield opened


async def test_reserve_link_and_delete_are_done_and_logged(slack_client):
    card = await slack_client.create_draft()
    seen = await slack_client.press(card, "Reserve DOI")
    assert f"10.6084/m9.figshare.{FIRST}, reserved" in seen.text and "Reserve DOI" not in buttons(
        seen.message
    )
    link = await slack_client.press(card, "Private link")
    assert "https://figshare.com/s/" in link.text and link.message.ephemeral_to == MAYA
    [delete] = [each for each in card.blocks[-1]["elements"] if each["text"]["text"] == "Delete"]
    assert "“Frog calls”" in delete["confirm"]["text"]["text"]
    seen = await slack_client.press(card, "Delete")
    assert "Deleted: “Frog calls”" in seen.text and slack_client.drafts == {}
    seen = await slack_client.slack.command("/figshare", "drafts log")
    entries = [line.rpartition("UTC")[2].strip() for line in seen.text.splitlines()[1:]]
    assert entries == [
        f"Maya Okafor {action} draft {FIRST}"
        for action in ("deleted", "created a private link to", "reserved a DOI for", "created")
    ]


async def test_private_link_is_shown_to_the_presser_alone(slack_client):
    await slack_client.create_draft()
    card = slack_client.add_old_card()
    link = await slack_client.press(card, "Private link")
    assert link.message.ephemeral_to == MAYA and "figshare.com/s/" not in card.text


async def test_draft_delete_asks_for_confirmation(slack_client):
    await slack_client.create_draft()
    seen = await slack_client.slack.command("/figshare", f"draft delete {FIRST}")
    assert "Delete this draft?" in seen.text and "Frog calls" in seen.text and FIRST in slack_client.drafts
    await slack_client.press(seen.message, "Delete")
    assert slack_client.drafts == {}
    seen = await slack_client.slack.command("/figshare", f"draft delete {FIRST}")
    assert f"There is no draft {FIRST} in this account." in seen.text


async def test_draft_delete_and_edit_are_no_titles(slack_client):
    await slack_client.create_draft()
    for words in "draft delete", "draft edit":
        seen = await slack_client.slack.command("/figshare", words)
        assert f"{words}: which draft?" in seen.text and list(buttons(seen.message)) == ["drafts"]
    seen = await slack_client.slack.command("/figshare", f"draft edit {FIRST}")
    assert "Frog calls" in seen.text and "Edit" in buttons(seen.message)
    for words in "draft delete 999", "draft delete #999", "draft edit 999":
        seen = await slack_client.slack.command("/figshare", words)
        assert "There is no draft 999 in this account." in seen.text and "drafts lists them" in seen.text
    await slack_client.open("draft edit the frogs")
    assert slack_client.field_text("title") == "edit the frogs"
    assert list(slack_client.drafts) == [FIRST]


@pytest.mark.parametrize("label", ["Edit", "Reserve DOI", "Private link", "Delete"])
async def test_public_item_is_never_changed(slack_client, label):
    card = slack_client.add_old_card(5_616_445)
    await slack_client.press(card, label)
    if label == "Edit":
        await slack_client.slack.until(lambda: "isn't a draft" in slack_client.view_text())
    else:
        await slack_client.wait_for_answer("isn't a draft")
    seen = await slack_client.slack.command("/figshare", "draft delete 5616445")
    assert "5616445 isn't a draft: it is, or has been, public." in seen.text
    assert slack_client.writes == []
