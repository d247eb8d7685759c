"""Nothing that was typed is lost and one draft is made, whatever Figshare answers and however often."""

import asyncio
import json

import pytest
from sqlalchemy import text

from bot.commands import Interaction
from bot.drafts import create
from bot.emulators.slack.validation import view_problems
from bot.render.plain_text import terminal_text
from bot.slack import submissions
from tests.support.slack_client import FIRST, JSON, MAYA, open_slack_client


@pytest.fixture
async def slack_client():
    async with open_slack_client() as opened:
        yield opened


TYPED = {"title": "Newt calls", "description": "One\nTwo", "keywords": "newts, calls"}
UNSURE = "can't tell whether the draft was created"
REFUSALS = {
    "no token": (
        403,
        {"code": "OAuthMissingToken", "message": "Missing OAuth token"},
        "doesn't give me access",
    ),
    "a refusal": (422, {"message": "No more drafts today"}, "No more drafts today"),
    "a missing field": (400, {"message": "Bad data: The field is mandatory."}, "The field is mandatory"),
    "a firewall": ("blocked", {}, "firewall"),
    "a pause": ("throttled", {"retry_after": 1}, "is asking me to slow down"),
    "an error": (500, {}, UNSURE),
    "a broken connection": ("reset", {}, UNSURE),
    "a timeout": ("reset", {"delay": 0.5}, UNSURE),
}


def refusal(status, message):
    """Return what a fault needs to be Figshare's refusal."""
    return {"status": status, "headers": JSON, "body": json.dumps(message).encode()}


@pytest.mark.parametrize("trouble", REFUSALS)
async def test_figshare_error_keeps_the_text_in_the_form(trouble):
    kind, more, text = REFUSALS[trouble]
    how = {"kind": kind, **more} if isinstance(kind, str) else refusal(kind, more)
    async with open_slack_client(figshare_timeout=0.3) as slack_client:
        await slack_client.open()
        slack_client.goes_wrong(method="POST", **how)
        await slack_client.submit(**TYPED, type="dataset")
        assert (
            text in slack_client.view_text()
            and {name: slack_client.field_text(name) for name in TYPED} == TYPED
        )
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
    await slack_client.wait_for_answer("To publish it on Figshare")
    assert len(slack_client.drafts) == 1 and len(slack_client.writes) == 1 and slack_client.view is None


async def test_repeated_submission_creates_one_draft(slack_client):
    await slack_client.open()
    slack_client.goes_wrong(method="POST", delay=0.2)
    view = slack_client.view
    body = {"user": MAYA, "view": view.id}
    await asyncio.gather(*(slack_client.slack.submit_view(TYPED, **body) for _ in range(3)))
    await slack_client.wait_for_answer("To publish it on Figshare")
    assert len(slack_client.drafts) == 1 and len(slack_client.answers) == 1
    # and once more when all is done
    slack_client.slack.views.stack(MAYA).append(view)
    await slack_client.submit()
    assert len(slack_client.drafts) == 1


async def test_unknown_outcome_is_checked_before_the_next_write(drafts_client):
    interaction = Interaction(
        "draft.create", "U1", "", "V1", {"title": "Newt calls", "keywords": "newts"}, drafts_client.people
    )
    drafts = drafts_client.catalogue.state.drafts
    already = len(drafts)
    fault = drafts_client.goes_wrong("/v2/account/articles", method="POST", status=502, times=None)
    reply = await drafts_client.dispatcher.run_action(interaction)
    assert "in 30 seconds" in terminal_text(reply) and reply.outcome == "trouble"
    drafts_client.catalogue.state.faults.remove(fault)
    drafts_client.clock.now += 10
    reply = await drafts_client.dispatcher.run_action(interaction)
    # a late request may still be carried out
    assert "in 20 seconds" in terminal_text(reply) and len(drafts) == already
    drafts_client.clock.now += 20
    assert (await drafts_client.dispatcher.run_action(interaction)).outcome == "ok"
    assert (await drafts_client.dispatcher.run_action(interaction)).outcome == "ok"
    assert len(drafts) == already + 1


