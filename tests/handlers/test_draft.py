"""The way of a draft: the form, the card, its buttons, the list."""

import asyncio

import pytest

from bot.drafts import choices as choices_module
from bot.drafts.accounts import account_for
from bot.drafts.form import shown
from bot.figshare.private import Fields, PrivateArticle
from bot.render.plain_text import terminal
from bot.slack import modals, views
from bot.standin.slack.people import RESEARCH
from tests.conftest import desk_of
from tests.handlers.desk import FIRST, JONAS, MAYA, buttons, desk_in


@pytest.fixture
async def at():
    async with desk_in() as opened:
        yield opened


async def test_draft_opens_a_form_with_the_title_and_writes_nothing(at):
    await at.open("draft Frog calls at night")
    assert at.typed("title") == "Frog calls at night"
    labels = list(views.labels(at.view.shape()).values())
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
    assert at.writes == [] and at.answers == []


async def test_wrong_input_is_shown_at_its_field_and_then_the_draft_is_made(at):
    await at.open()
    seen = await at.submit(title="ab", authors="0000-0000-0000-0009", references="see above")
    assert sorted(seen.view.errors) == ["authors", "references", "title"]
    assert "3 to 1,000 characters; this one has 2" in seen.view.errors["title"]
    assert "0000-0000-0000-0009" in seen.view.errors["authors"]
    assert "neither a DOI" in seen.view.errors["references"]
    assert at.writes == []
    await at.submit(title="x" * 1_001, authors="", references="")
    assert "this one has 1,001" in at.view.errors["title"]
    seen = await at.submit(
        title="Frog calls",
        type="dataset",
        description="One & <two>\n\nThree",
        authors="Ann Lee\nBob Ray 0000-0002-1825-0097",
        categories=[{"text": {"type": "plain_text", "text": "Ecology"}, "value": "24211"}],
        keywords="frogs, calls\nnight",
        references="10.1000/182\nhttps://example.org/paper",
        funding="NSF 12",
    )
    shown = await at.answer("To publish it on Figshare")
    assert at.view is None and shown.ephemeral_to == MAYA
    assert "✗" not in shown.text and f"Draft {FIRST}" in shown.text
    assert list(buttons(shown)) == ["Edit", "Reserve DOI", "Private link", "Delete"]
    [made] = at.drafts.values()
    assert made.fields["description"] == "<p>One &amp; &lt;two&gt;</p><p>Three</p>"
    assert [each["full_name"] for each in made.fields["authors"]][1:] == ["Ann Lee", "Bob Ray"]
    assert made.fields["tags"] == ["frogs", "calls", "night"]
    assert [each["identifier_type"] for each in made.fields["related_materials"]] == ["DOI", "URL"]
    assert made.fields["categories"][0]["title"] == "Ecology"


async def test_only_the_title_is_needed_and_the_card_says_what_is_missing(at):
    shown = await at.made()
    assert "title ✓" in shown.text and "description ✗" in shown.text and "categories ✗" in shown.text
    assert "https://figshare.com/account/articles/" in str(shown.blocks)


async def test_categories_are_found_while_somebody_types(at):
    view = await at.open()
    found = await at.slack.suggest(view, "draft.categories", "ecol")
    assert next(each["text"]["text"] for each in found) == "Ecology" and len(found) > 1
    assert await at.slack.suggest(view, "draft.categories", "no such thing") == []


async def test_categories_that_come_too_late_are_none(at, monkeypatch):
    monkeypatch.setattr(modals, "SEARCHING", 0.05)
    view = await at.open()
    at.goes_wrong("/v2/categories", delay=0.15)
    assert await at.slack.suggest(view, "draft.categories", "ecol") == []


async def test_a_mention_is_answered_with_two_buttons(at):
    seen = await at.slack.mention(RESEARCH, MAYA, "draft Frog calls")
    assert list(buttons(seen.message)) == ["Fill in and create", "Create with the title alone"]
    assert at.writes == [] and seen.message.ephemeral_to == MAYA
    await at.press(seen.message, "Fill in and create")
    await at.form()
    assert at.typed("title") == "Frog calls"
    await at.submit(keywords="frogs")
    shown = await at.answer("keywords ✓")
    assert shown.ts == seen.message.ts and "Create with" not in str(shown.blocks)


async def test_create_with_the_title_alone(at):
    seen = await at.slack.mention(RESEARCH, MAYA, "draft Frog calls")
    presses = [at.press(seen.message, "Create with the title alone", wait=0) for _ in range(3)]
    await asyncio.gather(*presses)
    assert "To publish it on Figshare" in (await at.answer("Frog calls\nDraft")).text
    assert [each.fields["title"] for each in at.drafts.values()] == ["Frog calls"]


