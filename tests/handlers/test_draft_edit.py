"""Editing a draft: what the form shows, and what is sent."""

import pytest

from bot.drafts.form import field_values
from bot.figshare.private import PrivateArticle
from bot.render import views
from tests.support.slack_client import FIRST, open_slack_client


@pytest.fixture
async def slack_client():
    async with open_slack_client() as opened:
        yield opened


async def test_edit_shows_the_draft_and_sends_only_changes(slack_client):
    card = await slack_client.create_draft(
        keywords="frogs", description="One\nTwo", authors="Ann Lee", funding="NSF 12"
    )
    await slack_client.press(card, "Edit")
    await slack_client.wait_for_form()
    assert slack_client.field_text("description") == "One\nTwo" and "Ann Lee" in slack_client.field_text(
        "authors"
    )
    before = dict(slack_client.drafts[FIRST].fields)
    await slack_client.submit(title="Frog calls by day")
    await slack_client.wait_for_answer("Frog calls by day")
    assert [each[0] for each in slack_client.writes] == ["POST", "PATCH"]
    after = slack_client.drafts[FIRST].fields
    assert after["title"] == "Frog calls by day"
    assert {name: after[name] for name in after if name != "title"} == {
        name: before[name] for name in before if name != "title"
    }


async def test_saving_without_a_change_writes_nothing(slack_client):
    card = await slack_client.create_draft(keywords="frogs, calls", description="One\n\nTwo")
    await slack_client.press(card, "Edit")
    await slack_client.wait_for_form()
    await slack_client.submit()
    assert slack_client.view is None and [each[0] for each in slack_client.writes] == ["POST"]


async def test_concurrent_change_on_figshare_is_shown_beside_the_text(slack_client):
    card = await slack_client.create_draft(keywords="frogs")
    await slack_client.press(card, "Edit")
    await slack_client.wait_for_form()
    slack_client.drafts[FIRST].fields |= {"title": "Toad calls", "tags": ["toads"]}
    await slack_client.submit(title="Newt calls")
    assert (
        "changed on Figshare while you were editing" in slack_client.view_text()
        and slack_client.field_text("title") == "Newt calls"
    )
    hints = {
        each["block_id"].partition("#")[0]: each.get("hint", {}).get("text")
        for each in slack_client.view.blocks
    }
    assert hints["title"] == "On Figshare now: Toad calls"
    assert [each[0] for each in slack_client.writes] == ["POST"]
    await slack_client.submit()
    await slack_client.wait_for_answer("Newt calls")
    assert slack_client.drafts[FIRST].fields["title"] == "Newt calls"
    # what the person did not touch stays as others left it
    assert slack_client.drafts[FIRST].fields["tags"] == ["toads"]


async def test_description_with_markup_is_left_to_figshare(slack_client):
    card = await slack_client.create_draft()
    slack_client.drafts[FIRST].fields["description"] = "<p>One <b>bold</b></p>"
    await slack_client.press(card, "Edit")
    await slack_client.wait_for_form()
    assert (
        "description" not in views.field_labels(slack_client.view.shape())
        and "edit on Figshare: description." in slack_client.view_text()
    )
    await slack_client.submit(title="Toad calls")
    await slack_client.wait_for_answer("Toad calls")
    assert slack_client.drafts[FIRST].fields["description"] == "<p>One <b>bold</b></p>"


def test_fields_with_a_private_link_are_not_shown():
    link = "https://figshare.com/s/0123456789abcdef0123"
    values = field_values(
        PrivateArticle(id=1, title="Frogs", description=f"<p>See {link}</p>", references=[link])
    )
    assert values["title"] == "Frogs" and not {"description", "references"} & values.keys()
