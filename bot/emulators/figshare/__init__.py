"""A Figshare on loopback with a sample catalogue: the server that the playground and the tests ask."""

from collections.abc import Callable
from datetime import UTC, datetime

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.routing import Mount
from starlette.types import Receive, Scope, Send

from bot.emulators.figshare.faults import Faults, apply_fault, apply_without_answer

from .accounts import sample_holders
from .catalogue import Catalogue
from .counts import DailyCounts
from .library import Library
from .oai import OaiApi
from .private_api import PrivateApi
from .public_api import PublicApi
from .resourcesync import ResourceSyncApi
from .responses import ErrorResponse, on_error, on_unknown_route
from .stats import StatsApi

__all__ = ["Library", "figshare_emulator"]

# A playground may run for weeks.
MAX_REQUESTS = 10_000


class FigshareEmulator(Starlette):
    """Records each request, and applies the faults, before anything else sees it."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope["app"] = self
        if scope["type"] == "http":
            query = scope["query_string"].decode("latin-1")
            self.state.requests.append((scope["method"], scope["path"] + (f"?{query}" if query else "")))
            del self.state.requests[:-MAX_REQUESTS]
            if self.state.library.upcoming:
                self.state.library.publish(self.state.now())
            fault = self.state.faults.next(scope["method"], scope["path"])
            if fault and fault.kind == "lost":
                return await apply_without_answer(super().__call__, fault, scope, receive, send)
            if fault and await apply_fault(fault, receive, send):
                return
        await super().__call__(scope, receive, send)


def _now() -> datetime:
    return datetime.now(UTC)


def figshare_emulator(library: Library | None = None, *, now: Callable[[], datetime] = _now) -> Starlette:
    """Return the application: REST and OAI-PMH below /v2, statistics below /stats, ResourceSync at the root.

    `app.state.faults` makes answers go wrong, `app.state.requests` has (method, path with query) of all
    requests, `app.state.library` is the catalogue, `app.state.tokens` leads from a token to its account,
    `app.state.holders` has all accounts (an administrator may act for them), `app.state.drafts` has what they
    wrote.
    """
    library = library or Library.load(now())
    counts = DailyCounts(library, now)
    private_api = PrivateApi(library, now)
    public_api = PublicApi(Catalogue(library, counts))
    app = FigshareEmulator(
        routes=[
            Mount(
                "/v2", routes=[*public_api.routes(), *private_api.routes(), *OaiApi(library, now).routes()]
            ),
            *ResourceSyncApi(library, now).routes(),
            Mount("/stats", routes=StatsApi(library, counts).routes()),
        ],
        exception_handlers={ErrorResponse: on_error, HTTPException: on_unknown_route},
    )
    app.router.redirect_slashes = False
    app.state.faults = Faults()
    app.state.requests = []
    app.state.library, app.state.now = library, now
    app.state.holders = sample_holders()
    app.state.tokens = {holder.token: holder for holder in app.state.holders if holder.token}
    app.state.drafts = private_api.drafts
    return app
