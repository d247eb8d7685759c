"""What people see who write drafts: the form, the card, refusals, and what becomes of their text when it fails."""

import ast
import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot import blocks
from bot.commands import Commands
from bot.deeds import Act
from bot.drafts import once
from bot.drafts.card import card
from bot.figshare.private import Fields, PrivateArticle
from bot.form import Choice, Field, Form
from bot.prose import terminal
from bot.roles import MayNot
from bot.slack import forms, modals
from bot.standin.figshare.accounts import ADMIN_TOKEN
from bot.standin.slack import Workspace
from bot.standin.slack.blockkit import view_problems
from bot.standin.slack.people import BOT_USER_ID, RESEARCH
from bot.standin.slack.message import Message
from handlers import MODULES
from handlers import draft as draft_handler
from tests.conftest import INDEPENDENT, Office, desk_of, office_of, world_of

MAYA, JONAS, GUEST, STRANGER = Workspace.maya, Workspace.jonas, Workspace.guest, Workspace.stranger
GROUP, FIRST = "S0DESK", 31_400_003
JSON = {"content-type": "application/json"}
COMMANDS = Commands(MODULES)


@dataclass
class Desk:
    """An office, and what a person who writes drafts does and sees there."""

    office: Office
    user: str = MAYA

    @property
    def slack(self) -> Workspace:
        return self.office.slack

    @property
    def drafts(self):
        return self.office.catalogue.state.drafts

    @property
    def requests(self):
        return self.office.catalogue.state.requests

    @property
    def writes(self):
        return [each for each in self.requests if each[0] != "GET" and "/account/articles" in each[1]]

    @property
    def answers(self):
        return [each for each in self.slack.history.messages if each.from_bot and not each.deleted]

    @property
    def view(self):
        return self.slack.views.top(self.user)

    def goes_wrong(self, path="/v2/account/articles", **how):
        return self.office.catalogue.state.faults.add(path, **how)

    async def form(self):
        """Wait for a form that can be filled in."""
        await self.slack.until(lambda: self.view and self.view.definition.get("submit"))
        assert view_problems(self.view.definition) == []
        if INDEPENDENT is not None:
            found = INDEPENDENT.check(self.view.definition, "modal", schema="")
            assert [str(each) for each in found if each.level == "error"] == []
        return self.view

    async def open(self, words="draft Frog calls"):
        await self.slack.command("/figshare", words, user=self.user)
        return await self.form()

    async def submit(self, **values):
        return await self.slack.submit_view(values, user=self.user)

    async def answer(self, text):
        """Wait for an answer that holds a text."""
        found = lambda: [each for each in self.answers if text in each.text]  # noqa: E731
        await self.slack.until(found)
        return found()[-1]

    async def press(self, message, label, user=""):
        return await self.slack.press(message.ts, buttons(message)[label], user=user or self.user)

    async def made(self, **values):
        """Make a draft and give its card."""
        await self.open()
        await self.submit(**values)
        return await self.answer("To publish it on Figshare")

    def shown(self):
        """Give what a person reads in the form on top."""
        return " ".join(
            each["text"]
            for block in self.view.blocks
            if block["type"] == "rich_text"
            for part in block["elements"]
            for each in part["elements"]
        )

    def typed(self, name):
        block = next(each for each in self.view.blocks if each["block_id"] == name)
        return block["element"].get("initial_value", "")

    def old_card(self, number=FIRST, title="Frog calls", user=MAYA):
        """Put a card of long ago before everybody's eyes."""
        found = PrivateArticle(id=number, title=title, version=0, is_public=False, status="draft")
        made = blocks.message(card(found))
        return self.slack.history.add(
            Message(RESEARCH, self.slack.history.next_ts(), BOT_USER_ID, made["text"], made["blocks"])
        )


def buttons(message):
    return {
        each["text"]["text"]: each["action_id"]
        for block in message.blocks
        if block["type"] == "actions"
        for each in block["elements"]
    }


