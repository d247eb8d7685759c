"""The servers that are compared: `servers.py NAME PORT`.

floor is the least that answers; hello and hello-default are Bolt as its documentation shows it.
"""

import json
import os
import sys
from collections.abc import Awaitable, Callable
from typing import Any

import uvicorn
import uvloop
from slack_bolt.adapter.asgi.async_handler import AsyncSlackRequestHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

BLOCKS: list[dict[str, Any]] = [
    {
        "type": "section",
        "block_id": f"b{number}",
        "text": {"type": "mrkdwn", "text": f"*{number}.* " + "What people ask about a repository. " * 5},
    }
    for number in range(1, 7)
]


def floor() -> Any:
    body = json.dumps({"blocks": BLOCKS}).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]

    async def app(scope: Any, receive: Callable[[], Awaitable[Any]], send: Callable[..., Any]) -> None:
        await receive()
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    return app


def bolt(process_before_response: bool) -> Any:
    client = AsyncWebClient(os.environ.pop("SLACK_BOT_TOKEN"), base_url=os.environ["SLACK_API_URL"])
    app = AsyncApp(
        client=client,
        signing_secret=os.environ["SLACK_SIGNING_SECRET"],
        process_before_response=process_before_response,
    )

    @app.command("/figshare")
    async def hello(ack: Callable[..., Awaitable[Any]]) -> None:
        await ack(blocks=BLOCKS)

    return AsyncSlackRequestHandler(app)


def main(name: str, port: int) -> None:
    app = {
        "floor": floor,
        "hello": lambda: bolt(process_before_response=True),
        "hello-default": lambda: bolt(process_before_response=False),
    }[name]

    async def serve() -> None:
        # as bot/cli/serve.py does it
        config = uvicorn.Config(
            app(),
            host="127.0.0.1",
            port=port,
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
        )
        await uvicorn.Server(config).serve()

    uvloop.run(serve())


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
