"""What a browser knows of the page of the playground."""

import re

import aiohttp


async def token_header(base: str) -> dict[str, str]:
    """Return the header that the page sends, as it was given it."""
    async with aiohttp.ClientSession() as http, http.get(f"{base}/") as response:
        results = re.search(r'name="playground-token" content="([\w-]{40,})"', await response.text())
    assert results
    return {"X-Playground-Token": results[1]}
