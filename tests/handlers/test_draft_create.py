"""Creating a draft: the form, what is wrong in it, and the card that follows."""

import asyncio

import pytest

from bot.drafts import choices as choices_module
from bot.emulators.slack.people import RESEARCH
from bot.render import views
from bot.render.plain_text import terminal_text
from bot.slack import submissions
from tests.support.bot_client import open_drafts_client
from tests.support.slack_client import FIRST, JONAS, MAYA, buttons, open_slack_client


@pytest.fixture
async def slack_client():
    async with open_slack_client() as opened:
        yield opened


async def test_draft_opens_a_form_with_the_title_and_writes_nothing(slack_client):
    await slack_client.open("draft Frog calls at night")
    assert slack_client.field_text("title") == "Frog calls at night"
    labels = list(views.field_labels(slack_client.view.shape()).values())
    assert labels == [
        "Title",
        "Type",
        "Description",
        "Authors",
        "Categories",
        "Keywords",
        "Licence",
        "Paper and references",
        "Funding",
    ]
    assert slack_client.writes == [] and slack_client.answers == []


async def test_wrong_input_is_shown_at_its_field_and_can_be_fixed(slack_client):
    await slack_client.open()
    seen = await slack_client.submit(title="ab", authors="0000-0000-0000-0009", references="see above")
    assert sorted(seen.view.errors) == ["authors", "references", "title"]
    assert "3 to 1,000 characters; this one has 2" in seen.view.errors["title"]
    assert "0000-0000-0000-0009" in seen.view.errors["authors"]
    assert "neither a DOI" in seen.view.errors["references"]
    assert slack_client.writes == []
    await slack_client.submit(title="x" * 1_001, authors="", references="")
    assert "this one has 1,001" in slack_client.view.errors["title"]
    seen = await slack_client.submit(
        title="Frog calls",
        type="dataset",
        description="One & <two>\n\nThree",
        authors="Ann Lee\nBob Ray 0000-0002-1825-0097",
        categories=[{"text": {"type": "plain_text", "text": "Ecology"}, "value": "24211"}],
        keywords="frogs, calls\nnight",
        references="10.1000/182\nhttps://example.org/paper",
        funding="NSF 12",
    )
    card = await slack_client.wait_for_answer("To publish it on Figshare")
    assert slack_client.view is None and card.ephemeral_to == MAYA
    assert "✗" not in card.text and f"Draft {FIRST}" in card.text
    assert list(buttons(card)) == ["Edit", "Reserve DOI", "Private link", "Delete"]
    [draft] = slack_client.drafts.values()
    assert draft.fields["description"] == "<p>One &amp; &lt;two&gt;</p><p>Three</p>"
    assert [each["full_name"] for each in draft.fields["authors"]][1:] == ["Ann Lee", "Bob Ray"]
    assert draft.fields["tags"] == ["frogs", "calls", "night"]
    assert [each["identifier_type"] for each in draft.fields["related_materials"]] == ["DOI", "URL"]
    assert draft.fields["categories"][0]["title"] == "Ecology"


async def test_only_the_title_is_required_and_the_card_lists_the_rest(slack_client):
    card = await slack_client.create_draft()
    assert "title ✓" in card.text and "description ✗" in card.text and "categories ✗" in card.text
    assert "https://figshare.com/account/articles/" in str(card.blocks)


async def test_categories_are_found_while_typing(slack_client):
    view = await slack_client.open()
    options = await slack_client.slack.suggest(view, "draft.categories", "ecol")
    assert next(each["text"]["text"] for each in options) == "Ecology" and len(options) > 1
    assert await slack_client.slack.suggest(view, "draft.categories", "no such thing") == []


async def test_late_categories_are_an_empty_list(slack_client, monkeypatch):
    monkeypatch.setattr(submissions, "OPTIONS_TIMEOUT", 0.05)
    view = await slack_client.open()
    slack_client.goes_wrong("/v2/categories", delay=0.15)
    assert await slack_client.slack.suggest(view, "draft.categories", "ecol") == []


