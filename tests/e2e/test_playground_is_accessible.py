"""The playground's page by the rules of axe-core, and how it fits where there is little room.

https://github.com/dequelabs/axe-core/blob/develop/doc/rule-descriptions.md
"""

import json
from collections.abc import Awaitable, Callable

import pytest

from tests.support.chromium import Page
from tests.support.paths import ROOT
from tests.support.playground_page import ask, press
from tests.support.processes import skip_without

pytestmark = pytest.mark.e2e

AXE = ROOT / ".tools/npm/node_modules/axe-core/axe.min.js"
# beyond what axe-core checks by default: the size of what is pressed, and visible labels in names
RUN = """axe.run({rules: {"target-size": {enabled: true}, "label-content-name-mismatch": {enabled: true}}})
  .then((result) => JSON.stringify(result.violations.map((each) =>
    [each.id, each.nodes.map((node) => `${node.target} ${node.failureSummary}`)])))"""
WIDE, PHONE = (1200, 900), (390, 844)
# what is left of 1200 by 900 when everything is shown at 200 %
ZOOMED = (600, 450)


SIZES = {"wide": WIDE, "phone": PHONE, "zoomed": ZOOMED}


@pytest.fixture
def check(page: Page) -> Callable[[str], Awaitable[None]]:
    """Provide a check of the page as it is now, in every size."""
    skip_without(AXE.exists(), "axe-core: .ci/run installs it")

    async def check(scene: str) -> None:
        await page.evaluate(f"if (!window.axe) {{ {AXE.read_text('utf-8')} }} 0")
        for name, size in SIZES.items():
            await page.resize(*size)
            assert json.loads(await page.evaluate(RUN)) == [], (scene, name)
        await page.resize(*WIDE)

    return check


@pytest.mark.parametrize("theme", ["light", "dark"])
async def test_no_rule_of_axe_is_broken(page: Page, check, theme):
    await page.evaluate(f"document.documentElement.dataset.theme = '{theme}'")
    await ask(page, "hello")
    await page.wait_for_text("Nobody was asked")
    await ask(page, "/figshare top views items 2025")
    await page.wait_for_text("Top 10 items")
    await ask(page, "/figshare timeline 5616445 by month")
    await page.wait_for_text("by month")
    await page.click("combobox", "Message")
    await page.type("/")
    await page.key("ArrowDown")
    await page.wait_for_element("option", "/figshare views")
    await check("answers with a table and a chart, and the list of commands")
    await page.evaluate("document.getElementById('composer-text').textContent = ''")
    await ask(page, "@figshare views 5616445")
    await page.wait_for_text("5,9", "complementary", "Thread")
    await check("a thread")
    await ask(page, "/figshare draft Fr")
    await page.wait_for_text("New draft", "dialog")
    await press(page, "Create")
    await page.wait_for_text("this one has 2", "dialog")
    await page.click("combobox", "Categories")
    await page.type("ecol")
    await page.wait_for_element("option", "Ecology")
    await check("a form with an error, and a menu open in it")


@pytest.mark.parametrize("size", [PHONE, ZOOMED], ids=["phone", "zoomed"])
async def test_clock_and_examples_fold_where_room_is_little(page: Page, size):
    await page.resize(*size)
    await page.wait_for_text("This is #")
    assert not await page.find_elements("button", "Next digest")
    assert not await page.find_elements("button", "Run /figshare help")
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    part = "document.getElementById('messages').clientHeight / innerHeight"
    assert await page.evaluate(part) > 0.4
    await press(page, "Clock")
    await page.wait_for_element("button", "Next digest")
    await press(page, "Examples")
    await press(page, "Run /figshare help")
    await page.wait_for_text("Only visible to you")
    assert not await page.find_elements("button", "Run /figshare help")
