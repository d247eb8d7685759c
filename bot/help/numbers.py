"""What the counts mean: https://docs.figshare.com/#stats and the usage metrics page of info.figshare.com."""

from bot.help.topic import Row, Section, Topic

NUMBERS = Topic(
    name="numbers",
    title="What the numbers mean",
    summary="what Figshare counts and leaves out",
    intro="They are Figshare's own, as its statistics service gives them. I take nothing out and round "
    "nothing: that is what “raw” means below an answer.",
    synonyms=("counts", "raw", "unknown", "metrics"),
    sections=(
        Section(
            "What is counted",
            (
                Row(
                    "views 5616445",
                    "without double clicks: from one source, one view in 30 seconds counts",
                ),
                Row(
                    "downloads 5616445",
                    "a file or one “Download all”; ten files one by one are ten downloads",
                ),
                Row("shares 5616445", "as Figshare counts them"),
                Row("stats 5616445", "all of them, with citations, which Figshare updates once a month"),
            ),
        ),
        Section(
            "Over time and together",
            (
                Row("views 5616445 last month", "days begin at midnight UTC, in every answer and digest"),
                Row("timeline 5616445 by day", "what was counted on each of them"),
                Row(
                    "stats 5616445 11820345",
                    "items have a total; collections, authors and groups have none, since theirs can overlap",
                ),
            ),
        ),
    ),
    notes=(
        "All versions of an item are counted together, so asking for `views 5616445.v2` changes nothing.",
        "“Unknown” is a number that I couldn't get; it is never shown as 0. “Not yet” is one that Figshare "
        "hasn't given within 20 seconds: in Slack it appears by itself if it comes within five minutes. "
        "“So far” is a period that isn't over. Among countries “Unknown” is what Figshare counted without "
        "saying where from.",
        "Figshare also answers 0 for an author or group it doesn't know, so I say so next to a 0.",
        "“As of” says when Figshare gave the number. I remember it for some minutes, so asking twice in a "
        "row gives the same.",
        "I can't tell how many robots are among the visitors; a sudden peak may be one.",
        "Figshare says how often, and from which countries (`countries 5616445`), but not who.",
    ),
)
