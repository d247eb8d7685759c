"""What a person does on the playground's page in a real browser, and reads there."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.support.chromium import Page
from tests.support.playground_page import ask, press

pytestmark = pytest.mark.e2e

ANSWER = "Using APIs to customise repositories"
VIEWS = re.compile(r"[\d,]+ views · all time")


def day(text: str) -> datetime:
    """Read the day off the clock, which names the year only when it is not this one."""
    results = re.search(r"(\d+) (\w{3})(?: (\d{4}))?, \d\d:\d\d UTC", text)
    assert results, text
    return datetime.strptime(f"{results[1]} {results[2]} {results[3] or datetime.now(UTC).year}", "%d %b %Y")


async def test_command_is_answered_to_the_requester_only(page: Page):
    await ask(page, "/figshare views 5616445")
    text = await page.wait_for_text(ANSWER)
    assert VIEWS.search(text)
    assert "Only visible to you" in text
    assert "Sample data" in await page.text("banner")


async def test_next_shows_the_second_page_in_place(page: Page):
    await ask(page, "/figshare search title:frog")
    await page.wait_for_text("Results 1–5 for “title:frog”")
    await press(page, "Next")
    text = await page.wait_for_text("Results 6–")
    assert "Results 1–5" not in text
    await press(page, "Previous")
    await page.wait_for_text("Results 1–5 for “title:frog”")


async def test_mention_is_answered_in_its_thread(page: Page):
    await ask(page, "@figshare views 5616445")
    # the thread of the first mention opens by itself
    assert VIEWS.search(await page.wait_for_text(ANSWER, "complementary", "Thread"))
    assert "answered in its thread" in await page.text("status", "Notice")
    assert ANSWER not in await page.text()
    # the field of an open thread begins with the mention
    await ask(page, "downloads 5616445", "Reply", "textbox")
    assert "downloads · all time" in await page.wait_for_text("3 replies", "complementary", "Thread")
    await page.key("Escape")
    assert await page.text("complementary", "Thread") == ""


async def test_direct_message_is_answered_in_place(page: Page):
    await press(page, "Figshare")
    await page.wait_for_text("Direct message with the app")
    await ask(page, "views 5616445")
    text = await page.wait_for_text(ANSWER)
    assert VIEWS.search(text)
    assert "Only visible to you" not in text


async def test_keyboard_suffices(page: Page):
    await page.tab_to("combobox", "Message", back=True)
    await page.type("/figshare search title:frog")
    await page.key("Enter")
    await page.wait_for_text("Results 1–5 for “title:frog”")
    await page.tab_to("button", "Next", back=True)
    await page.key("Enter")
    await page.wait_for_text("Results 6–")
    # what was pressed is gone or drawn anew, and the way on goes from there, not from the top
    await page.tab_to("combobox", "Message")
    await page.type("@figshare views 5616445")
    await page.key("Enter")
    await page.wait_for_text(ANSWER, "complementary", "Thread")
    # a thread that opens by itself takes nobody's place in the page
    assert (await page.focused()).name == "Message"
    await page.tab_to("button", "1 reply", back=True)
    await page.key(" ")
    assert (await page.focused()).name.startswith("Reply")
    await page.key("Escape")
    assert (await page.focused()).name == "Reply in a thread"
    await page.tab_to("button", "Jonas", back=True)
    await page.key("Enter")
    await page.wait_for_text("Maya Okafor")
    assert await page.find_elements("article", "Maya Okafor")
    assert "Items" not in await page.text()


async def test_others_see_only_what_is_shared(page: Page):
    await ask(page, "/figshare views 5616445")
    await page.wait_for_text(ANSWER)
    await press(page, "Jonas")
    assert ANSWER not in await page.wait_for_text("This is #")
    await press(page, "Maya")
    await press(page, "Share in channel")
    await page.wait_for_text("Shared by")
    await press(page, "Jonas")
    text = await page.wait_for_text(ANSWER)
    assert "Shared by @Maya Okafor" in text
    assert "Only visible to you" not in text


async def test_page_is_drawn_light_and_dark(page: Page, tmp_path: Path):
    await ask(page, "/figshare timeline 5616445 by month")
    await page.wait_for_text("Share in channel")
    brightness = {}
    for theme in ("light", "dark"):
        if theme == "dark":
            await press(page, "Switch between light and dark")
        assert await page.write_screenshot(tmp_path / f"{theme}.png") > 10_000
        colour = await page.evaluate("getComputedStyle(document.body).backgroundColor")
        brightness[theme] = sum(map(int, re.findall(r"\d+", colour)[:3])) / 3
    assert brightness["dark"] < 80 < 200 < brightness["light"]


async def test_digest_from_subscription_to_deletion(page: Page):
    await ask(page, "/figshare subscribe collection 4000001 daily at 09:00")
    text = await page.wait_for_text("Subscribed: Everything about frogs")
    assert "every day at 09:00" in text and "Only visible to you" not in text
    await press(page, "Send a test now")
    await page.wait_for_text("Test of the daily digest: Everything about frogs")
    await press(page, "Next digest")
    # the page moves to it
    await page.wait_for_text("The digest came here", "status", "Notice")
    text = await page.wait_for_text("Daily digest: Everything about frogs")
    assert "Late" not in text
    await press(page, "Change")
    await page.wait_for_text("Change digest", "dialog")
    await page.click("textbox", "cron expression")
    await page.type("30 7 * * *")
    await press(page, "Save")
    assert "every day at 07:30" in await page.wait_for_text("Changed: Everything about frogs")
    await press(page, "Pause")
    await page.wait_for_text("Paused digest 1")
    await press(page, "Stop")
    await page.wait_for_text("Delete this digest?", "dialog")
    await press(page, "Stop")
    await page.wait_for_text("Deleted digest 1")
    await ask(page, "/figshare subscriptions")
    await page.wait_for_text("No digests here yet")


async def test_draft_from_form_to_deletion(page: Page):
    await ask(page, "/figshare draft Fr")
    await press(page, "Create")
    await page.wait_for_text("A title has 3 to 1,000 characters; this one has 2.", "dialog")
    await page.click("textbox", "Title")
    await page.type("og calls")
    await page.click("textbox", "Keywords")
    await page.type("frogs, night")
    await press(page, "Create")
    text = await page.wait_for_text("To publish it on Figshare")
    assert "Frog calls" in text and "keywords ✓" in text and "description ✗" in text
    await press(page, "Edit")
    await page.click("textbox", "Description")
    await page.type("Calls of frogs")
    await press(page, "Save")
    await page.wait_for_text("description ✓")
    await press(page, "Delete")
    await page.wait_for_text("Delete the draft “Frog calls”?", "dialog")
    await press(page, "Delete")
    assert "description ✓" not in await page.wait_for_text("Deleted: “Frog calls”")


async def test_clock_moves_forward(page: Page):
    clock = "The playground's clock"
    before = day(await page.wait_for_text("UTC", "group", clock))
    assert "ahead" not in await page.text("group", clock)
    await press(page, "+1 day")
    after = day(await page.wait_for_text("1 day ahead", "group", clock))
    # midnight may pass meanwhile, and Maya's day may be another than UTC's
    assert after - before in (timedelta(days=1), timedelta(days=2))
    await page.tab_to("button", "+1 week", back=True)
    await page.key("Enter")
    await page.wait_for_text("8 days ahead", "group", clock)
    assert (await page.focused()).name.startswith("+1 week")
    await ask(page, "/figshare views 5616445 yesterday")
    text = await page.wait_for_text(ANSWER)
    assert any(f"{after + timedelta(days=past):%-d %b %Y}" in text for past in (5, 6, 7))