async def test_without_a_title_there_is_only_the_form(at):
    seen = await at.slack.mention(RESEARCH, MAYA, "draft")
    assert list(buttons(seen.message)) == ["Fill in and create"]
    seen = await at.slack.direct_message(MAYA, "draft delete the old frogs")
    assert "delete the old frogs" in seen.text and "Create with the title alone" in buttons(seen.message)


async def test_a_shortcut_takes_the_message_as_the_description(at):
    said = (
        await at.slack.say(RESEARCH, JONAS, "Calls of *frogs*\nrecorded <https://example.org|here> & now")
    ).said
    await at.slack.shortcut(said, "draft.shortcut")
    await at.form()
    assert at.typed("description") == "Calls of *frogs*\nrecorded https://example.org & now"
    await at.submit(title="Frog calls")
    shown = await at.answer("description ✓")
    assert shown.ephemeral_to == MAYA and said.text.startswith("Calls")


async def test_the_form_opens_at_once_however_slow_figshare_is(at, monkeypatch):
    monkeypatch.setattr(choices_module, "PATIENCE", 0.1)
    at.goes_wrong("/v2/account/licenses", delay=0.25)
    await at.slack.command("/figshare", "draft Frog calls")
    assert "One moment" in at.shown() and not at.view.definition.get("submit")
    await at.form()
    assert "Figshare did not tell me its licences" in at.shown() and at.typed("title") == "Frog calls"
    assert "licence" not in views.labels(at.view.shape())


async def test_when_the_trigger_is_over_there_are_buttons(at):
    at.slack.fail("views.open", "expired_trigger_id")
    seen = await at.slack.command("/figshare", "draft Frog calls")
    assert seen.message.ephemeral_to == MAYA
    assert list(buttons(seen.message)) == ["Fill in and create", "Create with the title alone"]
    at.slack.fail("views.open", "expired_trigger_id")
    again = await at.press(seen.message, "Fill in and create")
    await at.press(again.message, "Fill in and create")
    await at.form()


async def test_from_a_terminal_it_needs_slack(world):
    for words in ("draft x", "drafts", "draft delete 5", "drafts log"):
        reply = await world.reply(words)
        assert "This needs Slack." in terminal(reply) and reply.outcome != "ok"
    assert world.requests == []


async def test_without_a_token_it_says_what_to_set():
    async with desk_of(figshare_token="") as desk:
        assert "FIGSHARE_TOKEN" in await desk.ask("drafts")


async def test_edit_shows_what_figshare_holds_and_sends_only_what_changed(at):
    shown = await at.made(keywords="frogs", description="One\nTwo", authors="Ann Lee", funding="NSF 12")
    await at.press(shown, "Edit")
    await at.form()
    assert at.typed("description") == "One\nTwo" and "Ann Lee" in at.typed("authors")
    before = dict(at.drafts[FIRST].fields)
    await at.submit(title="Frog calls by day")
    await at.answer("Frog calls by day")
    assert [each[0] for each in at.writes] == ["POST", "PATCH"]
    after = at.drafts[FIRST].fields
    assert after["title"] == "Frog calls by day"
    assert {name: after[name] for name in after if name != "title"} == {
        name: before[name] for name in before if name != "title"
    }


async def test_saving_without_a_change_writes_nothing(at):
    shown = await at.made(keywords="frogs, calls", description="One\n\nTwo")
    await at.press(shown, "Edit")
    await at.form()
    await at.submit()
    assert at.view is None and [each[0] for each in at.writes] == ["POST"]


async def test_what_was_changed_on_figshare_meanwhile_is_shown_beside_what_was_typed(at):
    shown = await at.made(keywords="frogs")
    await at.press(shown, "Edit")
    await at.form()
    at.drafts[FIRST].fields |= {"title": "Toad calls", "tags": ["toads"]}
    await at.submit(title="Newt calls")
    assert "changed on Figshare while you wrote" in at.shown() and at.typed("title") == "Newt calls"
    hints = {each["block_id"].partition("#")[0]: each.get("hint", {}).get("text") for each in at.view.blocks}
    assert hints["title"] == "On Figshare now: Toad calls"
    assert [each[0] for each in at.writes] == ["POST"]
    await at.submit()
    await at.answer("Newt calls")
    assert at.drafts[FIRST].fields["title"] == "Newt calls"
    # what the person did not touch stays as others left it
    assert at.drafts[FIRST].fields["tags"] == ["toads"]


