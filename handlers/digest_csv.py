"""The figures of a digest as CSV, in its thread."""

from bot.bot import Bot
from bot.commands import Interaction, action, parse_id
from bot.digests.ownership import subscriptions_of
from bot.language.tokens import LARGEST_ROW_ID
from bot.reply import DoesNotExist, Reply, Text


@action("digest.csv", role="")
async def request_csv(bot: Bot, interaction: Interaction) -> Reply:
    delivery_id = parse_id(interaction.value, LARGEST_ROW_ID)
    match await subscriptions_of(bot).request_file(delivery_id, interaction.channel):
        case "accepted":
            return Reply(
                ("The CSV is on its way into the thread of this digest.",),
                (Text(("With many rows that takes up to a minute.",)),),
                keeps_original=True,
            )
        case "under way":
            return Reply(("This digest or its CSV is still on its way.",), keeps_original=True)
        case "sent":
            return Reply(("The CSV is already in the thread of this digest.",), keeps_original=True)
    raise DoesNotExist(
        "I no longer have the figures of this digest.",
        "I keep them for 100 days, until the digest is deleted or its topic changed.",
    )
