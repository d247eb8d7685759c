"""What can be typed where a command takes a period."""

from bot.help.topic import Row, Section, Topic

PERIODS = Topic(
    name="periods",
    title="How to say when",
    summary="every way to say when",
    intro="Put the period after what you ask about. The answer repeats it as I understood it, both ends "
    "written out. Without one, counts and rankings are of all time, and `timeline 5616445` and "
    "`countries 5616445` show the last 12 whole months.",
    frame="views 5616445 {}",
    synonyms=("date", "dates", "when", "time", "days"),
    sections=(
        Section(
            "By the calendar",
            (
                Row("views 5616445 2025", "a year"),
                Row("views 5616445 Q1 2025", "a quarter; also `2025 Q1`"),
                Row("views 5616445 March 2025", "a month; also `2025-03` or `2025/03`"),
                Row("views 5616445 14 March 2025", "a day; also `2025-03-14` or `March 14, 2025`"),
                Row("views 5616445 FY2025", "your institution's year, where it is set up; also `2024/25`"),
            ),
        ),
        Section(
            "Counted from today",
            (
                Row("downloads 5616445 last month", "the last whole one; also `last week`, `last year`"),
                Row("downloads 5616445 this month", "so far; also `this week`, `this quarter`, `ytd`"),
                Row("downloads 5616445 last 30 days", "up to yesterday"),
                Row("downloads 5616445 past 12 months", "up to the end of last month; also `past year`"),
                Row("downloads 5616445 past month", "the last 30 days; `past week` is the last 7"),
                Row("downloads 5616445 yesterday", "also `today`"),
            ),
        ),
        Section(
            "From one day to another",
            (
                Row("stats 5616445 since 2025-06", "up to today; a day, month or year"),
                Row("stats 5616445 until 2025-06", "from the beginning"),
                Row("stats 5616445 2025-01..2025-06", "both included; also `January to June 2025`"),
                Row(
                    "stats 5616445 between 15 Jan 2025 and 14 Feb 2025",
                    "also `from May to June 2025`",
                ),
            ),
        ),
    ),
    notes=(
        "Days are Figshare's: they begin at midnight UTC. `today` is the day it is for you.",
        "A period that isn't over yet ends today and says “so far”.",
        "`01/02/2024` could be two days, so I don't guess: write `2024-02-01`.",
    ),
)
