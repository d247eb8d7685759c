"""Messages of the bot, and presses of buttons that those messages do not have."""

from bot.emulators.slack import payloads
from bot.emulators.slack.message import PostedMessage
from bot.emulators.slack.people import BOT_USER_ID
from bot.render import blocks
from bot.reply import Reply


def public_message(slack_client, channel, button=None):
    """Post a message of the bot for everybody in a channel."""
    payload = blocks.message_payload(Reply(("Everybody reads this.",), buttons=(button,) if button else ()))
    history = slack_client.slack.history
    return history.add(
        PostedMessage(channel, history.next_ts(), BOT_USER_ID, payload["text"], payload["blocks"])
    )


async def press_forged(slack_client, message, action_id, value, user, wait=3.0):
    """Press a button that need not be on the message, with any value, and return what the person sees."""
    slack = slack_client.slack
    response_url = slack.triggers.new_response_url(message.channel, user, message=message)
    address = f"{slack.url}/hooks/actions/{response_url.id}"
    return await _press(slack, message, action_id, value, user, address, response_url, wait)


async def press_without_url(slack_client, message, action_id, user, value=None):
    """Press a button as Slack reports a press without a response_url, and return what the person sees."""
    if value is None:
        elements = [each for block in message.blocks for each in block.get("elements", ())]
        value = next(each["value"] for each in elements if each.get("action_id") == action_id)
    return await _press(slack_client.slack, message, action_id, value, user, "", None)


async def _press(slack, message, action_id, value, user, address, response_url, wait=3.0):
    body = payloads.press_in_message(
        slack.people[user],
        slack.channels[message.channel],
        message,
        {"type": "button", "block_id": "b", "action_id": action_id, "value": value},
        slack.triggers.new_trigger(user).id,
        address,
    )
    if not address:
        del body["response_url"]
    snapshot = slack.observer.snapshot(user)
    exchange = await slack.delivery.post_interaction(body)
    assert exchange.status == 200
    return await slack.observer.wait(snapshot, wait, exchange, response_url)
