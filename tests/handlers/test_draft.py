"""The way of a draft: the form, the card, its buttons, the list."""

import asyncio

import pytest

from bot.drafts import choices as choices_module
from bot.drafts.accounts import account_for
from bot.drafts.form import shown
from bot.emulators.slack.people import RESEARCH
from bot.figshare.private import Fields, PrivateArticle
from bot.render.plain_text import terminal
from bot.slack import modals, views
from tests.support.bot_client import open_drafts_client
from tests.support.slack_client import FIRST, JONAS, MAYA, buttons, open_slack_client


@pytest.fixture
async def slack_client():
    async with open_slack_client() as opened:
        yield opened


async def test_draft_opens_a_form_with_the_title_and_writes_nothing(slack_client):
    await slack_client.open("draft Frog calls at night")
    assert slack_client.typed("title") == "Frog calls at night"
    labels = list(views.labels(slack_client.view.shape()).values())
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
    shown = await slack_client.answer("To publish it on Figshare")
    assert slack_client.view is None and shown.ephemeral_to == MAYA
    assert "✗" not in shown.text and f"Draft {FIRST}" in shown.text
    assert list(buttons(shown)) == ["Edit", "Reserve DOI", "Private link", "Delete"]
    [made] = slack_client.drafts.values()
    assert made.fields["description"] == "<p>One &amp; &lt;two&gt;</p><p>Three</p>"
    assert [each["full_name"] for each in made.fields["authors"]][1:] == ["Ann Lee", "Bob Ray"]
    assert made.fields["tags"] == ["frogs", "calls", "night"]
    assert [each["identifier_type"] for each in made.fields["related_materials"]] == ["DOI", "URL"]
    assert made.fields["categories"][0]["title"] == "Ecology"


async def test_only_the_title_is_required_and_the_card_lists_the_rest(slack_client):
    shown = await slack_client.made()
    assert "title ✓" in shown.text and "description ✗" in shown.text and "categories ✗" in shown.text
    assert "https://figshare.com/account/articles/" in str(shown.blocks)


async def test_categories_are_found_while_somebody_types(slack_client):
    view = await slack_client.open()
    found = await slack_client.slack.suggest(view, "draft.categories", "ecol")
    assert next(each["text"]["text"] for each in found) == "Ecology" and len(found) > 1
    assert await slack_client.slack.suggest(view, "draft.categories", "no such thing") == []


async def test_categories_that_come_too_late_are_none(slack_client, monkeypatch):
    monkeypatch.setattr(modals, "SEARCHING", 0.05)
    view = await slack_client.open()
    slack_client.goes_wrong("/v2/categories", delay=0.15)
    assert await slack_client.slack.suggest(view, "draft.categories", "ecol") == []


async def test_a_mention_is_answered_with_two_buttons(slack_client):
    seen = await slack_client.slack.mention(RESEARCH, MAYA, "draft Frog calls")
    assert list(buttons(seen.message)) == ["Fill in and create", "Create with the title alone"]
    assert slack_client.writes == [] and seen.message.ephemeral_to == MAYA
    await slack_client.press(seen.message, "Fill in and create")
    await slack_client.form()
    assert slack_client.typed("title") == "Frog calls"
    await slack_client.submit(keywords="frogs")
    shown = await slack_client.answer("keywords ✓")
    assert shown.ts == seen.message.ts and "Create with" not in str(shown.blocks)


async def test_create_with_the_title_alone(slack_client):
    seen = await slack_client.slack.mention(RESEARCH, MAYA, "draft Frog calls")
    presses = [slack_client.press(seen.message, "Create with the title alone", wait=0) for _ in range(3)]
    await asyncio.gather(*presses)
    assert "To publish it on Figshare" in (await slack_client.answer("Frog calls\nDraft")).text
    assert [each.fields["title"] for each in slack_client.drafts.values()] == ["Frog calls"]


async def test_without_a_title_there_is_only_the_form(slack_client):
    seen = await slack_client.slack.mention(RESEARCH, MAYA, "draft")
    assert list(buttons(seen.message)) == ["Fill in and create"]
    seen = await slack_client.slack.direct_message(MAYA, "draft delete the old frogs")
    assert "delete the old frogs" in seen.text and "Create with the title alone" in buttons(seen.message)


async def test_a_shortcut_takes_the_message_as_the_description(slack_client):
    message = (
        await slack_client.slack.say(
            RESEARCH, JONAS, "Calls of *frogs*\nrecorded <https://example.org|here> & now"
        )
    ).sent
    await slack_client.slack.shortcut(message, "draft.shortcut")
    await slack_client.form()
    assert slack_client.typed("description") == "Calls of *frogs*\nrecorded https://example.org & now"
    await slack_client.submit(title="Frog calls")
    shown = await slack_client.answer("description ✓")
    assert shown.ephemeral_to == MAYA and message.text.startswith("Calls")


