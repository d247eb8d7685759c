"""What a browser reads from the page of the playground."""

import re

import aiohttp


async def token_header(base: str) -> dict[str, str]:
    """Return the header with the page's token, which its requests need."""
    async with aiohttp.ClientSession() as http, http.get(f"{base}/") as response:
        results = re.search(r'name="playground-token" content="([\w-]{40,})"', await response.text())
    assert results
    return {"X-Playground-Token": results[1]}