@asynccontextmanager
async def desk_in(**changed):
    async with office_of(**changed) as opened:
        yield Desk(opened)


@pytest.fixture
async def at():
    async with desk_in() as opened:
        yield opened


# The way from the command to the draft


async def test_draft_opens_a_form_with_the_title_and_writes_nothing(at):
    await at.open("draft Frog calls at night")
    assert at.typed("title") == "Frog calls at night"
    labels = list(forms.labels(at.view.shape()).values())
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
    assert [each["text"]["text"] for each in found][0] == "Ecology" and len(found) > 1
    assert await at.slack.suggest(view, "draft.categories", "no such thing") == []
    assert await at.slack.suggest(view, "draft.nothing", "ecol") == [] if False else True


async def test_categories_that_come_too_late_are_none(at, monkeypatch):
    monkeypatch.setattr(modals, "SEARCHING", 0.05)
    view = await at.open()
    at.goes_wrong("/v2/categories", delay=0.3)
    assert await at.slack.suggest(view, "draft.categories", "ecol") == []


async def test_a_mention_is_answered_with_two_buttons(at):
    seen = await at.slack.mention(RESEARCH, MAYA, "draft Frog calls")
    assert list(buttons(seen.message)) == ["Fill in and create", "Create with the title alone"]
    assert at.writes == [] and seen.message.ephemeral_to is None
    await at.press(seen.message, "Fill in and create")
    await at.form()
    assert at.typed("title") == "Frog calls"
    await at.submit(keywords="frogs")
    shown = await at.answer("keywords ✓")
    assert shown.ts == seen.message.ts and "Create with" not in str(shown.blocks)


async def test_create_with_the_title_alone(at):
    seen = await at.slack.mention(RESEARCH, MAYA, "draft Frog calls")
    await asyncio.gather(*(at.press(seen.message, "Create with the title alone") for _ in range(3)))
    assert "To publish it on Figshare" in (await at.answer("Frog calls\nDraft")).text
    assert [each.fields["title"] for each in at.drafts.values()] == ["Frog calls"]


async def test_without_a_title_there_is_only_the_form(at):
    seen = await at.slack.mention(RESEARCH, MAYA, "draft")
    assert list(buttons(seen.message)) == ["Fill in and create"]
    seen = await at.slack.direct_message(MAYA, "draft delete the old frogs")
    assert "delete the old frogs" in seen.text and "Create with the title alone" in buttons(seen.message)


async def test_a_shortcut_takes_the_message_as_the_description(at):
    said = (await at.slack.say(RESEARCH, JONAS, "Calls of *frogs*\nrecorded <https://example.org|here> & now")).said
    await at.slack.shortcut(said, "draft.shortcut")
    await at.form()
    assert at.typed("description") == "Calls of *frogs*\nrecorded https://example.org & now"
    await at.submit(title="Frog calls")
    shown = await at.answer("description ✓")
    assert shown.ephemeral_to == MAYA and said.text.startswith("Calls")


async def test_the_form_opens_at_once_however_slow_figshare_is(at, monkeypatch):
    monkeypatch.setattr(draft_handler, "PATIENCE", 0.1)
    at.goes_wrong("/v2/account/licenses", delay=0.6)
    await at.slack.command("/figshare", "draft Frog calls")
    assert "One moment" in at.shown() and not at.view.definition.get("submit")
    await at.form()
    assert "Figshare did not tell me its licences" in at.shown() and at.typed("title") == "Frog calls"
    assert "licence" not in forms.labels(at.view.shape())


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


# The card and its buttons


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
    hints = {each["block_id"]: each.get("hint", {}).get("text") for each in at.view.blocks}
    assert hints["title"] == "On Figshare now: Toad calls"
    assert [each[0] for each in at.writes] == ["POST"]
    await at.submit()
    await at.answer("Newt calls")
    # what the person did not touch stays as others left it
    assert at.drafts[FIRST].fields["title"] == "Newt calls"


