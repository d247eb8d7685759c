"""What the playground's page does for somebody who has never seen the bot."""

import asyncio
import signal
from asyncio.subprocess import PIPE

import pytest

from bot.commands import CommandRegistry
from handlers import MODULES
from tests.support.chromium import Page
from tests.support.playground_page import ask, press
from tests.support.waiting import poll_until

pytestmark = pytest.mark.e2e

FIELD = "document.getElementById('composer-text').innerText.trim()"


async def test_message_nobody_read_can_be_sent_again(page: Page):
    await ask(page, "views 5616445")
    text = await page.wait_for_text("Nobody was asked")
    assert "commands, mentions and direct messages" in text
    await press(page, "Send it to @figshare")
    await page.wait_for_text("5,9", "complementary", "Thread")
    assert "Nobody was asked" not in await page.text()


async def test_slash_lists_every_command(page: Page):
    await page.click("combobox", "Message")
    await page.type("/")
    await page.wait_for_element("option", "/figshare views")
    options = [each.name for each in await page.find_elements("option")]
    for command in CommandRegistry(MODULES).all:
        assert any(f"/figshare {command.name}" in name and command.summary in name for name in options)


async def test_command_is_chosen_with_the_keyboard(page: Page):
    await page.click("combobox", "Message")
    await page.type("/figshare vi")
    await page.wait_for_element("option", "/figshare views")
    assert len(await page.find_elements("option")) == 1
    await page.key("ArrowDown")
    assert await page.evaluate("document.querySelector('[aria-activedescendant]').id") == "composer-text"
    await page.key("Enter")
    assert await page.find_elements("option") == []
    await page.type("5616445")
    assert await page.evaluate(FIELD) == "/figshare views 5616445"
    await page.key("Enter")
    await page.wait_for_text("views · all time")


async def test_escape_closes_the_list_of_commands_only(page: Page):
    await page.click("combobox", "Message")
    await page.type("/to")
    await page.wait_for_element("option", "/figshare top")
    await page.key("Escape")
    assert await page.find_elements("option") == []
    assert await page.evaluate(FIELD) == "/to"


async def test_next_digest_says_where_it_came(page: Page):
    await press(page, "Next digest")
    await page.wait_for_text("No digest is scheduled yet", "status", "Notice")
    await ask(page, "/figshare subscribe 5616445 daily at 09:00")
    await page.wait_for_text("Subscribed:")
    await press(page, "library-team")
    await press(page, "Next digest")
    await page.wait_for_text("The digest came in #research-data.", "status", "Notice")
    await press(page, "Show it")
    await page.wait_for_text("Daily digest:")
    assert (await page.focused()).name.startswith("Figshare")


async def test_next_digest_hides_where_others_talk(page: Page):
    await press(page, "Figshare")
    await ask(page, "subscribe 5616445 daily at 09:00")
    await page.wait_for_text("Subscribed:")
    await press(page, "Jonas")
    await page.wait_for_text("This is #")
    await press(page, "Next digest")
    await page.wait_for_text("came in a conversation that Jonas Weber isn't in", "status", "Notice")


@pytest.mark.parametrize("question", ["help", "top downloads", "timeline 5616445"])
async def test_long_answer_is_shown_from_its_beginning(page: Page, question: str):
    await page.resize(1000, 500)
    await ask(page, f"/figshare {question}")
    await page.wait_for_text("Only visible to you")
    log, head = await asyncio.gather(
        page.evaluate("document.getElementById('messages').getBoundingClientRect().top"),
        page.evaluate("document.querySelector('.ephemeral .author').getBoundingClientRect().top"),
    )
    assert 0 < head - log < 100


async def test_typed_text_stays_when_the_server_went_away(page: Page, playground):
    await page.wait_for_text("This is #")
    playground[1].send_signal(signal.SIGINT)
    await playground[1].wait()
    await page.wait_for_text("isn't answering", "status", "Notice")
    await ask(page, "views 5616445")
    text = await page.wait_for_text("What you typed stays here", "status", "Notice")
    assert "Start it again in the terminal" in text
    await poll_until(lambda: page.evaluate(f"{FIELD} === 'views 5616445'"))
    page.problems.clear()


async def test_page_from_before_a_restart_offers_to_reload(page: Page, playground, program):
    await page.click("combobox", "Message")
    await page.type("views 5616445")
    url, first = playground
    first.send_signal(signal.SIGINT)
    await first.wait()
    port = url.rpartition(":")[2]
    async with program("playground", "--figshare", "sample", "--port", port, stdout=PIPE) as second:
        await second.stdout.readline()
        await page.wait_for_text("started again", "status", "Notice")
        await press(page, "Reload")
        await page.wait_for_text("This is #")
        await poll_until(lambda: page.evaluate(f"{FIELD} === 'views 5616445'"))
        page.problems.clear()
        second.send_signal(signal.SIGINT)
        await second.communicate()
    page.problems.clear()
