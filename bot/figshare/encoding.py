"""Unpacks what Figshare sends compressed, bounded while it is unpacked."""

import zlib
from collections.abc import AsyncIterator

import httpx

from bot.figshare.errors import InvalidResponse

# What is asked for; whoever answers in another encoding is not understood.
ACCEPTED = "gzip"
_PACKED = frozenset({"gzip", "x-gzip", "deflate"})
# zlib finds out whether it is gzip or deflate: https://zlib.net/manual.html#Advanced
_EITHER = zlib.MAX_WBITS | 32


async def unpacked(response: httpx.Response, limit: int) -> AsyncIterator[bytes]:
    """Give the body piece by piece; raises Unreadable after `limit` bytes, or for more than one encoding.

    httpx would unpack a whole chunk at once, through as many encodings as the answer names.
    """
    named = response.headers.get_list("content-encoding", split_commas=True)
    encodings = [each for each in map(str.lower, named) if each not in ("", "identity")]
    if len(encodings) > 1 or not _PACKED.issuperset(encodings):
        raise InvalidResponse(f"packed as {', '.join(encodings)[:100]}")
    unpack = zlib.decompressobj(_EITHER) if encodings else None
    left, began = limit, False
    async for chunk in response.aiter_raw():
        try:
            # One byte more than allowed is enough to know.
            piece = unpack.decompress(chunk, left + 1) if unpack else chunk
        except zlib.error as error:
            raise InvalidResponse(f"not {encodings[0]}: {error}") from error
        left, began = left - len(piece), True
        if left < 0:
            raise InvalidResponse(f"more than {limit:,} bytes")
        yield piece
    if unpack and began and not unpack.eof:
        raise InvalidResponse("cut off")
