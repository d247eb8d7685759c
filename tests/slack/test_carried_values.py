"""What a button or a form carries can be copied: it acts only where, and for whom, it was written."""

import json

import pytest

from bot.emulators.slack.people import BOT_USER_ID, LIBRARY, RESEARCH, Conversation
from bot.render import blocks
from bot.reply import Copy, Reply
from bot.slack.private_metadata import PrivateMetadata
from tests.support.forged_presses import press_forged, public_message
from tests.support.slack_client import GUEST, JONAS, MAYA, buttons, open_slack_client

ELSEWHERE = "C0ELSEWHERE"
DIGEST_ACTIONS = [f"digest.{name}" for name in ("stop", "pause", "resume", "send", "adopt", "change")]


@pytest.fixture
async def slack_client():
    async with open_slack_client() as opened:
        members = {MAYA, JONAS, BOT_USER_ID}
        opened.slack.channels[ELSEWHERE] = Conversation(ELSEWHERE, "elsewhere", members=members)
        yield opened


async def digests_of(slack_client, channel, user=MAYA):
    return (await slack_client.slack.command("/figshare", "subscriptions", channel=channel, user=user)).text


async def subscribed(slack_client, channel, words="subscribe 5616445", user=MAYA):
    seen = await slack_client.slack.command("/figshare", words, channel=channel, user=user)
    assert "Subscribed" in seen.text
    return seen.message


@pytest.mark.parametrize("value", [f'{{"channel":"{ELSEWHERE}"}}', ELSEWHERE, "1", "nonsense"])
async def test_copied_value_subscribes_no_other_channel(slack_client, value):
    public = public_message(slack_client, RESEARCH)
    await press_forged(slack_client, public, "digest.form:0", value, JONAS)
    slack_client.user = JONAS
    await slack_client.wait_for_form()
    await slack_client.submit(what="5616445")
    assert (await slack_client.wait_for_answer("Subscribed")).channel == RESEARCH
    assert "No digests here yet." in await digests_of(slack_client, ELSEWHERE)


async def test_form_of_another_person_is_refused_with_its_text(slack_client):
    await slack_client.slack.command("/figshare", "subscribe", channel=ELSEWHERE)
    stolen = (await slack_client.wait_for_form()).definition
    slack_client.user = JONAS
    for metadata in (
        stolen["private_metadata"],
        json.dumps({"kept": json.dumps({"channel": ELSEWHERE})}),
        "",
    ):
        slack_client.slack.views.open(JONAS, {**stolen, "private_metadata": metadata})
        await slack_client.submit(what="5616445")
        assert (
            "Copy what you want to keep" in slack_client.view_text()
            and slack_client.field_text("what") == "5616445"
        )
    assert "No digests here yet." in await digests_of(slack_client, ELSEWHERE)


@pytest.mark.parametrize("action", DIGEST_ACTIONS)
@pytest.mark.parametrize("user", [MAYA, GUEST])
async def test_press_elsewhere_reveals_nothing_of_a_digest(slack_client, action, user):
    await subscribed(slack_client, ELSEWHERE, user=JONAS)
    before, public = await digests_of(slack_client, ELSEWHERE), public_message(slack_client, RESEARCH)
    foreign = await press_forged(slack_client, public, f"{action}:0", "1", user)
    nothing = await press_forged(slack_client, public, f"{action}:0", "999", user)
    assert foreign.message.ephemeral_to == user and "digest" in foreign.text
    assert foreign.text.replace("digest 1 ", "digest 999 ") == nothing.text
    assert await digests_of(slack_client, ELSEWHERE) == before


async def test_button_with_an_invalid_number_no_longer_works(slack_client):
    public = public_message(slack_client, RESEARCH)
    for value in ("", "abc", "²", "1e3", "9" * 40):
        seen = await press_forged(slack_client, public, "digest.pause:0", value, MAYA)
        assert "This button no longer works." in seen.text


async def test_owner_resumes_a_digest_from_the_direct_message(slack_client):
    message = await subscribed(slack_client, RESEARCH, user=JONAS)
    await slack_client.slack.command("/figshare", "pause 1", channel=RESEARCH, user=JONAS)
    direct = public_message(slack_client, slack_client.slack.direct(JONAS).id)
    seen = await press_forged(slack_client, direct, "digest.resume:0", "1", JONAS)
    assert "Resumed" in seen.text and buttons(message)
    # Another person's direct message is not the owner's.
    direct = public_message(slack_client, slack_client.slack.direct(MAYA).id)
    assert (
        "There is no digest 1 here."
        in (await press_forged(slack_client, direct, "digest.stop:0", "1", MAYA)).text
    )


async def test_failed_page_takes_no_answer_away(slack_client):
    answer = await slack_client.slack.mention(LIBRARY, MAYA, "search title:frog")
    before = answer.message.text
    fault = slack_client.goes_wrong("/", status=503, times=None)
    for user in (MAYA, JONAS):
        seen = await slack_client.press(answer.message, "Next", user)
        assert "isn't responding" in seen.text and seen.message.ephemeral_to == user
        assert answer.message.text == before
    slack_client.catalogue.state.faults.remove(fault)
    await slack_client.slack.press(seen.message, buttons(seen.message)["Try again"], user=JONAS)
    own = await slack_client.slack.command("/figshare", "search title:frog limit:3")
    before, fault = own.text, slack_client.goes_wrong("/", status=503, times=None)
    failed = await slack_client.press(own.message, "Next")
    assert own.message.text == before and "isn't responding" in failed.text


async def test_returned_form_opens_for_its_signature_alone(slack_client):
    given = Reply(("Figshare isn't responding.",), (Copy("5616445", "what"),))
    public = public_message(slack_client, RESEARCH)
    public.blocks = blocks.message_payload(given)["blocks"]
    for value in (json.dumps({"kept": json.dumps({"channel": ELSEWHERE})}), "", "1"):
        seen = await press_forged(slack_client, public, "digest.form:0", value, MAYA)
        assert "This button no longer works." in seen.text and slack_client.view is None
    meta = PrivateMetadata(form_metadata=json.dumps({"channel": ELSEWHERE}))
    await press_forged(
        slack_client, public, "digest.form:0", slack_client.metadata_signer().sign(meta, "digest.form"), MAYA
    )
    await slack_client.wait_for_form()
    assert slack_client.field_text("what") == "5616445"
    await slack_client.submit()
    assert "Digests of this channel: 1" in await digests_of(slack_client, ELSEWHERE)
