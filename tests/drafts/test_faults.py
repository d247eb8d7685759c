"""Nothing that was typed is lost and one draft is made, whatever Figshare answers and however often."""

import asyncio
import json

import pytest
from sqlalchemy import text

from bot.commands import Interaction
from bot.drafts import create
from bot.emulators.slack.validation import view_problems
from bot.render.plain_text import terminal
from bot.slack import modals
from tests.support.slack_client import FIRST, JSON, MAYA, open_slack_client


@pytest.fixture
async def slack_client():
    async with open_slack_client() as opened:
        yield opened


TYPED = {"title": "Newt calls", "description": "One\nTwo", "keywords": "newts, calls"}
UNSURE = "don't know whether the draft was made"
REFUSALS = {
    "no token": (403, {"code": "OAuthMissingToken", "message": "Missing OAuth token"}, "does not let me"),
    "a refusal": (422, {"message": "No more drafts today"}, "No more drafts today"),
    "a missing field": (400, {"message": "Bad data: The field is mandatory."}, "The field is mandatory"),
    "a firewall": ("blocked", {}, "firewall"),
    "a pause": ("throttled", {"retry_after": 1}, "asks for a pause"),
    "an error": (500, {}, UNSURE),
    "a broken connection": ("reset", {}, UNSURE),
    "a timeout": ("reset", {"delay": 0.5}, UNSURE),
}


def refusal(status, message):
    """Return what a fault needs to be Figshare's refusal."""
    return {"status": status, "headers": JSON, "body": json.dumps(message).encode()}


@pytest.mark.parametrize("trouble", REFUSALS)
async def test_figshare_error_keeps_the_text_in_the_form(trouble):
    kind, more, said = REFUSALS[trouble]
    how = {"kind": kind, **more} if isinstance(kind, str) else refusal(kind, more)
    async with open_slack_client(figshare_timeout=0.3) as slack_client:
        await slack_client.open()
        slack_client.goes_wrong(method="POST", **how)
        await slack_client.submit(**TYPED, type="dataset")
        assert said in slack_client.shown() and {name: slack_client.typed(name) for name in TYPED} == TYPED
        assert view_problems(slack_client.view.definition) == []
        values = {
            each["block_id"]: each["element"] for each in slack_client.view.blocks if each["type"] == "input"
        }
        assert values["type"]["initial_option"]["value"] == "dataset"
        assert len(slack_client.drafts) <= 1 and slack_client.answers == []


async def test_refusal_naming_a_field_is_shown_at_the_field(slack_client):
    await slack_client.open()
    slack_client.goes_wrong(method="POST", status=422, headers=JSON,
                  body=b'{"message": "Invalid value received for tags: too long"}')  # fmt: skip
    await slack_client.submit(**TYPED)
    assert slack_client.view.errors == {
        "keywords": "Figshare says: Invalid value received for tags: too long"
    }
    await slack_client.submit()
    assert len(slack_client.drafts) == 1


async def test_lost_answer_creates_one_draft_without_an_error(slack_client):
    await slack_client.open()
    slack_client.goes_wrong(method="POST", kind="lost")
    await slack_client.submit(**TYPED)
    await slack_client.answer("To publish it on Figshare")
    assert len(slack_client.drafts) == 1 and len(slack_client.writes) == 1 and slack_client.view is None


async def test_a_submission_that_comes_twice_makes_one_draft(slack_client):
    await slack_client.open()
    slack_client.goes_wrong(method="POST", delay=0.2)
    view = slack_client.view
    body = {"user": MAYA, "view": view.id}
    await asyncio.gather(*(slack_client.slack.submit_view(TYPED, **body) for _ in range(3)))
    await slack_client.answer("To publish it on Figshare")
    assert len(slack_client.drafts) == 1 and len(slack_client.answers) == 1
    # and once more when all is done
    slack_client.slack.views.stack(MAYA).append(view)
    await slack_client.submit()
    assert len(slack_client.drafts) == 1


