"""Who may write drafts and to whose account; whoever may not is refused before Figshare is asked."""

import ast

import pytest

from bot.commands import CommandRegistry, Interaction
from bot.emulators.figshare.accounts import ADMIN_TOKEN
from bot.emulators.slack.people import RESEARCH
from bot.render import views
from bot.render.plain_text import terminal_text
from bot.reply import Field, Form
from bot.slack.private_metadata import PrivateMetadata, signed_view
from handlers import MODULES
from tests.support.paths import ROOT
from tests.support.slack_client import FIRST, GUEST, JONAS, JSON, MAYA, STRANGER, open_slack_client

GROUP = "S0DESK"
COMMANDS = CommandRegistry(MODULES)


@pytest.fixture
async def slack_client():
    async with open_slack_client() as opened:
        yield opened


REFUSED = {
    "nobody is configured": ((), MAYA, "Nobody is allowed to write drafts here yet."),
    "another user": ((JONAS,), MAYA, "Only some people can create drafts."),
    "not in the group": (("S0OTHERS",), MAYA, "Only some people can create drafts."),
    "removed meanwhile": ((GROUP,), MAYA, "Only some people can create drafts."),
    "guest": ((MAYA, GUEST), GUEST, "Guests can't write drafts."),
    "another workspace": ((MAYA, STRANGER), STRANGER, "People from other workspaces can't"),
}
FORM = Form("New draft", "draft.create", "Create", (Field("title", "Title", value="Frog calls"),))


@pytest.mark.parametrize("case", REFUSED)
async def test_refused_person_is_refused_before_any_request(case):
    named, user, refusal = REFUSED[case]
    async with open_slack_client(draft_users=named) as slack_client:
        slack_client.user = user
        slack_client.slack.usergroups |= {GROUP: {MAYA}, "S0OTHERS": {JONAS}}
        if case == "removed meanwhile":
            seen = await slack_client.slack.command("/figshare", "drafts")
            assert "There are no drafts" in seen.text
            slack_client.requests.clear()
            slack_client.slack.usergroups[GROUP] = {JONAS}
        for words in ("draft Frog calls", f"draft delete {FIRST}"):
            seen = await slack_client.slack.command("/figshare", words, user=user)
            assert refusal in seen.text and slack_client.view is None
        seen = await slack_client.slack.mention(RESEARCH, user, "draft Frog calls")
        assert refusal in seen.text and "<@" not in seen.text
        card = slack_client.add_old_card()
        for label in ("Edit", "Reserve DOI", "Private link", "Delete"):
            seen = await slack_client.press(card, label, user)
            assert refusal in seen.text and seen.message.ephemeral_to == user and slack_client.view is None
        metadata = f'{{"id":{FIRST},"base":{{}}}}'
        for form in (FORM, Form("Edit draft", "draft.save", "Save", FORM.fields, private_metadata=metadata)):
            slack_client.slack.views.open(
                user, signed_view(form, PrivateMetadata(), slack_client.metadata_signer())
            )
            await slack_client.submit(title="Newt calls")
            assert refusal in slack_client.view_text() and slack_client.field_text("title") == "Newt calls"
        for words in ("drafts", "drafts log"):
            assert refusal in (await slack_client.slack.command("/figshare", words, user=user)).text
        assert slack_client.requests == []


@pytest.mark.parametrize("named", [(MAYA,), (GROUP,), (JONAS, GROUP)])
async def test_allowed_person_may_do_everything(named):
    async with open_slack_client(draft_users=named) as slack_client:
        slack_client.slack.usergroups[GROUP] = {MAYA}
        card = await slack_client.create_draft()
        await slack_client.press(card, "Edit")
        await slack_client.wait_for_form()
        await slack_client.submit(title="Toad calls")
        await slack_client.wait_for_answer("Toad calls")
        await slack_client.press(card, "Reserve DOI")
        await slack_client.press(card, "Private link")
        await slack_client.press(card, "Delete")
        assert slack_client.drafts == {} and len(slack_client.writes) == 5


async def test_refusal_leaves_the_shown_card_unchanged(slack_client):
    card = slack_client.add_old_card()
    seen = await slack_client.press(card, "Delete", JONAS)
    assert "Please ask Maya Okafor." in seen.text and "Frog calls" in card.text
    assert seen.message.ts != card.ts


async def test_unavailable_directory_keeps_the_text_and_does_nothing(slack_client):
    await slack_client.open()
    slack_client.slack.fail("users.info", "ratelimited", status=429)
    await slack_client.submit(title="Newt calls")
    assert (
        "try again" in slack_client.view_text()
        and slack_client.field_text("title") == "Newt calls"
        and slack_client.writes == []
    )
    await slack_client.submit()
    assert len(slack_client.drafts) == 1


def test_every_draft_action_requires_a_role():
    declared = (*COMMANDS.actions.values(), *COMMANDS.options.values())
    of_drafts = [each for each in declared if each.name.startswith("draft.")]
    assert of_drafts and all(each.role for each in of_drafts)
    reads = {name for name, each in COMMANDS.actions.items() if each.role == "reads"}
    assert reads == {"draft.card"}
    assert all(each.role for each in COMMANDS.all if each.name.startswith("draft"))


async def test_unknown_action_is_refused_without_effect(drafts_client):
    reply = await drafts_client.dispatcher.run_action(
        Interaction("draft.publish", "U1", "31400003", directory=drafts_client.people)
    )
    assert "no longer works" in terminal_text(reply)


def test_source_has_no_publish_request():
    top = ROOT
    for source in [*top.glob("bot/**/*.py"), *top.glob("handlers/*.py")]:
        if "emulators" in source.parts:
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


async def test_administrator_token_creates_drafts_for_the_person():
    async with open_slack_client(figshare_token=ADMIN_TOKEN, figshare_impersonate="email") as slack_client:
        await slack_client.create_draft()
        [draft] = slack_client.drafts.values()
        assert draft.holder.email == "maya@playground.example"
        assert "group" in views.field_labels((await slack_client.open()).shape())


async def test_address_without_an_account_is_refused():
    async with open_slack_client(
        figshare_token=ADMIN_TOKEN, figshare_impersonate="email", draft_users=(MAYA, JONAS)
    ) as slack_client:
        seen = await slack_client.slack.command("/figshare", "drafts", user=JONAS)
        assert "No Figshare account has your Slack email address." in seen.text
        slack_client.user = JONAS
        slack_client.slack.views.open(
            JONAS, signed_view(FORM, PrivateMetadata(), slack_client.metadata_signer())
        )
        await slack_client.submit(title="Newt calls")
        assert (
            "No Figshare account" in slack_client.view_text()
            and slack_client.drafts == {}
            and slack_client.writes == []
        )


async def test_token_is_only_in_the_authorization_header(slack_client, caplog):
    caplog.set_level("DEBUG")
    card = await slack_client.create_draft()
    slack_client.goes_wrong(status=403, body=b'{"message": "Invalid OAuth token"}', headers=JSON, times=3)
    await slack_client.press(card, "Reserve DOI")
    seen = [(each.raw, each.payload, each.answer) for each in slack_client.slack.log]
    assert "sample-service-token" not in f"{seen} {slack_client.requests} {caplog.text}"
