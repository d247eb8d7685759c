"""A stand-in for Figshare with a sample catalogue: the server the playground and the tests ask."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.routing import Mount
from starlette.types import Receive, Scope, Send

from .account import Account
from .accounts import Holder, holders
from .counts import Counts
from .faults import Faults, happen, lose
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
            if fault and fault.kind == "lost":
                return await lose(super().__call__, fault, scope, receive, send)
            if fault and await happen(fault, receive, send):
                return
        await super().__call__(scope, receive, send)


def figshare(
    library: Library | None = None,
    *,
    now: Callable[[], datetime] = _now,
    tokens: Mapping[str, Holder] | None = None,
) -> Starlette:
    """Make the stand-in: REST and OAI-PMH below /v2, statistics below /stats, ResourceSync at the root.

    `app.state.faults` makes answers go wrong, `app.state.requests` lists (method, path with query) of all
    that was asked, `app.state.window` says how far lists may be read, `app.state.library` is what it holds,
    `app.state.tokens` says whose each token is, `app.state.holders` who has an account (an administrator may
    act for them), `app.state.drafts` is what they wrote.
    """
    library = library or Library.load(now())
    counts = Counts(library, now)
    catalogue = Catalogue(library, counts)
    account = Account(library, now)
    app = Standin(
        routes=[
            Mount("/v2", routes=[*Rest(catalogue).routes(), *account.routes(), *Oai(library, now).routes()]),
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
    app.state.holders = holders()
    app.state.tokens = (
        dict(tokens) if tokens is not None else {h.token: h for h in app.state.holders if h.token}
    )
    app.state.drafts = account.drafts
    return app