async def test_unknown_outcome_is_checked_before_the_next_write(drafts_client):
    act = Interaction(
        "draft.create", "U1", "", "V1", {"title": "Newt calls", "keywords": "newts"}, drafts_client.people
    )
    made = drafts_client.catalogue.state.drafts
    already = len(made)
    fault = drafts_client.goes_wrong("/v2/account/articles", method="POST", status=502, times=None)
    reply = await drafts_client.answers.run_action(act)
    assert "in 30 seconds" in terminal(reply) and reply.outcome == "trouble"
    drafts_client.catalogue.state.faults.remove(fault)
    drafts_client.clock.now += 10
    reply = await drafts_client.answers.run_action(act)
    # a late request may still be carried out
    assert "in 20 seconds" in terminal(reply) and len(made) == already
    drafts_client.clock.now += 20
    assert (await drafts_client.answers.run_action(act)).outcome == "ok"
    assert (await drafts_client.answers.run_action(act)).outcome == "ok"
    assert len(made) == already + 1


async def test_a_draft_that_was_made_unseen_gets_what_was_typed_since(drafts_client, monkeypatch):
    made, told = drafts_client.catalogue.state.drafts, {"title": "Newt calls"}
    drafts_client.goes_wrong("/v2/account/articles", method="POST", kind="lost")
    fault = drafts_client.goes_wrong("/v2/account/articles", method="GET", status=503, times=None)
    reply = await drafts_client.answers.run_action(
        Interaction("draft.create", "U1", "", "V1", told, drafts_client.people)
    )
    assert reply.outcome == "trouble"
    drafts_client.catalogue.state.faults.remove(fault)
    told = {"title": "Newt calls at noon", "keywords": "newts"}
    reply = await drafts_client.answers.run_action(
        Interaction("draft.create", "U1", "", "V1", told, drafts_client.people)
    )
    assert reply.outcome == "ok"
    [twin] = [each for each in made.values() if "Newt" in each.fields["title"]]
    assert (twin.fields["title"], twin.fields["tags"]) == ("Newt calls at noon", ["newts"])


async def test_two_submissions_with_one_title_make_two_drafts(drafts_client):
    for key in ("V1", "V2"):
        act = Interaction("draft.create", "U1", "", key, {"title": "Newt calls"}, drafts_client.people)
        assert (await drafts_client.answers.run_action(act)).outcome == "ok"
    rows, _ = await drafts_client.bot.audit_log.rows(1, 10)
    assert len({each.draft for each in rows}) == 2


async def test_slow_action_shows_its_result_when_done(slack_client, monkeypatch):
    monkeypatch.setattr(modals, "BUDGET", 0.05)
    await slack_client.open()
    slack_client.goes_wrong(method="POST", delay=0.3)
    await slack_client.submit(**TYPED)
    assert modals.WORKING in slack_client.shown()
    await slack_client.answer("To publish it on Figshare")
    await slack_client.slack.until(lambda: "It is in the conversation" in slack_client.shown())


async def test_what_fails_late_is_in_the_form_again(slack_client, monkeypatch):
    monkeypatch.setattr(modals, "BUDGET", 0.05)
    await slack_client.open()
    slack_client.goes_wrong(method="POST", delay=0.3, status=422, body=b'{"message": "No"}', headers=JSON)
    await slack_client.submit(**TYPED, type="dataset")
    await slack_client.form()
    assert "refused" in slack_client.shown() and {name: slack_client.typed(name) for name in TYPED} == TYPED
    values = {
        each["block_id"]: each["element"] for each in slack_client.view.blocks if each["type"] == "input"
    }
    assert values["type"]["initial_option"]["value"] == "dataset"


async def test_closed_form_returns_the_text_by_direct_message(slack_client, monkeypatch):
    monkeypatch.setattr(modals, "BUDGET", 0.05)
    monkeypatch.setattr(create, "SURE", 0.0)
    await slack_client.open()
    slack_client.goes_wrong(method="POST", delay=0.3, kind="reset")
    ecology = {"text": {"type": "plain_text", "text": "Ecology · old"}, "value": "24211"}
    await slack_client.submit(**TYPED, type="dataset", categories=[ecology])
    await slack_client.slack.close_view()
    given = await slack_client.answer("This is what you typed")
    assert given.channel == slack_client.slack.direct(MAYA).id
    assert all(text in given.text for text in TYPED.values())
    await slack_client.press(given, "Open the form again")
    await slack_client.form()
    assert {name: slack_client.typed(name) for name in TYPED} == TYPED
    await slack_client.submit()
    await slack_client.answer("To publish it on Figshare")
    [made] = slack_client.drafts.values()
    assert made.fields["categories"][0]["id"] == 24211 and made.fields["defined_type"] == "dataset"
    assert "This is what you typed" not in given.text


