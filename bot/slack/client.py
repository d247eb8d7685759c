"""Slack's Web API: whatever comes instead of an answer of Slack's ends as an error of the client."""

from typing import Any, TypeVar

import aiohttp
import msgspec
from slack_sdk.errors import SlackApiError, SlackClientError, SlackRequestError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

T = TypeVar("T")

# All that a call raises; a timeout is an OSError.
TROUBLE = (SlackClientError, aiohttp.ClientError, OSError)


class Identified(msgspec.Struct):
    """A thing of Slack's, of which we need the id."""

    id: str


class ToldView(msgspec.Struct):
    """What `views.open` answers."""

    view: Identified


class ToldChannel(msgspec.Struct):
    """What `conversations.open` answers."""

    channel: Identified


class NotAnAnswer(SlackClientError):
    """Raised when something else comes than Slack answers."""


class Client(AsyncWebClient):
    """The client of slack_sdk, whose errors for odd answers have many types and shapes."""

    async def api_call(self, api_method: str, **how: Any) -> AsyncSlackResponse:
        """Call a method; raises SlackApiError with an object for its data, or another of TROUBLE."""
        given = how.get("params") or how.get("json") or {}
        if any("\0" in value for value in given.values() if isinstance(value, str)):
            # such as an id that nobody of Slack's has
            raise SlackRequestError(f"{api_method}: NUL in an argument")
        try:
            return await super().api_call(api_method, **how)
        except SlackApiError as error:
            error.response = self._refusal(error.response)
            raise
        except TROUBLE:
            raise
        except (ValueError, TypeError, LookupError, AttributeError, RecursionError) as error:
            raise NotAnAnswer(f"{api_method}: {type(error).__name__}") from error

    def _refusal(self, given: Any) -> AsyncSlackResponse:
        # For what is no JSON the response is aiohttp's, which has neither `data` nor `status_code`.
        data = getattr(given, "data", None)
        word = data.get("error") if isinstance(data, dict) else None
        status = getattr(given, "status_code", None) or getattr(given, "status", None) or 0
        return AsyncSlackResponse(
            client=self,
            http_verb="POST",
            api_url="",
            req_args={},
            data={"ok": False, "error": word if isinstance(word, str) else ""},
            headers=given.headers,
            status_code=status,
        )


def read(answer: AsyncSlackResponse, kind: type[T]) -> T:
    """Return an answer as what it should be; raises NotAnAnswer."""
    try:
        return msgspec.convert(answer.data, kind)
    except (msgspec.ValidationError, RecursionError) as error:
        raise NotAnAnswer(str(error)) from None
