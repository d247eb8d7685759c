"""One request, handed to several processes at once."""

import asyncio


def to_all(apps):
    """Return an application that hands each request to several at once, and gives the answer of the first."""

    async def application(scope, receive, send):
        body = (await receive())["body"]

        async def again():
            return {"type": "http.request", "body": body, "more_body": False}

        async def nowhere(message):
            pass

        sends = (send, *[nowhere] * (len(apps) - 1))
        await asyncio.gather(*(app(dict(scope), again, each) for app, each in zip(apps, sends, strict=True)))

    return application