async def test_mention_is_answered_with_two_buttons(slack_client):
    seen = await slack_client.slack.mention(RESEARCH, MAYA, "draft Frog calls")
    assert list(buttons(seen.message)) == ["Fill in and create", "Create with the title alone"]
    assert slack_client.writes == [] and seen.message.ephemeral_to == MAYA
    await slack_client.press(seen.message, "Fill in and create")
    await slack_client.wait_for_form()
    assert slack_client.field_text("title") == "Frog calls"
    await slack_client.submit(keywords="frogs")
    card = await slack_client.wait_for_answer("keywords ✓")
    assert card.ts == seen.message.ts and "Create with" not in str(card.blocks)


async def test_title_button_pressed_thrice_creates_one_draft(slack_client):
    seen = await slack_client.slack.mention(RESEARCH, MAYA, "draft Frog calls")
    presses = [slack_client.press(seen.message, "Create with the title alone", wait=0) for _ in range(3)]
    await asyncio.gather(*presses)
    assert "To publish it on Figshare" in (await slack_client.wait_for_answer("Frog calls\nDraft")).text
    assert [each.fields["title"] for each in slack_client.drafts.values()] == ["Frog calls"]


async def test_mention_without_a_title_offers_only_the_form(slack_client):
    seen = await slack_client.slack.mention(RESEARCH, MAYA, "draft")
    assert list(buttons(seen.message)) == ["Fill in and create"]
    seen = await slack_client.slack.direct_message(MAYA, "draft delete the old frogs")
    assert "delete the old frogs" in seen.text and "Create with the title alone" in buttons(seen.message)


async def test_shortcut_takes_the_message_as_the_description(slack_client):
    message = (
        await slack_client.slack.say(
            RESEARCH, JONAS, "Calls of *frogs*\nrecorded <https://example.org|here> & now"
        )
    ).sent
    await slack_client.slack.shortcut(message, "draft.shortcut")
    await slack_client.wait_for_form()
    assert slack_client.field_text("description") == "Calls of frogs\nrecorded https://example.org & now"
    await slack_client.submit(title="Frog calls")
    card = await slack_client.wait_for_answer("description ✓")
    assert card.ephemeral_to == MAYA and message.text.startswith("Calls")


async def test_form_opens_at_once_when_figshare_is_slow(slack_client, monkeypatch):
    monkeypatch.setattr(choices_module, "CHOICES_TIMEOUT", 0.1)
    slack_client.goes_wrong("/v2/account/licenses", delay=0.25)
    await slack_client.slack.command("/figshare", "draft Frog calls")
    assert "One moment" in slack_client.view_text() and not slack_client.view.definition.get("submit")
    await slack_client.wait_for_form()
    assert (
        "I couldn't load the licences from Figshare." in slack_client.view_text()
        and slack_client.field_text("title") == "Frog calls"
    )
    assert "licence" not in views.field_labels(slack_client.view.shape())


async def test_expired_trigger_is_answered_with_buttons(slack_client):
    slack_client.slack.fail("views.open", "expired_trigger_id")
    seen = await slack_client.slack.command("/figshare", "draft Frog calls")
    assert seen.message.ephemeral_to == MAYA
    assert list(buttons(seen.message)) == ["Fill in and create", "Create with the title alone"]
    slack_client.slack.fail("views.open", "expired_trigger_id")
    again = await slack_client.press(seen.message, "Fill in and create")
    await slack_client.press(again.message, "Fill in and create")
    await slack_client.wait_for_form()


async def test_terminal_says_that_slack_is_required(client):
    for words in ("draft x", "drafts", "draft delete 5", "drafts log"):
        reply = await client.reply(words)
        assert "This needs Slack." in terminal_text(reply) and reply.outcome != "ok"
    assert client.requests == []


async def test_missing_token_is_answered_with_the_setting():
    async with open_drafts_client(figshare_token="") as slack_client:
        assert "FIGSHARE_TOKEN" in await slack_client.ask("drafts")


async def test_private_link_is_not_written_into_a_draft(slack_client):
    await slack_client.open("draft")
    link = "https://figshare.com/s/0123456789abcdef0123"
    seen = await slack_client.submit(title="Frog calls", description=f"See {link}", references=link)
    assert sorted(seen.view.errors) == ["description", "references"]
    assert "A private link is a key" in seen.view.errors["references"] and slack_client.writes == []
