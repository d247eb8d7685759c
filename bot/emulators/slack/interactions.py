"""Buttons, menus and modals, as a person uses them and Slack sends them to the bot."""

import time
from dataclasses import replace
from typing import Any

from bot.emulators.slack import controls, payloads
from bot.emulators.slack.delivery import Exchange, RequestDelivery
from bot.emulators.slack.message import PostedMessage
from bot.emulators.slack.observer import Observation, Observer
from bot.emulators.slack.state import WorkspaceState
from bot.emulators.slack.triggers import ResponseUrl
from bot.emulators.slack.validation import suggestion_problems, view_problems
from bot.emulators.slack.views import OpenView

# what Slack shows in the modal, and next to a button
MODAL_PROBLEM = "We had some trouble connecting. Try again?"
PRESS_PROBLEM = "This app didn't respond. Try again."


class Interactions:
    """Presses, choices and submissions."""

    def __init__(self, state: WorkspaceState, delivery: RequestDelivery, observer: Observer) -> None:
        self.state, self.delivery, self.observer = state, delivery, observer

    def find(self, where: str | PostedMessage | OpenView, user: str) -> PostedMessage | OpenView:
        """Return the message with a ts or the view with an id; raises LookupError for what is not visible."""
        if not isinstance(where, str):
            return where
        view = self.state.views.find(where)
        if view is not None and view.user == user:
            return view
        message = self.state.history.find(None, where)
        if message is None or message.ephemeral_to not in (None, user):
            raise LookupError(f"{user} sees nothing called {where}")
        if user not in self.state.channels[message.channel].members:
            raise LookupError(f"{user} is not in {message.channel}")
        return message

    async def press(
        self,
        where: str | PostedMessage | OpenView,
        action_id: str,
        user: str,
        value: Any,
        block_id: str | None,
        wait: float,
    ) -> Observation:
        """Send block_actions, and return what the person sees then."""
        place = self.find(where, user)
        block_id, element = controls.find_element(place.blocks, action_id, block_id)
        if element["type"] != "button":
            place.chosen.setdefault(block_id, {})[action_id] = controls.element_state(element, value)
        before = self.observer.snapshot(user)
        action = controls.action_payload(block_id, element, value, self.state.history.next_ts())
        person = self.state.people[user]
        trigger = self.state.triggers.new_trigger(user)
        url = None
        if isinstance(place, OpenView):
            body = payloads.press_in_view(person, place, action, trigger.id)
        else:
            url = self._response_url(place.channel, user, place)
            channel = self.state.channels[place.channel]
            body = payloads.press_in_message(person, channel, place, action, trigger.id, self._address(url))
        exchange = await self.delivery.post_interaction(body)
        opens_link = "url" in element
        seen = await self.observer.wait(before, 0 if opens_link or exchange.failure else wait, exchange, url)
        seen.problem = PRESS_PROBLEM if exchange.failure else ""
        return seen

    async def shortcut(
        self, where: str | PostedMessage, callback_id: str, user: str, wait: float
    ) -> Observation:
        """Send message_action, and return what the person sees then."""
        message = self.find(where, user)
        if not isinstance(message, PostedMessage) or message.is_ephemeral:
            raise LookupError("shortcuts are for messages that everybody sees")
        before = self.observer.snapshot(user)
        trigger = self.state.triggers.new_trigger(user)
        url = self._response_url(message.channel, user)
        person, channel = self.state.people[user], self.state.channels[message.channel]
        exchange = await self.delivery.post_interaction(
            payloads.message_shortcut(person, channel, message, callback_id, trigger.id, self._address(url))
        )
        seen = await self.observer.wait(before, 0 if exchange.failure else wait, exchange, url)
        seen.problem = PRESS_PROBLEM if exchange.failure else ""
        return seen

    async def submit(
        self, values: dict[str, Any], user: str, view_id: str | None, wait: float
    ) -> Observation:
        """Send view_submission and do what the bot answers."""
        view = self.state.views.find(view_id) if view_id else self.state.views.top(user)
        if view is None or view.user != user:
            raise LookupError(f"{user} has no such view open")
        fill_view(view, values)
        before = self.observer.snapshot(user)
        view.errors, view.problem = controls.missing_inputs(view.blocks, view.chosen), ""
        if view.errors:
            self.state.history.touch()
            return self.observer.observe(before)
        trigger = self.state.triggers.new_trigger(user)
        exchange = await self.delivery.post_interaction(
            payloads.view_submission(self.state.people[user], view, trigger.id)
        )
        self._apply_answer(view, exchange)
        self.state.history.touch()
        # The modal was closed or changed by the answer itself; only what follows counts.
        before = replace(before, views=self.observer.snapshot(user).views)
        return await self.observer.wait(before, 0 if self.state.views.find(view.id) else wait, exchange)

    def _apply_answer(self, view: OpenView, exchange: Exchange) -> None:
        """Do as `response_action` says: https://docs.slack.dev/surfaces/modals#response_actions."""
        stack = self.state.views.stack(view.user)
        body = exchange.answer or {}
        if exchange.failure or not isinstance(body, dict):
            view.problem, exchange.note = MODAL_PROBLEM, exchange.note or "not an answer to a submission"
            return
        match body.get("response_action"):
            case None:
                if view in stack:
                    stack.remove(view)
            case "clear":
                stack.clear()
            case "errors":
                inputs = {block["block_id"] for block in view.blocks if block.get("type") == "input"}
                view.errors = {block_id: str(text) for block_id, text in (body.get("errors") or {}).items()}
                if not view.errors or view.errors.keys() - inputs:
                    view.problem, exchange.note = MODAL_PROBLEM, "errors name no input block"
            case "update":
                problems = view_problems(body.get("view"), self.state.refused_types)
                if problems:
                    view.problem, exchange.note = MODAL_PROBLEM, "dropped: " + "; ".join(problems)
                else:
                    view.redefine(body["view"])
            case other:
                view.problem, exchange.note = MODAL_PROBLEM, f"unknown response_action {other}"

    def close(self, user: str) -> Observation:
        """Close the modal on top."""
        before = self.observer.snapshot(user)
        del self.state.views.stack(user)[-1:]
        self.state.history.touch()
        return self.observer.observe(before)

    async def suggest(
        self, where: str | PostedMessage | OpenView, action_id: str, query: str, user: str
    ) -> list[dict[str, Any]]:
        """Send block_suggestion, and return the options; none when the answer is late or refused."""
        place = self.find(where, user)
        block_id, _ = controls.find_element(place.blocks, action_id)
        channel = None if isinstance(place, OpenView) else self.state.channels[place.channel]
        body = payloads.block_suggestion(self.state.people[user], block_id, action_id, query, place, channel)
        exchange = await self.delivery.post_interaction(body)
        answer = exchange.answer if isinstance(exchange.answer, dict) else {}
        problems = [] if exchange.failure else suggestion_problems(answer)
        if exchange.failure or problems:
            exchange.note = exchange.note or "dropped: " + "; ".join(problems)
            return []
        return list(answer["options"])

    def _response_url(self, channel: str, user: str, message: PostedMessage | None = None) -> ResponseUrl:
        return self.state.triggers.new_response_url(
            channel, user, message=message, started=time.perf_counter()
        )

    def _address(self, url: ResponseUrl) -> str:
        return f"{self.state.url}/hooks/actions/{url.id}"


def fill_view(view: OpenView, values: dict[str, Any]) -> None:
    """Enter values into a view, each by action_id or block_id."""
    for block_id, element in controls.interactive_elements(view.blocks):
        if element["type"] == "button":
            continue
        states = view.chosen.setdefault(block_id, {})
        states.setdefault(element["action_id"], controls.initial_state(element))
        for name in (element["action_id"], block_id):
            if name in values:
                states[element["action_id"]] = controls.element_state(element, values[name])