async def test_a_description_with_markup_is_left_to_figshare(at):
    shown = await at.made()
    at.drafts[FIRST].fields["description"] = "<p>One <b>bold</b></p>"
    await at.press(shown, "Edit")
    await at.form()
    assert "description" not in views.labels(at.view.shape()) and "to be edited on Figshare" in at.shown()
    await at.submit(title="Toad calls")
    await at.answer("Toad calls")
    assert at.drafts[FIRST].fields["description"] == "<p>One <b>bold</b></p>"


async def test_reserve_link_and_delete(at):
    shown = await at.made()
    seen = await at.press(shown, "Reserve DOI")
    assert f"10.6084/m9.figshare.{FIRST}, reserved" in seen.text and "Reserve DOI" not in buttons(
        seen.message
    )
    link = await at.press(shown, "Private link")
    assert "https://figshare.com/s/" in link.text and link.message.ephemeral_to == MAYA
    [delete] = [each for each in shown.blocks[-1]["elements"] if each["text"]["text"] == "Delete"]
    assert "“Frog calls”" in delete["confirm"]["text"]["text"]
    seen = await at.press(shown, "Delete")
    assert "Deleted: “Frog calls”" in seen.text and at.drafts == {}
    seen = await at.slack.command("/figshare", "drafts log")
    said = [line.rpartition("UTC")[2].strip() for line in seen.text.splitlines()[1:]]
    assert said == [
        f"{what} {FIRST} by Maya Okafor: done" for what in ("delete", "link", "reserve", "create")
    ]


async def test_a_private_link_is_for_the_presser_alone_in_a_channel_too(at):
    await at.made()
    shown = at.old_card()
    link = await at.press(shown, "Private link")
    assert link.message.ephemeral_to == MAYA and "figshare.com/s/" not in shown.text


async def test_draft_delete_asks_back(at):
    await at.made()
    seen = await at.slack.command("/figshare", f"draft delete {FIRST}")
    assert "Delete this draft?" in seen.text and "Frog calls" in seen.text and FIRST in at.drafts
    await at.press(seen.message, "Delete")
    assert at.drafts == {}
    seen = await at.slack.command("/figshare", f"draft delete {FIRST}")
    assert "Figshare knows no such thing" in seen.text


@pytest.mark.parametrize("label", ["Edit", "Reserve DOI", "Private link", "Delete"])
async def test_what_is_public_is_never_touched(at, label):
    shown = at.old_card(5_616_445)
    await at.press(shown, label)
    if label == "Edit":
        await at.slack.until(lambda: "is not a draft" in at.shown())
    else:
        await at.answer("is not a draft")
    seen = await at.slack.command("/figshare", "draft delete 5616445")
    assert "5616445 is not a draft: it is public, or was." in seen.text
    assert at.writes == []


async def test_drafts_are_listed_newest_first_and_paged():
    async with desk_of() as desk:
        assert "There are no drafts" in await desk.ask("drafts")
        account = await account_for(desk.bot, "U1", desk.people)
        for number in range(7):
            await account.create(Fields(title=f"Frog {number}"))
        reply = await desk.reply("drafts")
        assert [row[0][0].text for row in reply.parts[0].rows] == [f"Frog {n}" for n in (6, 5, 4, 3, 2)]
        assert reply.more and next(button.label for button in reply.buttons) == "Frog 6"
        reply = await desk.reply("drafts", page=2)
        assert [row[0][0].text for row in reply.parts[0].rows] == ["Frog 1", "Frog 0"]
        assert not reply.more and reply.parts[0].first == 6


async def test_a_draft_of_the_list_shows_its_card(at):
    await at.made()
    seen = await at.slack.command("/figshare", "drafts")
    assert "Share in channel" not in buttons(seen.message)
    seen = await at.press(seen.message, "Frog calls")
    assert "To publish it on Figshare" in seen.text


async def test_a_private_link_is_not_written_into_a_draft(at):
    await at.open("draft")
    link = "https://figshare.com/s/0123456789abcdef0123"
    seen = await at.submit(title="Frog calls", description=f"See {link}", references=link)
    assert sorted(seen.view.errors) == ["description", "references"]
    assert "A private link is a key" in seen.view.errors["references"] and at.writes == []


def test_a_draft_that_holds_a_private_link_is_not_shortened():
    link = "https://figshare.com/s/0123456789abcdef0123"
    held = shown(PrivateArticle(id=1, title="Frogs", description=f"<p>See {link}</p>", references=[link]))
    assert held["title"] == "Frogs" and not {"description", "references"} & held.keys()
