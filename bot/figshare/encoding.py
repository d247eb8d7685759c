"""Decompresses responses piece by piece, so that a small body never becomes a huge one in memory."""

import zlib
from collections.abc import AsyncIterator

import httpx

from bot.figshare.errors import InvalidResponse

# The encoding that requests ask for. Responses in one of the following are understood, all others rejected.
ACCEPT_ENCODING = "gzip"
_COMPRESSED = frozenset({"gzip", "x-gzip", "deflate"})
# zlib then detects which of the two it is: https://zlib.net/manual.html#Advanced
_GZIP_OR_ZLIB = zlib.MAX_WBITS | 32


async def decompressed(response: httpx.Response, max_bytes: int) -> AsyncIterator[bytes]:
    """Return the body piece by piece; raises InvalidResponse after `max_bytes`, or for a second encoding.

    httpx would decompress a whole chunk at once, through as many encodings as the response names.
    """
    names = response.headers.get_list("content-encoding", split_commas=True)
    encodings = [name for name in map(str.lower, names) if name not in ("", "identity")]
    if len(encodings) > 1 or not _COMPRESSED.issuperset(encodings):
        raise InvalidResponse(f"packed as {', '.join(encodings)[:100]}")
    decompressor = zlib.decompressobj(_GZIP_OR_ZLIB) if encodings else None
    remaining, has_begun = max_bytes, False
    async for chunk in response.aiter_raw():
        try:
            # One byte more than allowed is enough to know that it is too large.
            piece = decompressor.decompress(chunk, remaining + 1) if decompressor else chunk
        except zlib.error as error:
            raise InvalidResponse(f"not {encodings[0]}: {error}") from error
        remaining, has_begun = remaining - len(piece), True
        if remaining < 0:
            raise InvalidResponse(f"more than {max_bytes:,} bytes")
        yield piece
    if decompressor and has_begun and not decompressor.eof:
        raise InvalidResponse("cut off")
