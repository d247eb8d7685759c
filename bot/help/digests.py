"""What can be typed after `subscribe`, and what a digest brings."""

from bot.help.topic import Row, Section, Topic

DIGESTS = Topic(
    name="digests",
    title="How to get numbers automatically",
    summary="what can be subscribed, and when it comes",
    intro="`subscribe` alone opens a form. In words, say what first and when after it; without a time it is "
    "every Monday at 09:00 in your time zone. The digest comes to the channel or conversation where you "
    "subscribed.",
    frame="subscribe 5616445 {}",
    synonyms=("schedule", "schedules", "cron", "digest", "subscription", "automatic"),
    sections=(
        Section(
            "What",
            (
                Row("subscribe 5616445 11820345", "the counts of items; up to 200 references of any kind"),
                Row(
                    "subscribe author 2041117 monthly",
                    "also an author, a collection, a project or a group",
                ),
                Row("subscribe search title:frog", "what is new for a search"),
                Row("subscribe ours weekly", "your own repository, where it is set up"),
            ),
        ),
        Section(
            "When",
            (
                Row(
                    "subscribe 5616445 weekly on monday at 09:00",
                    "`daily`, `weekdays`, `weekly`, `every 2 weeks`, `monthly`, `quarterly` or `yearly`",
                ),
                Row("subscribe 5616445 on monday and thursday at 9am", "several days"),
                Row("subscribe 5616445 monthly on 15", "a day of the month; `on last` is its last day"),
                Row("subscribe 5616445 daily at 17:30 Europe/London", "by the clock of another place"),
                Row("subscribe 5616445 daily skip empty", "nothing is sent when nothing happened"),
                Row('subscribe 5616445 cron "0 9 * * 1-5"', "anything else, as a cron expression"),
            ),
        ),
        Section(
            "Afterwards",
            (
                Row("subscriptions", "the digests of this channel, with their numbers"),
                Row("send 1", "one now, marked as a test"),
                Row("change 1 at 10:00", "another time, and the rest as it was; `change 1` opens the form"),
                Row("pause 1", "no digests until `resume 1`; `pause all` pauses those of this channel"),
                Row("stop 1", "delete it"),
            ),
        ),
    ),
    notes=(
        "Anyone in your workspace can list digests, and subscribe unless your administrator has named who "
        "may. A digest's owner and workspace admins can change it.",
        'Words in quotes are searched for, not read as a time: `subscribe search "weekly"`.',
        "Each digest is sent only once; a late one says it is late.",
    ),
)
