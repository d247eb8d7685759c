"""Buttons, menus and modals, as a person uses them and Slack tells the bot."""

import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from bot.standin.slack import bodies, controls
from bot.standin.slack.blockkit import view_problems
from bot.standin.slack.delivery import Exchange
from bot.standin.slack.message import Message
from bot.standin.slack.seen import Seen
from bot.standin.slack.views import View

if TYPE_CHECKING:
    from bot.standin.slack.workspace import Workspace

# what Slack says in the modal, and next to a button
MODAL_TROUBLE = "We had some trouble connecting. Try again?"
PRESS_TROUBLE = "This app didn't respond. Try again."


class Forms:
    """Presses, choices and submissions."""

    def __init__(self, workspace: "Workspace") -> None:
        self.workspace = workspace

    def find(self, where: str | Message | View, user: str) -> Message | View:
        """Find the message by its ts or the view by its id; raises LookupError for what isn't visible."""
        if not isinstance(where, str):
            return where
        view = self.workspace.views.find(where)
        if view is not None and view.user == user:
            return view
        message = self.workspace.history.find(None, where)
        if message is None or message.ephemeral_to not in (None, user):
            raise LookupError(f"{user} sees nothing called {where}")
        if user not in self.workspace.channels[message.channel].members:
            raise LookupError(f"{user} is not in {message.channel}")
        return message

    async def press(
        self,
        where: str | Message | View,
        action_id: str,
        user: str,
        value: Any,
        block_id: str | None,
        wait: float,
    ) -> Seen:
        """Send block_actions."""
        place = self.find(where, user)
        block, element = controls.find(place.blocks, action_id, block_id)
        if element["type"] not in ("button", "overflow"):
            place.chosen.setdefault(block, {})[action_id] = controls.state(element, value)
        workspace = self.workspace
        mark = workspace.watch.mark(user)
        action = controls.action(block, element, value, workspace.history.next_ts())
        person = workspace.people[user]
        hook = None
        if isinstance(place, View):
            trigger = workspace.triggers.trigger(user, view=place.id)
            body = bodies.pressed_in_view(person, place, action, trigger.id)
        else:
            trigger = workspace.triggers.trigger(user)
            hook = workspace.triggers.hook(place.channel, user, message=place, started=time.perf_counter())
            channel = workspace.channels[place.channel]
            url = f"{workspace.url}/hooks/actions/{hook.id}"
            body = bodies.pressed_in_message(person, channel, place, action, trigger.id, url)
        exchange = await workspace.delivery.interaction(body)
        opens_link = "url" in element or exchange.failure is not None
        seen = await workspace.watch.wait(mark, 0 if opens_link else wait, exchange, hook)
        seen.trouble = PRESS_TROUBLE if exchange.failure else ""
        return seen

    async def shortcut(self, where: str | Message, callback_id: str, user: str, wait: float) -> Seen:
        """Send message_action."""
        message = self.find(where, user)
        if not isinstance(message, Message) or message.is_ephemeral:
            raise LookupError("shortcuts are for messages that everybody sees")
        workspace = self.workspace
        mark = workspace.watch.mark(user)
        trigger = workspace.triggers.trigger(user)
        hook = workspace.triggers.hook(message.channel, user, started=time.perf_counter())
        channel, url = workspace.channels[message.channel], f"{workspace.url}/hooks/actions/{hook.id}"
        exchange = await workspace.delivery.interaction(
            bodies.shortcut(workspace.people[user], channel, message, callback_id, trigger.id, url)
        )
        seen = await workspace.watch.wait(mark, 0 if exchange.failure else wait, exchange, hook)
        seen.trouble = PRESS_TROUBLE if exchange.failure else ""
        return seen

    def fill(self, view: View, values: dict[str, Any]) -> None:
        """Enter values into a view, each by action_id or block_id."""
        for block, element in controls.elements(view.blocks):
            held = view.chosen.setdefault(block, {})
            if element["type"] in ("button", "overflow", "image"):
                continue
            held.setdefault(element["action_id"], controls.initial(element))
            for name in (element["action_id"], block):
                if name in values:
                    held[element["action_id"]] = controls.state(element, values[name])
        view.chosen = {block: held for block, held in view.chosen.items() if held}

    async def submit(self, values: dict[str, Any], user: str, view_id: str | None, wait: float) -> Seen:
        """Send view_submission and do what the bot answers."""
        workspace = self.workspace
        view = workspace.views.find(view_id) if view_id else workspace.views.top(user)
        if view is None or view.user != user:
            raise LookupError(f"{user} has no such view open")
        self.fill(view, values)
        mark = workspace.watch.mark(user)
        view.errors, view.trouble = controls.required(view.blocks, view.chosen), ""
        if view.errors:
            workspace.history.touch()
            return workspace.watch.seen(mark)
        trigger = workspace.triggers.trigger(user, view=view.id)
        exchange = await workspace.delivery.interaction(
            bodies.submitted(workspace.people[user], view, trigger.id)
        )
        self._take(view, exchange)
        workspace.history.touch()
        # the closed modal is no news: what may follow it is
        mark = replace(mark, views=[one.hash for one in workspace.views.stack(user)])
        return await workspace.watch.wait(mark, 0 if workspace.views.find(view.id) else wait, exchange)

    def _take(self, view: View, exchange: Exchange) -> None:
        """Do as `response_action` says: https://docs.slack.dev/surfaces/modals#response_actions."""
        stack = self.workspace.views.stack(view.user)
        body = exchange.answer or {}
        if exchange.failure or not isinstance(body, dict):
            view.trouble, exchange.note = MODAL_TROUBLE, exchange.note or "not an answer to a submission"
            return
        match body.get("response_action"):
            case None:
                if view in stack:
                    stack.remove(view)
            case "clear":
                stack.clear()
            case "errors":
                inputs = {block["block_id"] for block in view.blocks if block.get("type") == "input"}
                view.errors = {block: str(text) for block, text in (body.get("errors") or {}).items()}
                if not view.errors or view.errors.keys() - inputs:
                    view.trouble, exchange.note = MODAL_TROUBLE, "errors name no input block"
            case "update" | "push" as action:
                self._show(view, body.get("view"), action, exchange)
            case other:
                view.trouble, exchange.note = MODAL_TROUBLE, f"unknown response_action {other}"

    def _show(self, view: View, definition: Any, action: str, exchange: Exchange) -> None:
        problems = view_problems(definition, self.workspace.refuse)
        if problems:
            view.trouble, exchange.note = MODAL_TROUBLE, "dropped: " + "; ".join(problems)
        elif action == "update":
            view.redefine(definition)
        elif self.workspace.views.push(view.user, definition) is None:
            view.trouble, exchange.note = MODAL_TROUBLE, "dropped: push_limit_reached"

    async def close(self, user: str, everything: bool) -> Seen:
        """Close the modal on top; the bot hears of it when it asked to."""
        workspace = self.workspace
        stack = workspace.views.stack(user)
        gone = [stack.pop() for _ in range(len(stack) if everything else min(1, len(stack)))]
        mark = workspace.watch.mark(user)
        workspace.history.touch()
        exchange = None
        for view in gone:
            if view.definition.get("notify_on_close"):
                body = bodies.closed(workspace.people[user], view, everything)
                exchange = await workspace.delivery.interaction(body)
        return workspace.watch.seen(mark, exchange)

    async def suggest(
        self, where: str | Message | View, action_id: str, query: str, user: str
    ) -> list[dict[str, Any]]:
        """Send block_suggestion; nothing comes back when the answer is late or refused."""
        place = self.find(where, user)
        block, _ = controls.find(place.blocks, action_id)
        channel = None if isinstance(place, View) else self.workspace.channels[place.channel]
        body = bodies.suggestion(self.workspace.people[user], block, action_id, query, place, channel)
        exchange = await self.workspace.delivery.interaction(body)
        answer = exchange.answer if isinstance(exchange.answer, dict) else {}
        problems = [] if exchange.failure else controls.suggestion_problems(answer)
        if exchange.failure or problems:
            exchange.note = exchange.note or "dropped: " + "; ".join(problems)
            return []
        return list(answer.get("options") or answer.get("option_groups") or [])
