"""How Figshare answers and refuses: JSON of the API, HTML of the server before it."""

from collections.abc import Mapping
from typing import Any

import orjson
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

NGINX = {"Server": "nginx"}


class ErrorResponse(Exception):
    """Raised when Figshare answers with an error: a status and the body that goes with it."""

    def __init__(self, status: int, body: Mapping[str, Any]) -> None:
        super().__init__(f"{status} {body}")
        self.status = status
        self.body = body

    @classmethod
    def not_found(cls, entity: str = "ArticleVersion") -> "ErrorResponse":
        return cls(404, {"message": f"Entity not found: {entity}", "code": "EntityNotFound"})

    @classmethod
    def bad_request(cls, message: str) -> "ErrorResponse":
        return cls(400, {"message": message, "code": "BadRequest"})

    @classmethod
    def unprocessable(cls, message: str) -> "ErrorResponse":
        return cls(422, {"message": message, "code": "UnprocessableEntity", "data": None})

    @classmethod
    def forbidden(cls, message: str) -> "ErrorResponse":
        return cls(403, {"message": message, "code": "Forbidden"})


def json_response(body: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    content = orjson.dumps(body, option=orjson.OPT_NON_STR_KEYS)
    return Response(content, status, {**NGINX, **(headers or {})}, media_type="application/json")


async def on_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, ErrorResponse)
    return json_response(error.body, error.status)


async def on_unknown_route(request: Request, error: Exception) -> Response:
    """Answer an unknown path, or a known one with the wrong method, with Pyramid's HTML."""
    assert isinstance(error, HTTPException)
    if error.status_code == 405:
        return html_not_found("predicate mismatch for view ArticlesView (request_method = GET,HEAD)")
    return html_not_found()


def html_not_found(reason: str = "") -> Response:
    page = (
        "<html>\n <head>\n  <title>404 Not Found</title>\n </head>\n <body>\n  <h1>404 Not Found</h1>\n"
        f"  The resource could not be found.<br/><br/>\n{reason}\n\n\n </body>\n</html>"
    )
    return HTMLResponse(page, 404, NGINX)
