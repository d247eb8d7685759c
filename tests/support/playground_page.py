"""The page of the playground: what a person does there, and what a browser reads from it."""

import re

import aiohttp

from tests.support.chromium import Page


async def ask(page: Page, words: str, where: str = "Message", role: str = "combobox") -> None:
    """Click into the field, type and send."""
    await page.click(role, where)
    await page.type(words)
    await page.key("Enter")


async def press(page: Page, name: str) -> None:
    await page.click("button", name)


async def token_header(base: str) -> dict[str, str]:
    """Return the header with the page's token, which its requests need."""
    async with aiohttp.ClientSession() as http, http.get(f"{base}/") as response:
        results = re.search(r'name="playground-token" content="([\w-]{40,})"', await response.text())
    assert results
    return {"X-Playground-Token": results[1]}
