"""Who may write drafts and to whose account; whoever may not is refused before Figshare is asked."""

import ast
from pathlib import Path

import pytest

from bot.commands import Act, Commands
from bot.render.plain_text import terminal
from bot.reply import Field, Form
from bot.slack import views
from bot.standin.figshare.accounts import ADMIN_TOKEN
from bot.standin.slack.people import RESEARCH
from handlers import MODULES
from tests.handlers.desk import FIRST, GUEST, JONAS, JSON, MAYA, STRANGER, desk_in

GROUP = "S0DESK"
COMMANDS = Commands(MODULES)


@pytest.fixture
async def at():
    async with desk_in() as opened:
        yield opened


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
        kept = f'{{"id":{FIRST},"base":{{}}}}'
        for form in (FORM, Form("Edit draft", "draft.save", "Save", FORM.fields, kept=kept)):
            at.slack.views.open(user, views.view(form, views.Meta(), at.seal()))
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
    deeds = [each for each in COMMANDS.deeds.values() if each.name.startswith("draft.")]
    assert deeds and all(each.role for each in (*deeds, *COMMANDS.offers.values()))
    reads = {name for name, each in COMMANDS.deeds.items() if each.role == "reads"}
    assert reads == {"draft.card"}
    assert all(each.role for each in COMMANDS.all if each.name.startswith("draft"))


async def test_a_deed_that_is_not_there_is_refused_and_harmless(desk):
    reply = await desk.answers.act(Act("draft.publish", "U1", "31400003", people=desk.people))
    assert "no longer works" in terminal(reply)


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


async def test_with_an_administrator_s_token_the_draft_belongs_to_the_person():
    async with desk_in(figshare_token=ADMIN_TOKEN, figshare_impersonate="email") as at:
        await at.made()
        [made] = at.drafts.values()
        assert made.holder.email == "maya@playground.example"
        assert "group" in views.labels((await at.open()).shape())


async def test_without_an_account_of_that_address_it_is_refused_and_never_the_administrator_s():
    async with desk_in(
        figshare_token=ADMIN_TOKEN, figshare_impersonate="email", draft_users=(MAYA, JONAS)
    ) as at:
        seen = await at.slack.command("/figshare", "drafts", user=JONAS)
        assert "No Figshare account has your Slack address." in seen.text
        at.user = JONAS
        at.slack.views.open(JONAS, views.view(FORM, views.Meta(), at.seal()))
        await at.submit(title="Newt calls")
        assert "No Figshare account" in at.shown() and at.drafts == {} and at.writes == []


async def test_the_token_is_nowhere_but_in_its_header(at, caplog):
    caplog.set_level("DEBUG")
    shown = await at.made()
    at.goes_wrong(status=403, body=b'{"message": "Invalid OAuth token"}', headers=JSON, times=3)
    await at.press(shown, "Reserve DOI")
    seen = [(each.raw, each.payload, each.answer) for each in at.slack.log]
    assert "sample-service-token" not in f"{seen} {at.requests} {caplog.text}"
