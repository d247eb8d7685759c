"""A stand-in for Figshare with a sample catalogue: the server the playground and the tests ask."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.routing import Mount
from starlette.types import Receive, Scope, Send

from .counts import Counts
from .faults import Faults, happen
from .finding import Catalogue
from .library import Library
from .oai import Oai
from .paging import Refusal, Window, not_routed, refused
from .resourcesync import ResourceSync
from .rest import Rest
from .stats import Stats

__all__ = ["Library", "figshare"]


MEMORY = 10_000


def _now() -> datetime:
    return datetime.now(UTC)


class Standin(Starlette):
    """Counts what it is asked, and lets faults happen, before anything else sees the request."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope["app"] = self
        if scope["type"] == "http":
            query = scope["query_string"].decode("latin-1")
            asked = scope["path"] + (f"?{query}" if query else "")
            self.state.requests.append((scope["method"], asked))
            # a playground may run for weeks
            del self.state.requests[:-MEMORY]
            fault = self.state.faults.next(scope["method"], scope["path"])
            if fault and await happen(fault, receive, send):
                return
        await super().__call__(scope, receive, send)


def figshare(library: Library | None = None, *, now: Callable[[], datetime] = _now) -> Starlette:
    """Make the stand-in: REST and OAI-PMH below /v2, statistics below /stats, ResourceSync at the root.

    `app.state.faults` makes answers go wrong, `app.state.requests` lists (method, path with query) of all
    that was asked, `app.state.window` says how far lists may be read, `app.state.library` is what it holds.
    """
    library = library or Library.load(now())
    counts = Counts(library, now)
    catalogue = Catalogue(library, counts)
    app = Standin(
        routes=[
            Mount("/v2", routes=[*Rest(catalogue).routes(), *Oai(library, now).routes()]),
            *ResourceSync(library, now).routes(),
            Mount("/stats", routes=Stats(library, counts).routes()),
        ],
        exception_handlers={Refusal: refused, HTTPException: not_routed},
    )
    app.router.redirect_slashes = False
    app.state.faults = Faults()
    app.state.requests = []
    app.state.window = Window()
    app.state.library = library
    return app
