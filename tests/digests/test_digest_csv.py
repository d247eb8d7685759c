"""The figures of a digest as files: in its thread, once, when somebody presses *CSV*."""

import csv
import io

import pytest

from bot.emulators.slack.people import JONAS, LIBRARY, MAYA, RESEARCH
from tests.support.digest_clock import open_digest_clock, timestamp
from tests.support.slack_client import buttons


@pytest.fixture
async def digest_clock():
    async with open_digest_clock() as opened:
        yield opened


async def sent_digest(digest_clock, words="5616445 daily at 09:00 UTC"):
    await digest_clock.say(f"subscribe {words}")
    digest, *_ = await digest_clock.advance_to(timestamp(26))
    return digest


def sheets(digest_clock):
    """Return the rows of each file, by its name."""
    return {
        file.name: list(csv.DictReader(io.StringIO(file.content.decode("utf-8-sig"), newline="")))
        for file in digest_clock.slack.files.values()
    }


async def test_csv_comes_into_the_thread_when_asked_for(digest_clock):
    digest = await sent_digest(digest_clock, "5616445 weekly on thursday at 09:00 UTC")
    assert digest_clock.slack.files == {}
    answer = await digest_clock.press(digest, "CSV", MAYA)
    assert answer.text.startswith("The CSV is on its way") and answer.ephemeral_to == MAYA
    [message] = await digest_clock.send_due()
    assert (message.channel, message.thread_ts) == (RESEARCH, digest.ts)
    names = [file["name"] for file in message.files]
    assert names == [
        f"figshare-digest-1-using-apis-to-customise-reposi-{name}-2026-11-25.csv"
        for name in ("counts", "by-day", "history")
    ]
    counts, days, history = sheets(digest_clock).values()
    [row] = counts
    assert row["doi"].startswith("10.6084/m9.figshare.5616445") and row["type"] == "presentation"
    assert row["authors"] and row["address"].startswith("https://figshare.com/")
    assert len(days) == 7 and history[-1]["last_day"] == "2026-11-25"
    assert sum(int(each["views"]) for each in days) == int(row["views"]) == int(history[-1]["views"])


async def test_two_presses_make_one_file(digest_clock):
    digest = await sent_digest(digest_clock)
    await digest_clock.press(digest, "CSV")
    again = await digest_clock.press(digest, "CSV", MAYA)
    assert again.text == "This digest or its CSV is still on its way."
    assert len(await digest_clock.send_due()) == 1
    later = await digest_clock.press(digest, "CSV", MAYA)
    assert later.text == "The CSV is already in the thread of this digest."
    assert await digest_clock.send_due() == []
    assert "last: sent, Thu 26 Nov 2026, 09:00" in (await digest_clock.say("subscriptions")).text


async def test_file_with_a_lost_answer_is_searched_for(digest_clock):
    digest = await sent_digest(digest_clock)
    await digest_clock.press(digest, "CSV")
    digest_clock.slack.fail("files.completeUploadExternal", "internal_error", status=500, after_effect=True)
    assert len(await digest_clock.send_due()) == 1
    assert await digest_clock.advance_to(timestamp(26) + 31) == []
    assert (await digest_clock.press(digest, "CSV")).text.startswith("The CSV is already in the thread")


async def test_digest_of_a_search_has_a_csv_of_its_items(digest_clock):
    digest = await sent_digest(digest_clock, "search frog daily at 09:00 UTC")
    await digest_clock.press(digest, "CSV")
    await digest_clock.send_due()
    [(name, rows)] = sheets(digest_clock).items()
    assert name == "figshare-digest-1-search-frog-new-items-2026-11-25.csv"
    assert all(row["doi"] and row["authors"] for row in rows[:5]) and len(rows) == 6


async def test_empty_digest_has_no_csv(digest_clock):
    digest = await sent_digest(digest_clock, 'search "no such words anywhere" daily at 09:00 UTC')
    assert "CSV" not in buttons(digest)


async def test_what_figshare_does_not_say_is_unknown_in_the_csv(digest_clock):
    digest = await sent_digest(digest_clock)
    digest_clock.clock.now += 7 * 86_400
    digest_clock.goes_wrong("/v2/articles", status=500, times=None)
    await digest_clock.press(digest, "CSV")
    await digest_clock.send_due()
    [row] = next(iter(sheets(digest_clock).values()))
    assert (row["doi"], row["authors"]) == ("unknown", "unknown") and row["views"].isdigit()


async def test_refused_file_is_explained_with_its_rows(digest_clock):
    digest = await sent_digest(digest_clock)
    await digest_clock.press(digest, "CSV")
    digest_clock.slack.fail("files.getUploadURLExternal", "file_uploads_disabled", times=9)
    [note] = await digest_clock.send_due()
    assert note.thread_ts == digest.ts
    assert note.text.startswith("The CSV couldn't be uploaded.\nThis workspace allows no files.")
    assert "id,doi,address,title" in note.text


async def test_csv_of_another_channel_is_not_given(digest_clock):
    await sent_digest(digest_clock)
    assert await digest_clock.bot.subscriptions.request_file(1, LIBRARY) == "gone"
    assert await digest_clock.send_due() == []


async def test_csv_of_a_deleted_digest_says_so(digest_clock):
    digest = await sent_digest(digest_clock)
    await digest_clock.say("unsubscribe 1", JONAS)
    answer = await digest_clock.press(digest, "CSV")
    assert answer.text.startswith("I no longer have the figures of this digest.")


async def test_figures_are_kept_for_100_days(digest_clock):
    digest = await sent_digest(digest_clock)
    await digest_clock.say("pause 1")
    digest_clock.clock.now += 99 * 86_400
    await digest_clock.worker._deliveries.vacuum()
    assert (await digest_clock.press(digest, "CSV")).text.startswith("The CSV is on its way")
    assert len(await digest_clock.send_due()) == 1


async def test_figures_older_than_100_days_are_forgotten(digest_clock):
    digest = await sent_digest(digest_clock)
    await digest_clock.say("pause 1")
    digest_clock.clock.now += 101 * 86_400
    await digest_clock.worker._deliveries.vacuum()
    answer = await digest_clock.press(digest, "CSV")
    assert "I keep them for 100 days" in answer.text