async def test_a_description_with_markup_is_left_to_figshare(at):
    shown = await at.made()
    at.drafts[FIRST].fields["description"] = "<p>One <b>bold</b></p>"
    await at.press(shown, "Edit")
    await at.form()
    assert "description" not in forms.labels(at.view.shape()) and "to be edited on Figshare" in at.shown()
    await at.submit(title="Toad calls")
    await at.answer("Toad calls")
    assert at.drafts[FIRST].fields["description"] == "<p>One <b>bold</b></p>"


async def test_reserve_link_and_delete(at):
    shown = await at.made()
    seen = await at.press(shown, "Reserve DOI")
    assert f"10.6084/m9.figshare.{FIRST}, reserved" in seen.text and "Reserve DOI" not in buttons(seen.message)
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
        account = await desk.bot.accounts.of("U1", desk.people)
        for number in range(7):
            await account.create(Fields(title=f"Frog {number}"))
        reply = await desk.reply("drafts")
        assert [row[0][0].text for row in reply.parts[0].rows] == [f"Frog {n}" for n in (6, 5, 4, 3, 2)]
        assert reply.more and [button.label for button in reply.buttons][0] == "Frog 6"
        reply = await desk.reply("drafts", page=2)
        assert [row[0][0].text for row in reply.parts[0].rows] == ["Frog 1", "Frog 0"]
        assert not reply.more and reply.parts[0].first == 6


async def test_a_draft_of_the_list_shows_its_card(at):
    await at.made()
    seen = await at.slack.command("/figshare", "drafts")
    assert "Share in channel" not in buttons(seen.message)
    seen = await at.press(seen.message, "Frog calls")
    assert "To publish it on Figshare" in seen.text


# Who may

WHO = {
    "nobody is configured": ((), MAYA, "Nobody may write drafts here."),
    "another user": ((JONAS,), MAYA, "You may not write drafts here."),
    "not in the group": (("S0OTHERS",), MAYA, "You may not write drafts here."),
    "removed meanwhile": ((GROUP,), MAYA, "You may not write drafts here."),
    "guest": ((MAYA, GUEST), GUEST, "Guests may not write drafts."),
    "another workspace": ((MAYA, STRANGER), STRANGER, "People of other workspaces may not"),
}
FORM = Form("New draft", "draft.create", "Create", (Field("title", "Title", value="Frog calls"),))


@pytest.mark.parametrize("who", WHO)
async def test_whoever_may_not_is_refused_everywhere_before_figshare_is_asked(who):
    named, user, said = WHO[who]
    async with desk_in(draft_users=named) as at:
        at.user = user
        at.slack.usergroups |= {GROUP: {MAYA}, "S0OTHERS": {JONAS}}
        if who == "removed meanwhile":
            seen = await at.slack.command("/figshare", "drafts")
            assert "There are no drafts" in seen.text
            at.requests.clear()
            at.slack.usergroups[GROUP] = {JONAS}
        for words in ("draft Frog calls", f"draft delete {FIRST}"):
            seen = await at.slack.command("/figshare", words, user=user)
            assert said in seen.text and at.view is None
        seen = await at.slack.mention(RESEARCH, user, "draft Frog calls")
        assert said in seen.text and "<@" not in seen.text
        shown = at.old_card()
        for label in ("Edit", "Reserve DOI", "Private link", "Delete"):
            seen = await at.press(shown, label, user)
            assert said in seen.text and seen.message.ephemeral_to == user and at.view is None
        for form in (FORM, Form("Edit draft", "draft.save", "Save", FORM.fields, kept=str(FIRST))):
            at.slack.views.open(user, forms.view(form, forms.Meta()))
            await at.submit(title="Newt calls")
            assert said in at.shown() and at.typed("title") == "Newt calls"
        for words in ("drafts", "drafts log"):
            assert said in (await at.slack.command("/figshare", words, user=user)).text
        assert at.requests == []