async def test_an_edit_whose_form_was_closed_opens_again_with_the_text(slack_client, monkeypatch):
    shown = await slack_client.made(keywords="frogs")
    await slack_client.press(shown, "Edit")
    await slack_client.form()
    monkeypatch.setattr(modals, "BUDGET", 0.05)
    slack_client.goes_wrong(method="PATCH", delay=0.3, status=422, body=b'{"message": "No"}', headers=JSON)
    await slack_client.submit(title="Newt calls")
    await slack_client.slack.close_view()
    given = await slack_client.answer("This is what you typed")
    await slack_client.press(given, "Open the form again")
    await slack_client.form()
    assert slack_client.typed("title") == "Newt calls"
    monkeypatch.setattr(modals, "BUDGET", 2.0)
    await slack_client.submit()
    await slack_client.answer("Newt calls\nDraft")
    assert slack_client.drafts[FIRST].fields["title"] == "Newt calls"


async def test_reply_to_a_closed_place_comes_by_direct_message(slack_client):
    await slack_client.open()
    slack_client.slack.triggers.response_urls.clear()
    await slack_client.submit(**TYPED)
    assert (await slack_client.answer("To publish it on Figshare")).channel == slack_client.slack.direct(
        MAYA
    ).id


@pytest.mark.parametrize("label", ["Reserve DOI", "Private link", "Delete"])
@pytest.mark.parametrize("is_done", [True, False])
async def test_a_press_whose_answer_is_lost_finds_out_what_happened(slack_client, label, is_done):
    shown = await slack_client.made()
    slack_client.requests.clear()
    for method in ("POST", "DELETE"):
        slack_client.goes_wrong(
            f"/v2/account/articles/{FIRST}", method=method, kind="lost" if is_done else "reset"
        )
    seen = await slack_client.press(shown, label)
    if is_done:
        assert any(said in seen.text for said in ("reserved", "figshare.com/s/", "Deleted"))
    else:
        assert "don't know whether it was done" in seen.text and "Frog calls" in shown.text
    assert len(slack_client.writes) == 1
    [row, *_] = (await slack_client.slack.command("/figshare", "drafts log")).text.splitlines()[1:]
    assert row.endswith("done" if is_done else "unknown")


@pytest.mark.parametrize("is_done", [True, False])
async def test_an_edit_whose_answer_is_lost_finds_out_what_happened(slack_client, is_done):
    shown = await slack_client.made()
    await slack_client.press(shown, "Edit")
    await slack_client.form()
    slack_client.goes_wrong(method="PATCH", kind="lost" if is_done else "reset")
    await slack_client.submit(title="Newt calls", keywords="newts")
    if is_done:
        await slack_client.answer("Newt calls")
    else:
        assert "don't know" in slack_client.shown() and slack_client.typed("keywords") == "newts"


async def test_the_trace_holds_nothing_that_was_typed(drafts_client):
    typed = {"title": "Newt secrets", "keywords": "hush", "description": "quiet"}
    await drafts_client.answers.run_action(
        Interaction("draft.create", "U1", "", "V1", typed, drafts_client.people)
    )
    drafts_client.goes_wrong("/v2/account/articles", method="POST", status=422, headers=JSON,
                    body=b'{"message": "Newt secrets is no title"}')  # fmt: skip
    await drafts_client.answers.run_action(
        Interaction("draft.create", "U1", "", "V2", typed, drafts_client.people)
    )
    output = await drafts_client.ask("drafts log")
    assert "create" in output and "refused" in output
    assert not any(word in output for word in ("secrets", "hush", "quiet"))


async def test_what_can_not_be_noted_is_not_written(drafts_client):
    async with drafts_client.store.engine.begin() as connection:
        await connection.execute(text("DROP TABLE trace"))
    drafts_client.requests.clear()
    reply = await drafts_client.answers.run_action(
        Interaction("draft.create", "U1", "", "V1", {"title": "Newts"}, drafts_client.people)
    )
    assert "can't note it" in terminal(reply) and reply.outcome == "trouble"
    assert drafts_client.requests == []


async def test_finished_action_is_reported_without_a_fresh_record(slack_client):
    await slack_client.open()
    fault = slack_client.goes_wrong(method="GET", status=503, times=None)
    await slack_client.submit(**TYPED)
    message = await slack_client.answer(f"It is done: draft {FIRST}.")
    slack_client.catalogue.state.faults.remove(fault)
    seen = await slack_client.press(message, "Show it")
    assert "To publish it on Figshare" in seen.text and len(slack_client.drafts) == 1
