"""What a button or a form carries can be copied: it acts only where, and for whom, it was written."""

import json

import pytest

from bot.render import blocks
from bot.reply import Copy, Reply
from bot.slack.views import Meta
from bot.standin.slack.people import BOT_USER_ID, LIBRARY, RESEARCH, Channel
from tests.bot.slack.test_private_replies import press_forged, public_message
from tests.handlers.desk import GUEST, JONAS, MAYA, buttons, desk_in

ELSEWHERE = "C0ELSEWHERE"
DIGEST_ACTIONS = [f"digest.{name}" for name in ("stop", "pause", "resume", "send", "adopt", "change")]


@pytest.fixture
async def desk():
    async with desk_in() as opened:
        members = {MAYA, JONAS, BOT_USER_ID}
        opened.slack.channels[ELSEWHERE] = Channel(ELSEWHERE, "elsewhere", members=members)
        yield opened


async def digests_of(desk, channel, user=MAYA):
    return (await desk.slack.command("/figshare", "subscriptions", channel=channel, user=user)).text


async def subscribed(desk, channel, words="subscribe 5616445", user=MAYA):
    seen = await desk.slack.command("/figshare", words, channel=channel, user=user)
    assert "Subscribed" in seen.text
    return seen.message


@pytest.mark.parametrize("value", [f'{{"channel":"{ELSEWHERE}"}}', ELSEWHERE, "1", "nonsense"])
async def test_a_copied_value_subscribes_no_other_channel(desk, value):
    public = public_message(desk, RESEARCH)
    await press_forged(desk, public, "digest.form:0", value, JONAS)
    desk.user = JONAS
    await desk.form()
    await desk.submit(what="5616445")
    assert (await desk.answer("Subscribed")).channel == RESEARCH
    assert "No digests come here." in await digests_of(desk, ELSEWHERE)


async def test_a_form_of_somebody_else_is_refused_with_what_was_typed(desk):
    await desk.slack.command("/figshare", "subscribe", channel=ELSEWHERE)
    stolen = (await desk.form()).definition
    desk.user = JONAS
    for metadata in (
        stolen["private_metadata"],
        json.dumps({"kept": json.dumps({"channel": ELSEWHERE})}),
        "",
    ):
        desk.slack.views.open(JONAS, {**stolen, "private_metadata": metadata})
        await desk.submit(what="5616445")
        assert "Copy what you want to keep" in desk.shown() and desk.typed("what") == "5616445"
    assert "No digests come here." in await digests_of(desk, ELSEWHERE)


@pytest.mark.parametrize("action", DIGEST_ACTIONS)
@pytest.mark.parametrize("user", [MAYA, GUEST])
async def test_a_press_elsewhere_learns_nothing_of_a_digest(desk, action, user):
    await subscribed(desk, ELSEWHERE, user=JONAS)
    before, public = await digests_of(desk, ELSEWHERE), public_message(desk, RESEARCH)
    foreign = await press_forged(desk, public, f"{action}:0", "1", user)
    nothing = await press_forged(desk, public, f"{action}:0", "999", user)
    assert foreign.message.ephemeral_to == user and "digest" in foreign.text
    assert foreign.text.replace("digest 1 ", "digest 999 ") == nothing.text
    assert await digests_of(desk, ELSEWHERE) == before


async def test_a_number_that_is_none_is_an_old_button(desk):
    public = public_message(desk, RESEARCH)
    for value in ("", "abc", "²", "1e3", "9" * 40):
        seen = await press_forged(desk, public, "digest.pause:0", value, MAYA)
        assert "This button no longer works." in seen.text


async def test_the_owner_resumes_a_digest_from_the_direct_message(desk):
    message = await subscribed(desk, RESEARCH, user=JONAS)
    await desk.slack.command("/figshare", "pause 1", channel=RESEARCH, user=JONAS)
    direct = public_message(desk, desk.slack.direct(JONAS).id)
    seen = await press_forged(desk, direct, "digest.resume:0", "1", JONAS)
    assert "It comes again" in seen.text and buttons(message)
    # Another person's direct message is not the owner's.
    direct = public_message(desk, desk.slack.direct(MAYA).id)
    assert "There is no digest 1 here." in (await press_forged(desk, direct, "digest.stop:0", "1", MAYA)).text


async def test_a_page_that_fails_takes_no_answer_away(desk):
    asked = await desk.slack.mention(LIBRARY, MAYA, "search title:frog")
    before = asked.message.text
    fault = desk.goes_wrong("/", status=503, times=None)
    for user in (MAYA, JONAS):
        seen = await desk.press(asked.message, "Next", user)
        assert "does not answer" in seen.text and seen.message.ephemeral_to == user
        assert asked.message.text == before
    desk.office.catalogue.state.faults.remove(fault)
    await desk.slack.press(seen.message, buttons(seen.message)["Try again"], user=JONAS)
    own = await desk.slack.command("/figshare", "search title:frog limit:3")
    before, fault = own.text, desk.goes_wrong("/", status=503, times=None)
    failed = await desk.press(own.message, "Next")
    assert own.message.text == before and "does not answer" in failed.text


async def test_a_form_that_is_given_back_opens_for_its_signature_alone(desk):
    given = Reply(("Figshare does not answer.",), (Copy("5616445", "what"),))
    public = public_message(desk, RESEARCH)
    public.blocks = blocks.message(given)["blocks"]
    for value in (json.dumps({"kept": json.dumps({"channel": ELSEWHERE})}), "", "1"):
        seen = await press_forged(desk, public, "digest.form:0", value, MAYA)
        assert "This button no longer works." in seen.text and desk.view is None
    meta = Meta(kept=json.dumps({"channel": ELSEWHERE}))
    await press_forged(desk, public, "digest.form:0", desk.seal().sign(meta, "digest.form"), MAYA)
    await desk.form()
    assert desk.typed("what") == "5616445"
    await desk.submit()
    assert "Digests of this channel: 1" in await digests_of(desk, ELSEWHERE)
