"""What can be typed after `search`."""

from bot.figshare.item_types import ITEM_TYPES
from bot.help.topic import Row, Section, Topic
from bot.language.search_terms import quoted_value

SEARCH = Topic(
    name="search",
    title="How to search",
    summary="every field, with an example each",
    intro="Items must contain all the words. The newest come first, five on a page.",
    frame="search {}",
    synonyms=("fields", "field", "sort", "type", "types", "item types", "find"),
    sections=(
        Section(
            "Words",
            (
                Row("search frog census", "both words, anywhere"),
                Row('search "tree frog"', "the phrase"),
                Row("search frog OR toad", "one of them; `AND`, `OR` and `NOT` in capitals"),
                Row("search frog -call", "without a word; `NOT` does the same"),
                Row("search (frog OR toad) tag:census", "brackets group words"),
            ),
        ),
        Section(
            "What the record says",
            (
                Row("search title:frog", 'in the title; `title:"tree frog"` and `title:(frog OR toad)` too'),
                Row("search description:frogs", "in the description"),
                Row("search tag:frog", "a tag; `keyword:frog` and `keywords:frog` do the same"),
                Row("search category:Ecology", "a category"),
                Row('search author:"Ada Thornbury"', "an author's name"),
                Row("search orcid:0000-0002-9100-0000", "an author's ORCID"),
                Row("search doi:10.6084/m9.figshare.5616445.v2", "the DOI, with its version"),
                Row("search licence:CCBY", "the licence"),
                Row("search type:dataset", "what it is; the types are listed below"),
                Row("search extension:csv", "has a file with this extension"),
                Row("search references:figshare", "in its references"),
                Row("search resource_doi:10.5281/zenodo.1217023", "the DOI of the paper it belongs to"),
                Row("search resource_title:frog", "that paper's title; `resource_link:frog` is its address"),
                Row("search search_term:frog", "anywhere, as without a field"),
            ),
        ),
        Section(
            "Where and when",
            (
                Row("search frog institution:lboro", "on a portal, by its short name"),
                Row("search group:41010", "in a group, by its number"),
                Row("search project:frogs", "in a project"),
                Row("search ours sort:views", "in your own repository, where it is set up; also `frog ours`"),
                Row("search frog since:2024", "published since then; a day, month or year"),
                Row("search frog until:2024-06-30", "published up to then, that day included"),
                Row("search collections frog", "collections; `search projects frog` finds projects"),
            ),
        ),
        Section(
            "How it is listed",
            (
                Row(
                    "search frog sort:views",
                    "most viewed first; also `sort:downloads`, `sort:shares`, `sort:cites`, "
                    "`sort:published`, `sort:modified`",
                ),
                Row("search frog sort:published asc", "oldest first; `desc` is the other way round"),
                Row("search frog limit:10", "how many on a page"),
                Row("search frog page:2", "the second page, which the button Next shows too"),
            ),
        ),
    ),
    notes=(
        "A field's value is one word, a phrase in quotes or a group in brackets.",
        "Figshare's own spelling passes as it is: `:title: frog AND :tag: census`.",
        f"The types: {', '.join(quoted_value(name) for name in ITEM_TYPES.values())}.",
        "Figshare's date of publication is that of an item's newest version, so `since:2024`, `until:2024` "
        "and the order go by that.",
        "Figshare's search gives no total. I count the results of `ours` and of a group; for all of Figshare "
        "I can't say how many there are.",
    ),
)