async def test_the_form_opens_at_once_however_slow_figshare_is(slack_client, monkeypatch):
    monkeypatch.setattr(choices_module, "PATIENCE", 0.1)
    slack_client.goes_wrong("/v2/account/licenses", delay=0.25)
    await slack_client.slack.command("/figshare", "draft Frog calls")
    assert "One moment" in slack_client.shown() and not slack_client.view.definition.get("submit")
    await slack_client.form()
    assert (
        "Figshare did not tell me its licences" in slack_client.shown()
        and slack_client.typed("title") == "Frog calls"
    )
    assert "licence" not in views.labels(slack_client.view.shape())


async def test_when_the_trigger_is_over_there_are_buttons(slack_client):
    slack_client.slack.fail("views.open", "expired_trigger_id")
    seen = await slack_client.slack.command("/figshare", "draft Frog calls")
    assert seen.message.ephemeral_to == MAYA
    assert list(buttons(seen.message)) == ["Fill in and create", "Create with the title alone"]
    slack_client.slack.fail("views.open", "expired_trigger_id")
    again = await slack_client.press(seen.message, "Fill in and create")
    await slack_client.press(again.message, "Fill in and create")
    await slack_client.form()


async def test_terminal_is_told_that_slack_is_required(client):
    for words in ("draft x", "drafts", "draft delete 5", "drafts log"):
        reply = await client.reply(words)
        assert "This needs Slack." in terminal(reply) and reply.outcome != "ok"
    assert client.requests == []


async def test_missing_token_is_answered_with_the_setting():
    async with open_drafts_client(figshare_token="") as slack_client:
        assert "FIGSHARE_TOKEN" in await slack_client.ask("drafts")


async def test_edit_shows_the_draft_and_sends_only_changes(slack_client):
    shown = await slack_client.made(
        keywords="frogs", description="One\nTwo", authors="Ann Lee", funding="NSF 12"
    )
    await slack_client.press(shown, "Edit")
    await slack_client.form()
    assert slack_client.typed("description") == "One\nTwo" and "Ann Lee" in slack_client.typed("authors")
    before = dict(slack_client.drafts[FIRST].fields)
    await slack_client.submit(title="Frog calls by day")
    await slack_client.answer("Frog calls by day")
    assert [each[0] for each in slack_client.writes] == ["POST", "PATCH"]
    after = slack_client.drafts[FIRST].fields
    assert after["title"] == "Frog calls by day"
    assert {name: after[name] for name in after if name != "title"} == {
        name: before[name] for name in before if name != "title"
    }


async def test_saving_without_a_change_writes_nothing(slack_client):
    shown = await slack_client.made(keywords="frogs, calls", description="One\n\nTwo")
    await slack_client.press(shown, "Edit")
    await slack_client.form()
    await slack_client.submit()
    assert slack_client.view is None and [each[0] for each in slack_client.writes] == ["POST"]


async def test_concurrent_change_on_figshare_is_shown_beside_the_text(slack_client):
    shown = await slack_client.made(keywords="frogs")
    await slack_client.press(shown, "Edit")
    await slack_client.form()
    slack_client.drafts[FIRST].fields |= {"title": "Toad calls", "tags": ["toads"]}
    await slack_client.submit(title="Newt calls")
    assert (
        "changed on Figshare while you wrote" in slack_client.shown()
        and slack_client.typed("title") == "Newt calls"
    )
    hints = {
        each["block_id"].partition("#")[0]: each.get("hint", {}).get("text")
        for each in slack_client.view.blocks
    }
    assert hints["title"] == "On Figshare now: Toad calls"
    assert [each[0] for each in slack_client.writes] == ["POST"]
    await slack_client.submit()
    await slack_client.answer("Newt calls")
    assert slack_client.drafts[FIRST].fields["title"] == "Newt calls"
    # what the person did not touch stays as others left it
    assert slack_client.drafts[FIRST].fields["tags"] == ["toads"]


async def test_a_description_with_markup_is_left_to_figshare(slack_client):
    shown = await slack_client.made()
    slack_client.drafts[FIRST].fields["description"] = "<p>One <b>bold</b></p>"
    await slack_client.press(shown, "Edit")
    await slack_client.form()
    assert (
        "description" not in views.labels(slack_client.view.shape())
        and "to be edited on Figshare" in slack_client.shown()
    )
    await slack_client.submit(title="Toad calls")
    await slack_client.answer("Toad calls")
    assert slack_client.drafts[FIRST].fields["description"] == "<p>One <b>bold</b></p>"


