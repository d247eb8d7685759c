"""Messages of the bot, and presses that Slack would not show a button for."""

from bot.emulators.slack import payloads
from bot.emulators.slack.message import PostedMessage
from bot.emulators.slack.people import BOT_USER_ID
from bot.render import blocks
from bot.reply import Reply


def public_message(slack_client, channel, button=None):
    """Put an answer of the bot before everybody's eyes, as they stood there before and still do."""
    payload = blocks.message(Reply(("Everybody reads this.",), buttons=(button,) if button else ()))
    history = slack_client.slack.history
    return history.add(
        PostedMessage(channel, history.next_ts(), BOT_USER_ID, payload["text"], payload["blocks"])
    )


async def press_forged(slack_client, message, action_id, value, user):
    """Press a button that need not be on the message, with any value."""
    hook = slack_client.slack.triggers.new_response_url(message.channel, user, message=message)
    body = payloads.press_in_message(
        slack_client.slack.people[user],
        slack_client.slack.channels[message.channel],
        message,
        {"type": "button", "block_id": "b", "action_id": action_id, "value": value},
        slack_client.slack.triggers.new_trigger(user).id,
        f"{slack_client.slack.url}/hooks/actions/{hook.id}",
    )
    mark = slack_client.slack.observer.snapshot(user)
    exchange = await slack_client.slack.delivery.post_interaction(body)
    assert exchange.status == 200
    return await slack_client.slack.observer.wait(mark, 3.0, exchange, hook)