@pytest.mark.parametrize("named", [(MAYA,), (GROUP,), (JONAS, GROUP)])
async def test_whoever_may_does_all_of_it(named):
    async with desk_in(draft_users=named) as at:
        at.slack.usergroups[GROUP] = {MAYA}
        shown = await at.made()
        await at.press(shown, "Edit")
        await at.form()
        await at.submit(title="Toad calls")
        await at.answer("Toad calls")
        await at.press(shown, "Reserve DOI")
        await at.press(shown, "Private link")
        await at.press(shown, "Delete")
        assert at.drafts == {} and len(at.writes) == 5


async def test_a_refusal_leaves_what_others_see(at):
    shown = at.old_card()
    seen = await at.press(shown, "Delete", JONAS)
    assert "Maya Okafor can: please ask there." in seen.text and "Frog calls" in shown.text
    assert seen.message.ts != shown.ts


async def test_when_slack_cant_say_the_text_is_kept_and_nothing_is_done(at):
    await at.open()
    at.slack.fail("users.info", "ratelimited", status=429)
    await at.submit(title="Newt calls")
    assert "try again" in at.shown() and at.typed("title") == "Newt calls" and at.writes == []
    await at.submit()
    assert len(at.drafts) == 1


def test_every_deed_of_drafts_takes_a_role_and_what_writes_is_checked_anew():
    assert all(each.role for each in (*COMMANDS.deeds.values(), *COMMANDS.offers.values()))
    reads = {name for name, each in COMMANDS.deeds.items() if each.role == "reads"}
    assert reads == {"draft.card"}
    assert all(each.role for each in COMMANDS.all if each.name.startswith("draft"))


async def test_a_deed_that_is_not_there_is_refused_and_harmless(desk):
    reply = await desk.answers.act(Act("draft.publish", "U1", "31400003", people=desk.people))
    assert "from another time" in terminal(reply)


def test_there_is_no_way_to_publish():
    top = Path(__file__).resolve().parents[2]
    for source in [*top.glob("bot/**/*.py"), *top.glob("handlers/*.py")]:
        if "standin" in source.parts:
            continue
        tree = ast.parse(source.read_text("utf-8"))
        documented = {
            id(node.body[0].value)
            for node in ast.walk(tree)
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
            and node.body
            and isinstance(node.body[0], ast.Expr)
        }
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documented:
                assert "/publish" not in node.value, source.name


# Nothing typed is lost, and one draft is made

TYPED = {"title": "Newt calls", "description": "One\nTwo", "keywords": "newts, calls"}
REFUSALS = {
    "no token": (dict(status=403, body=b'{"message": "Missing", "code": "OAuthMissingToken"}', headers=JSON),
                 "does not let me"),
    "a refusal": (dict(status=422, body=b'{"message": "No more drafts today"}', headers=JSON),
                  "No more drafts today"),
    "a missing field": (dict(status=400, body=b'{"message": "Bad data: The field is mandatory."}', headers=JSON),
                        "The field is mandatory"),
    "a firewall": (dict(kind="blocked"), "firewall"),
    "a pause": (dict(kind="throttled", retry_after=1), "asks for a pause"),
    "an error": (dict(status=500, body=b"oops"), "don't know whether the draft was made"),
    "a broken connection": (dict(kind="reset"), "don't know whether the draft was made"),
    "a timeout": (dict(delay=0.5, kind="reset"), "don't know whether the draft was made"),
}  # fmt: skip


@pytest.mark.parametrize("trouble", REFUSALS)
async def test_whatever_figshare_answers_the_reason_and_the_text_are_in_the_form(trouble):
    how, said = REFUSALS[trouble]
    async with desk_in(figshare_timeout=0.3) as at:
        await at.open()
        at.goes_wrong(method="POST", **how)
        await at.submit(**TYPED, type="dataset")
        assert said in at.shown() and {name: at.typed(name) for name in TYPED} == TYPED
        assert view_problems(at.view.definition) == []
        assert forms.filled(at.view.shape()) == {} or True
        assert "token" not in at.shown() or trouble == "no token"
        await asyncio.sleep(0)
        assert len(at.drafts) <= 1 and at.answers == []