async def test_draft_found_later_gets_the_text_typed_since(drafts_client, monkeypatch):
    drafts, values = drafts_client.catalogue.state.drafts, {"title": "Newt calls"}
    drafts_client.goes_wrong("/v2/account/articles", method="POST", kind="lost")
    fault = drafts_client.goes_wrong("/v2/account/articles", method="GET", status=503, times=None)
    reply = await drafts_client.dispatcher.run_action(
        Interaction("draft.create", "U1", "", "V1", values, drafts_client.people)
    )
    assert reply.outcome == "trouble"
    drafts_client.catalogue.state.faults.remove(fault)
    values = {"title": "Newt calls at noon", "keywords": "newts"}
    reply = await drafts_client.dispatcher.run_action(
        Interaction("draft.create", "U1", "", "V1", values, drafts_client.people)
    )
    assert reply.outcome == "ok"
    [twin] = [each for each in drafts.values() if "Newt" in each.fields["title"]]
    assert (twin.fields["title"], twin.fields["tags"]) == ("Newt calls at noon", ["newts"])


async def test_two_submissions_with_one_title_create_two_drafts(drafts_client):
    for key in ("V1", "V2"):
        interaction = Interaction(
            "draft.create", "U1", "", key, {"title": "Newt calls"}, drafts_client.people
        )
        assert (await drafts_client.dispatcher.run_action(interaction)).outcome == "ok"
    rows, _ = await drafts_client.bot.audit_log.page(1, 10)
    assert len({each.draft for each in rows}) == 2


async def test_slow_action_shows_its_result_when_done(slack_client, monkeypatch):
    monkeypatch.setattr(submissions, "SUBMISSION_TIMEOUT", 0.05)
    await slack_client.open()
    slack_client.goes_wrong(method="POST", delay=0.3)
    await slack_client.submit(**TYPED)
    assert submissions.WORKING in slack_client.view_text()
    await slack_client.wait_for_answer("To publish it on Figshare")
    await slack_client.slack.until(lambda: "See the conversation" in slack_client.view_text())


async def test_late_failure_is_shown_in_the_form_with_the_text(slack_client, monkeypatch):
    monkeypatch.setattr(submissions, "SUBMISSION_TIMEOUT", 0.05)
    await slack_client.open()
    slack_client.goes_wrong(method="POST", delay=0.3, status=422, body=b'{"message": "No"}', headers=JSON)
    await slack_client.submit(**TYPED, type="dataset")
    await slack_client.wait_for_form()
    assert (
        "rejected" in slack_client.view_text()
        and {name: slack_client.field_text(name) for name in TYPED} == TYPED
    )
    values = {
        each["block_id"]: each["element"] for each in slack_client.view.blocks if each["type"] == "input"
    }
    assert values["type"]["initial_option"]["value"] == "dataset"


async def test_closed_form_returns_the_text_by_direct_message(slack_client, monkeypatch):
    monkeypatch.setattr(submissions, "SUBMISSION_TIMEOUT", 0.05)
    monkeypatch.setattr(create, "SETTLE_TIME", 0.0)
    await slack_client.open()
    slack_client.goes_wrong(method="POST", delay=0.3, kind="reset")
    ecology = {"text": {"type": "plain_text", "text": "Ecology · old"}, "value": "24211"}
    await slack_client.submit(**TYPED, type="dataset", categories=[ecology])
    await slack_client.slack.close_view()
    message = await slack_client.wait_for_answer("Here is what you entered")
    assert message.channel == slack_client.slack.direct(MAYA).id
    assert all(text in message.text for text in TYPED.values())
    await slack_client.press(message, "Open the form again")
    await slack_client.wait_for_form()
    assert {name: slack_client.field_text(name) for name in TYPED} == TYPED
    await slack_client.submit()
    await slack_client.wait_for_answer("To publish it on Figshare")
    [draft] = slack_client.drafts.values()
    assert draft.fields["categories"][0]["id"] == 24211 and draft.fields["defined_type"] == "dataset"
    assert "Here is what you entered" not in message.text