async def test_reserve_link_and_delete(slack_client):
    shown = await slack_client.made()
    seen = await slack_client.press(shown, "Reserve DOI")
    assert f"10.6084/m9.figshare.{FIRST}, reserved" in seen.text and "Reserve DOI" not in buttons(
        seen.message
    )
    link = await slack_client.press(shown, "Private link")
    assert "https://figshare.com/s/" in link.text and link.message.ephemeral_to == MAYA
    [delete] = [each for each in shown.blocks[-1]["elements"] if each["text"]["text"] == "Delete"]
    assert "“Frog calls”" in delete["confirm"]["text"]["text"]
    seen = await slack_client.press(shown, "Delete")
    assert "Deleted: “Frog calls”" in seen.text and slack_client.drafts == {}
    seen = await slack_client.slack.command("/figshare", "drafts log")
    said = [line.rpartition("UTC")[2].strip() for line in seen.text.splitlines()[1:]]
    assert said == [
        f"{what} {FIRST} by Maya Okafor: done" for what in ("delete", "link", "reserve", "create")
    ]


async def test_private_link_is_shown_to_the_presser_alone(slack_client):
    await slack_client.made()
    shown = slack_client.old_card()
    link = await slack_client.press(shown, "Private link")
    assert link.message.ephemeral_to == MAYA and "figshare.com/s/" not in shown.text


async def test_draft_delete_asks_back(slack_client):
    await slack_client.made()
    seen = await slack_client.slack.command("/figshare", f"draft delete {FIRST}")
    assert "Delete this draft?" in seen.text and "Frog calls" in seen.text and FIRST in slack_client.drafts
    await slack_client.press(seen.message, "Delete")
    assert slack_client.drafts == {}
    seen = await slack_client.slack.command("/figshare", f"draft delete {FIRST}")
    assert "Figshare knows no such thing" in seen.text


@pytest.mark.parametrize("label", ["Edit", "Reserve DOI", "Private link", "Delete"])
async def test_what_is_public_is_never_touched(slack_client, label):
    shown = slack_client.old_card(5_616_445)
    await slack_client.press(shown, label)
    if label == "Edit":
        await slack_client.slack.until(lambda: "is not a draft" in slack_client.shown())
    else:
        await slack_client.answer("is not a draft")
    seen = await slack_client.slack.command("/figshare", "draft delete 5616445")
    assert "5616445 is not a draft: it is public, or was." in seen.text
    assert slack_client.writes == []


async def test_drafts_are_listed_newest_first_and_paged():
    async with open_drafts_client() as slack_client:
        assert "There are no drafts" in await slack_client.ask("drafts")
        account = await account_for(slack_client.bot, "U1", slack_client.people)
        for number in range(7):
            await account.create(Fields(title=f"Frog {number}"))
        reply = await slack_client.reply("drafts")
        assert [row[0][0].text for row in reply.parts[0].rows] == [f"Frog {n}" for n in (6, 5, 4, 3, 2)]
        assert reply.has_next_page and next(button.label for button in reply.buttons) == "Frog 6"
        reply = await slack_client.reply("drafts", page=2)
        assert [row[0][0].text for row in reply.parts[0].rows] == ["Frog 1", "Frog 0"]
        assert not reply.has_next_page and reply.parts[0].first == 6


async def test_a_draft_of_the_list_shows_its_card(slack_client):
    await slack_client.made()
    seen = await slack_client.slack.command("/figshare", "drafts")
    assert "Share in channel" not in buttons(seen.message)
    seen = await slack_client.press(seen.message, "Frog calls")
    assert "To publish it on Figshare" in seen.text


async def test_a_private_link_is_not_written_into_a_draft(slack_client):
    await slack_client.open("draft")
    link = "https://figshare.com/s/0123456789abcdef0123"
    seen = await slack_client.submit(title="Frog calls", description=f"See {link}", references=link)
    assert sorted(seen.view.errors) == ["description", "references"]
    assert "A private link is a key" in seen.view.errors["references"] and slack_client.writes == []


def test_a_draft_that_holds_a_private_link_is_not_shortened():
    link = "https://figshare.com/s/0123456789abcdef0123"
    held = shown(PrivateArticle(id=1, title="Frogs", description=f"<p>See {link}</p>", references=[link]))
    assert held["title"] == "Frogs" and not {"description", "references"} & held.keys()