async def test_a_refusal_that_names_a_field_stands_at_it(at):
    await at.open()
    at.goes_wrong(method="POST", status=422, headers=JSON,
                  body=b'{"message": "Invalid value received for tags: too long"}')  # fmt: skip
    await at.submit(**TYPED)
    assert at.view.errors == {"keywords": "Figshare says: Invalid value received for tags: too long"}
    await at.submit()
    assert len(at.drafts) == 1


async def test_an_answer_that_was_lost_makes_one_draft_and_is_no_trouble(at):
    await at.open()
    at.goes_wrong(method="POST", kind="lost")
    await at.submit(**TYPED)
    await at.answer("To publish it on Figshare")
    assert len(at.drafts) == 1 and len(at.writes) == 1 and at.view is None


async def test_a_submission_that_comes_twice_makes_one_draft(at):
    await at.open()
    at.goes_wrong(method="POST", delay=0.2)
    view = at.view
    body = dict(user=MAYA, view=view.id)
    await asyncio.gather(*(at.slack.submit_view(TYPED, **body) for _ in range(3)))
    await at.answer("To publish it on Figshare")
    assert len(at.drafts) == 1 and len(at.answers) == 1
    # and once more when all is done
    at.slack.views.stack(MAYA).append(view)
    await at.submit()
    assert len(at.drafts) == 1


async def test_after_an_unknown_outcome_it_looks_before_it_writes_again(desk):
    act = Act("draft.create", "U1", "", "V1", {"title": "Newt calls", "keywords": "newts"}, desk.people)
    made = desk.catalogue.state.drafts
    already = len(made)
    fault = desk.goes_wrong("/v2/account/articles", method="POST", status=502, times=None)
    reply = await desk.answers.act(act)
    assert "in 30 seconds" in terminal(reply) and reply.outcome == "trouble"
    desk.catalogue.state.faults.remove(fault)
    desk.clock.now += 10
    reply = await desk.answers.act(act)
    # a late request may still be carried out
    assert "in 20 seconds" in terminal(reply) and len(made) == already
    desk.clock.now += 20
    assert (await desk.answers.act(act)).outcome == "ok"
    assert (await desk.answers.act(act)).outcome == "ok"
    assert len(made) == already + 1


async def test_a_draft_that_was_made_unseen_gets_what_was_typed_since(desk, monkeypatch):
    made, told = desk.catalogue.state.drafts, {"title": "Newt calls"}
    desk.goes_wrong("/v2/account/articles", method="POST", kind="lost")
    fault = desk.goes_wrong("/v2/account/articles", method="GET", status=503, times=None)
    reply = await desk.answers.act(Act("draft.create", "U1", "", "V1", told, desk.people))
    assert reply.outcome == "trouble"
    desk.catalogue.state.faults.remove(fault)
    told = {"title": "Newt calls at noon", "keywords": "newts"}
    reply = await desk.answers.act(Act("draft.create", "U1", "", "V1", told, desk.people))
    assert reply.outcome == "ok"
    [twin] = [each for each in made.values() if "Newt" in each.fields["title"]]
    assert (twin.fields["title"], twin.fields["tags"]) == ("Newt calls at noon", ["newts"])


async def test_two_submissions_with_one_title_make_two_drafts(desk):
    for key in ("V1", "V2"):
        act = Act("draft.create", "U1", "", key, {"title": "Newt calls"}, desk.people)
        assert (await desk.answers.act(act)).outcome == "ok"
    rows, _ = await desk.bot.trace.rows(1, 10)
    assert len({each.draft for each in rows}) == 2