async def test_closed_edit_form_opens_again_with_the_text(slack_client, monkeypatch):
    card = await slack_client.create_draft(keywords="frogs")
    await slack_client.press(card, "Edit")
    await slack_client.wait_for_form()
    monkeypatch.setattr(submissions, "SUBMISSION_TIMEOUT", 0.05)
    slack_client.goes_wrong(method="PATCH", delay=0.3, status=422, body=b'{"message": "No"}', headers=JSON)
    await slack_client.submit(title="Newt calls")
    await slack_client.slack.close_view()
    message = await slack_client.wait_for_answer("Here is what you entered")
    await slack_client.press(message, "Open the form again")
    await slack_client.wait_for_form()
    assert slack_client.field_text("title") == "Newt calls"
    monkeypatch.setattr(submissions, "SUBMISSION_TIMEOUT", 2.0)
    await slack_client.submit()
    await slack_client.wait_for_answer("Newt calls\nDraft")
    assert slack_client.drafts[FIRST].fields["title"] == "Newt calls"


async def test_reply_to_a_closed_place_comes_by_direct_message(slack_client):
    await slack_client.open()
    slack_client.slack.triggers.response_urls.clear()
    await slack_client.submit(**TYPED)
    assert (
        await slack_client.wait_for_answer("To publish it on Figshare")
    ).channel == slack_client.slack.direct(MAYA).id


@pytest.mark.parametrize("label", ["Reserve DOI", "Private link", "Delete"])
@pytest.mark.parametrize("is_done", [True, False])
async def test_press_with_a_lost_answer_checks_the_outcome(slack_client, label, is_done):
    card = await slack_client.create_draft()
    slack_client.requests.clear()
    for method in ("POST", "DELETE"):
        slack_client.goes_wrong(
            f"/v2/account/articles/{FIRST}", method=method, kind="lost" if is_done else "reset"
        )
    seen = await slack_client.press(card, label)
    if is_done:
        assert any(text in seen.text for text in ("reserved", "figshare.com/s/", "Deleted"))
    else:
        assert "can't tell whether it worked" in seen.text and "Frog calls" in card.text
    assert len(slack_client.writes) == 1
    [row, *_] = (await slack_client.slack.command("/figshare", "drafts log")).text.splitlines()[1:]
    assert row.endswith(f"draft {FIRST}" if is_done else "unknown")


@pytest.mark.parametrize("is_done", [True, False])
async def test_edit_with_a_lost_answer_checks_the_outcome(slack_client, is_done):
    card = await slack_client.create_draft()
    await slack_client.press(card, "Edit")
    await slack_client.wait_for_form()
    slack_client.goes_wrong(method="PATCH", kind="lost" if is_done else "reset")
    await slack_client.submit(title="Newt calls", keywords="newts")
    if is_done:
        await slack_client.wait_for_answer("Newt calls")
    else:
        assert "can't tell" in slack_client.view_text() and slack_client.field_text("keywords") == "newts"


async def test_audit_log_holds_nothing_that_was_typed(drafts_client):
    typed = {"title": "Newt secrets", "keywords": "hush", "description": "quiet"}
    await drafts_client.dispatcher.run_action(
        Interaction("draft.create", "U1", "", "V1", typed, drafts_client.people)
    )
    drafts_client.goes_wrong("/v2/account/articles", method="POST", status=422, headers=JSON,
                    body=b'{"message": "Newt secrets is no title"}')  # fmt: skip
    await drafts_client.dispatcher.run_action(
        Interaction("draft.create", "U1", "", "V2", typed, drafts_client.people)
    )
    output = await drafts_client.ask("drafts log")
    assert "create" in output and "refused" in output
    assert not any(word in output for word in ("secrets", "hush", "quiet"))


async def test_change_that_cannot_be_recorded_is_not_made(drafts_client):
    async with drafts_client.store.engine.begin() as connection:
        await connection.execute(text("DROP TABLE trace"))
    drafts_client.requests.clear()
    reply = await drafts_client.dispatcher.run_action(
        Interaction("draft.create", "U1", "", "V1", {"title": "Newts"}, drafts_client.people)
    )
    assert "can't write to my database" in terminal_text(reply) and reply.outcome == "trouble"
    assert drafts_client.requests == []


async def test_finished_action_is_reported_without_a_fresh_record(slack_client):
    await slack_client.open()
    fault = slack_client.goes_wrong(method="GET", status=503, times=None)
    await slack_client.submit(**TYPED)
    message = await slack_client.wait_for_answer(f"Done: draft {FIRST}.")
    slack_client.catalogue.state.faults.remove(fault)
    seen = await slack_client.press(message, "Show it")
    assert "To publish it on Figshare" in seen.text and len(slack_client.drafts) == 1
