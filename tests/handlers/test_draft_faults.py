"""Nothing that was typed is lost and one draft is made, whatever Figshare answers and however often."""

import asyncio
import json

import pytest
from sqlalchemy import text

from bot.commands import Act
from bot.drafts import create
from bot.render.plain_text import terminal
from bot.slack import modals
from bot.standin.slack.blockkit import view_problems
from tests.handlers.desk import FIRST, JSON, MAYA, desk_in


@pytest.fixture
async def at():
    async with desk_in() as opened:
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
    """Give what a fault needs to be Figshare's refusal."""
    return {"status": status, "headers": JSON, "body": json.dumps(message).encode()}


@pytest.mark.parametrize("trouble", REFUSALS)
async def test_whatever_figshare_answers_the_reason_and_the_text_are_in_the_form(trouble):
    kind, more, said = REFUSALS[trouble]
    how = {"kind": kind, **more} if isinstance(kind, str) else refusal(kind, more)
    async with desk_in(figshare_timeout=0.3) as at:
        await at.open()
        at.goes_wrong(method="POST", **how)
        await at.submit(**TYPED, type="dataset")
        assert said in at.shown() and {name: at.typed(name) for name in TYPED} == TYPED
        assert view_problems(at.view.definition) == []
        kept = {each["block_id"]: each["element"] for each in at.view.blocks if each["type"] == "input"}
        assert kept["type"]["initial_option"]["value"] == "dataset"
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
    body = {"user": MAYA, "view": view.id}
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
    monkeypatch.setattr(create, "SURE", 0.0)
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


async def test_what_can_not_be_noted_is_not_written(desk):
    async with desk.store.engine.begin() as connection:
        await connection.execute(text("DROP TABLE trace"))
    desk.requests.clear()
    reply = await desk.answers.act(Act("draft.create", "U1", "", "V1", {"title": "Newts"}, desk.people))
    assert "can't note it" in terminal(reply) and reply.outcome == "trouble"
    assert desk.requests == []


async def test_what_was_done_is_said_even_when_figshare_does_not_show_it(at):
    await at.open()
    fault = at.goes_wrong(method="GET", status=503, times=None)
    await at.submit(**TYPED)
    told = await at.answer(f"It is done: draft {FIRST}.")
    at.office.catalogue.state.faults.remove(fault)
    seen = await at.press(told, "Show it")
    assert "To publish it on Figshare" in seen.text and len(at.drafts) == 1