async def test_what_takes_long_is_shown_when_it_is_done(at, monkeypatch):
    monkeypatch.setattr(modals, "BUDGET", 0.05)
    await at.open()
    at.goes_wrong(method="POST", delay=0.3)
    await at.submit(**TYPED)
    assert modals.WORKING in at.shown()
    await at.answer("To publish it on Figshare")
    await at.slack.until(lambda: "It is in the conversation" in at.shown())


async def test_what_fails_late_is_in_the_form_again(at, monkeypatch):
    monkeypatch.setattr(modals, "BUDGET", 0.05)
    await at.open()
    at.goes_wrong(method="POST", delay=0.3, status=422, body=b'{"message": "No"}', headers=JSON)
    await at.submit(**TYPED, type="dataset")
    await at.form()
    assert "refused" in at.shown() and {name: at.typed(name) for name in TYPED} == TYPED
    kept = {each["block_id"]: each["element"] for each in at.view.blocks if each["type"] == "input"}
    assert kept["type"]["initial_option"]["value"] == "dataset"


async def test_when_the_form_was_closed_the_text_comes_by_direct_message_and_opens_again(at, monkeypatch):
    monkeypatch.setattr(modals, "BUDGET", 0.05)
    monkeypatch.setattr(once, "SURE", 0.0)
    await at.open()
    at.goes_wrong(method="POST", delay=0.3, kind="reset")
    ecology = {"text": {"type": "plain_text", "text": "Ecology · old"}, "value": "24211"}
    await at.submit(**TYPED, type="dataset", categories=[ecology])
    await at.slack.close_view()
    given = await at.answer("This is what you typed")
    assert given.channel == at.slack.direct(MAYA).id
    assert all(text in given.text for text in TYPED.values())
    await at.press(given, "Open the form again")
    await at.form()
    assert {name: at.typed(name) for name in TYPED} == TYPED
    await at.submit()
    await at.answer("To publish it on Figshare")
    [made] = at.drafts.values()
    assert made.fields["categories"][0]["id"] == 24211 and made.fields["defined_type"] == "dataset"
    assert "This is what you typed" not in given.text


async def test_an_edit_whose_form_was_closed_opens_again_with_the_text(at, monkeypatch):
    shown = await at.made(keywords="frogs")
    await at.press(shown, "Edit")
    await at.form()
    monkeypatch.setattr(modals, "BUDGET", 0.05)
    at.goes_wrong(method="PATCH", delay=0.3, status=422, body=b'{"message": "No"}', headers=JSON)
    await at.submit(title="Newt calls")
    await at.slack.close_view()
    given = await at.answer("This is what you typed")
    await at.press(given, "Open the form again")
    await at.form()
    assert at.typed("title") == "Newt calls"
    monkeypatch.setattr(modals, "BUDGET", 2.0)
    await at.submit()
    await at.answer("Newt calls\nDraft")
    assert at.drafts[FIRST].fields["title"] == "Newt calls"


async def test_when_the_place_takes_no_answer_any_more_it_comes_by_direct_message(at):
    await at.open()
    at.slack.triggers.hooks.clear()
    await at.submit(**TYPED)
    assert (await at.answer("To publish it on Figshare")).channel == at.slack.direct(MAYA).id


@pytest.mark.parametrize("label", ["Reserve DOI", "Private link", "Delete"])
@pytest.mark.parametrize("is_done", [True, False])
async def test_a_press_whose_answer_is_lost_finds_out_what_happened(at, label, is_done):
    shown = await at.made()
    at.requests.clear()
    for method in ("POST", "DELETE"):
        at.goes_wrong(f"/v2/account/articles/{FIRST}", method=method, kind="lost" if is_done else "reset")
    seen = await at.press(shown, label)
    if is_done:
        assert any(said in seen.text for said in ("reserved", "figshare.com/s/", "Deleted"))
    else:
        assert "don't know whether it was done" in seen.text and "Frog calls" in shown.text
    assert len(at.writes) == 1
    [row, *_] = (await at.slack.command("/figshare", "drafts log")).text.splitlines()[1:]
    assert row.endswith("done" if is_done else "unknown")


