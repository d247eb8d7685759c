"""What can be pasted where a command takes a reference."""

from bot.help.topic import Row, Section, Topic

REFERENCES = Topic(
    name="references",
    title="How to name what you ask about",
    summary="what you can paste: numbers, DOIs, handles, pages",
    intro="Paste what you have, as it is. Several at once, with spaces, commas or line breaks between them, "
    "give one table; of more than ten the first ten are answered, and a button asks for the rest.",
    synonyms=(
        *("ours", "our", "author", "authors", "group", "groups", "portal", "portals"),
        *("doi", "dois", "orcid", "handle"),
    ),
    sections=(
        Section(
            "Items",
            (
                Row("views 5616445", "the number; `5616445.v2` is its second version"),
                Row("item 10.6084/m9.figshare.5616445", "the DOI, also with `https://doi.org/` before it"),
                Row("cite 2134/12674225.v1", "a handle"),
                Row(
                    "files https://figshare.com/articles/presentation/_/5616445",
                    "the URL of its page, on figshare.com or on any portal",
                ),
                Row("versions oai:figshare.com:article/5616445", "the OAI-PMH identifier"),
            ),
        ),
        Section(
            "Everything else",
            (
                Row("collection 4000001", "a collection; its DOI or the URL of its page works too"),
                Row("project 113166", "a project"),
                Row("stats author 2041117", "an author, by number, ORCID or the URL of their page"),
                Row("stats group 20442", "a group of a portal"),
                Row("new portal 2", "a portal; in a search it is `search institution:lboro`"),
                Row("stats ours", "your own repository, where it is set up"),
            ),
        ),
    ),
    notes=(
        "A number alone is an item. If there is no such item but a collection or project has that number, "
        "buttons offer those.",
        "`item`, `files` and `cite` use the version you name. Counts always cover all versions together.",
        "1990 to 2099 as the last word after a reference is a year: `views 5616445 2025`. Write "
        "`item 2025` for an item with that number.",
        "A private link has nothing to show, and I never repeat it.",
    ),
)