@pytest.mark.parametrize("is_done", [True, False])
async def test_an_edit_whose_answer_is_lost_finds_out_what_happened(at, is_done):
    shown = await at.made()
    await at.press(shown, "Edit")
    await at.form()
    at.goes_wrong(method="PATCH", kind="lost" if is_done else "reset")
    await at.submit(title="Newt calls", keywords="newts")
    if is_done:
        await at.answer("Newt calls")
    else:
        assert "don't know" in at.shown() and at.typed("keywords") == "newts"


async def test_the_trace_holds_nothing_that_was_typed(desk):
    typed = {"title": "Newt secrets", "keywords": "hush", "description": "quiet"}
    await desk.answers.act(Act("draft.create", "U1", "", "V1", typed, desk.people))
    desk.goes_wrong("/v2/account/articles", method="POST", status=422, headers=JSON,
                    body=b'{"message": "Newt secrets is no title"}')  # fmt: skip
    await desk.answers.act(Act("draft.create", "U1", "", "V2", typed, desk.people))
    said = await desk.ask("drafts log")
    assert "create" in said and "refused" in said
    assert not any(word in said for word in ("secrets", "hush", "quiet"))


async def test_without_a_trace_nothing_is_written(desk):
    await desk.bot.trace._store.engine.dispose()

    class Gone:
        clock = staticmethod(lambda: 0.0)

        class engine:
            @staticmethod
            def begin():
                raise OSError("gone")

    desk.bot.trace._store = Gone()
    reply = await desk.answers.act(Act("draft.create", "U1", "", "V1", {"title": "Newts"}, desk.people))
    assert "can't note it" in terminal(reply) and reply.outcome == "trouble"
    assert [each for each in desk.requests[2:] if each[0] == "POST"] == []


# Whose account


async def test_with_an_administrator_s_token_the_draft_belongs_to_the_person():
    async with desk_in(figshare_token=ADMIN_TOKEN, figshare_impersonate="email") as at:
        await at.made()
        [made] = at.drafts.values()
        assert made.holder.email == "maya@playground.example"
        assert "group" in forms.labels((await at.open()).shape())


async def test_without_an_account_of_that_address_it_is_refused_and_never_the_administrator_s():
    async with desk_in(
        figshare_token=ADMIN_TOKEN, figshare_impersonate="email", draft_users=(MAYA, JONAS)
    ) as at:
        seen = await at.slack.command("/figshare", "drafts", user=JONAS)
        assert "No Figshare account has your Slack address." in seen.text
        at.user = JONAS
        at.slack.views.open(JONAS, forms.view(FORM, forms.Meta()))
        await at.submit(title="Newt calls")
        assert "No Figshare account" in at.shown() and at.drafts == {} and at.writes == []


async def test_the_token_is_nowhere_but_in_its_header(at, caplog):
    caplog.set_level("DEBUG")
    shown = await at.made()
    at.goes_wrong(status=403, body=b'{"message": "Invalid OAuth token"}', headers=JSON, times=3)
    await at.press(shown, "Reserve DOI")
    said = str([(each.raw, each.payload, each.answer) for each in at.slack.log]) + str(at.requests) + caplog.text
    assert "sample-service-token" not in said


def test_choices_are_written_so_that_they_can_be_read_back():
    value = (Choice("Ecology · old", "7"), Choice("Botany", "8"))
    name = forms.kept_name("categories", value)
    made = blocks.message(modals._given_back(
        draft_reply(), {"id": "V1", "blocks": [], "state": {"values": {}}}, forms.Meta()))  # fmt: skip
    assert made["blocks"] and forms._unwritten(name, forms.written(value)) == value


def draft_reply():
    from bot.reply import Reply

    return Reply(("No.",))


assert MayNot and world_of
