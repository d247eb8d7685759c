"""A search becomes the request that asks Figshare for what was meant."""

import json
import re
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.figshare.item_types import ITEM_TYPES, item_type
from bot.language.search import parse_search
from bot.language.tokens import InvalidArgument, straighten_typography

TODAY = date(2026, 11, 23)


def body(text):
    return parse_search(text, TODAY).body


def search_for(text):
    return body(text).get("search_for")


def test_title_is_sent_in_figshares_spelling():
    wanted = (
        '{"search_for": ":title: frog", "order": "published_date", "order_direction": "desc", '
        '"page": 1, "page_size": 5}'
    )
    assert json.dumps(body("title:frog")) == wanted


@pytest.mark.parametrize(
    ("words", "sent"),
    [
        ("frog", "frog"),
        ("frog leg", "frog AND leg"),
        ('"frog leg" toad', '"frog leg" AND toad'),
        ("“frog leg” toad", '"frog leg" AND toad'),
        ("frog AND toad", "frog AND toad"),
        ("frog OR toad leg", "frog OR toad AND leg"),
        ("frog NOT toad", "frog AND NOT toad"),
        ("frog -toad", "frog AND NOT toad"),
        ("frog –toad", "frog AND NOT toad"),
        ("-toad frog", "NOT toad AND frog"),
        ("frog -title:toad", "frog AND NOT :title: toad"),
        ('frog -"fire toad"', 'frog AND NOT "fire toad"'),
        ("frog -(toad OR newt)", "frog AND NOT (toad OR newt)"),
        ("title:(frog -toad)", "(:title: frog AND NOT :title: toad)"),
        ("frog -type:dataset", "frog AND NOT :item_type: dataset"),
        ("frog NOT -toad", "frog AND toad"),
        ("post-doc - frog", "post-doc AND frog"),
        ("frog OR since:2024/03 toad", "frog OR :published_after: 2024-02-29 AND toad"),
        ('until:"February 29, 2024" frog', ":published_before: 2024-03-01 AND frog"),
        ("until:last month frog", ":published_before: 2026-11-01 AND frog"),
        ("frog OR since:last month toad", "frog OR :published_after: 2026-09-30 AND toad"),
        ('frog OR since:"past year"', "frog OR :published_after: 2025-10-31"),
        ("frog OR since:last 30 days", "frog OR :published_after: 2026-10-23"),
        ("since frog", "since AND frog"),
        ('"since 2024" frog', '"since 2024" AND frog'),
        ("until:29 Feb 2024 frog", ":published_before: 2024-03-01 AND frog"),
        ("NOT NOT frog", "frog"),
        ("(frog OR toad) leg", "(frog OR toad) AND leg"),
        ("title:frog tag:cell", ":title: frog AND :tag: cell"),
        ("Title:frog", ":title: frog"),
        ("title: frog", ":title: frog"),
        ("title:“frog leg”", ':title: "frog leg"'),
        ("title:(frog OR toad)", "(:title: frog OR :title: toad)"),
        ("title:(frog leg)", "(:title: frog AND :title: leg)"),
        ("title:(frog OR tag:cell)", "(:title: frog OR :tag: cell)"),
        ('author:"Jane Doe"', ':author: "Jane Doe"'),
        ("category:Biochemistry", ":category: Biochemistry"),
        ("description:gromacs", ":description: gromacs"),
        ("doi:10.6084/m9.figshare.5", ':doi: "10.6084/m9.figshare.5"'),
        ("doi:https://doi.org/10.6084/m9.figshare.5", ':doi: "10.6084/m9.figshare.5"'),
        ("orcid:0000-0002-1825-0097", ":orcid: 0000-0002-1825-0097"),
        ("orcid:https://orcid.org/0000-0002-1825-0097", ":orcid: 0000-0002-1825-0097"),
        ("extension:.csv", ":extension: csv"),
        ("institution:lboro", ":institution: lboro"),
        ("licence:CCBY", ":licence: CCBY"),
        ("project:lions", ":project: lions"),
        ("until:2024-06-30", ":published_before: 2024-07-01"),
        ("until:2024-06", ":published_before: 2024-07-01"),
        ("until:2024", ":published_before: 2025-01-01"),
        ("since:2024-06-01 OR frog", ":published_after: 2024-05-31 OR frog"),
        ("frog NOT since:2024", "frog AND NOT :published_after: 2023-12-31"),
        ("type:dataset OR type:software", ":item_type: dataset OR :item_type: code"),
        ("group:17 OR frog", ":group: 17 OR frog"),
        ('"collections" frog', '"collections" AND frog'),
        ("frog collections", "frog AND collections"),
        ("frog & toad", "frog AND toad"),
        ("frogs, toads", "frogs AND toads"),
    ],
)
def test_words_and_fields_are_joined_by_and(words, sent):
    assert search_for(words) == sent


@pytest.mark.parametrize(
    "own",
    [
        ":title: frog AND :tag: cell",
        ":title: frog leg AND :tag: cell",
        ":author: M. Hahnel OR :author: J. Smith",
        ":extension: mdp AND (:title: 'gromacs' OR :description: 'gromacs')",
        ':author: "Jane Doe"',
        ":orcid:0000-0002-1825-0097",
        ":category: Biochemistry",
        ':tag: "scrf=(cpcm,solvent=benzene)"',
        ":published_after: 2024-01-01 AND NOT :item_type: dataset",
        ":title: (frog OR toad)",
        ":search_term: R&D: x",
    ],
)
def test_figshares_spelling_is_sent_unchanged(own):
    assert search_for(own) == own


@pytest.mark.parametrize(
    ("words", "parameters"),
    [
        ("type:dataset", {"item_type": 3}),
        ("type:datasets", {"item_type": 3}),
        ("type:code", {"item_type": 9}),
        ('type:"journal contribution"', {"item_type": 6}),
        ("type:paper", {"item_type": 6}),
        ("type:3", {"item_type": 3}),
        ("since:2024-06-01", {"published_since": "2024-05-31T23:59:59Z"}),
        ("since:2024-06", {"published_since": "2024-05-31T23:59:59Z"}),
        ("since:2024", {"published_since": "2023-12-31T23:59:59Z"}),
        ("since:yesterday", {"published_since": "2026-11-21T23:59:59Z"}),
        ("group:17", {"group": 17}),
        ("institution:2", {"institution": 2}),
        ("project:113166", {"project_id": 113166}),
        (
            "type:thesis AND group:17 since:today",
            {"item_type": 8, "group": 17, "published_since": "2026-11-22T23:59:59Z"},
        ),
    ],
)
def test_dedicated_parameter_is_used_where_one_exists(words, parameters):
    alone = {"order": "published_date", "order_direction": "desc", "page": 1, "page_size": 5}
    assert body(words) == alone | parameters
    assert body(f"frog {words}") == {"search_for": "frog"} | alone | parameters


@pytest.mark.parametrize(
    ("words", "order", "direction"),
    [
        ("sort:views", "views", "desc"),
        ("sort:published", "published_date", "desc"),
        ("sort:modified asc", "modified_date", "asc"),
        ("sort:downloads-asc", "downloads", "asc"),
        ("sort:shares desc", "shares", "desc"),
        ("sort:cites", "cites", "desc"),
        ("sort:asc", "published_date", "asc"),
    ],
)
def test_results_are_sorted(words, order, direction):
    sent = body(f"frog {words}")
    assert (sent["search_for"], sent["order"], sent["order_direction"]) == ("frog", order, direction)


def test_pages_and_limits():
    sent = body("frog page:3 limit:20")
    assert (sent["page"], sent["page_size"]) == (3, 20)


def test_first_word_chooses_the_kind():
    assert parse_search("collections frog", TODAY).kind == "collections"
    assert parse_search("Projects frog", TODAY).kind == "projects"
    assert parse_search("items collections", TODAY).body["search_for"] == "collections"
    assert parse_search("frog collections", TODAY).kind == "articles"
    assert "search_for" not in body("collections")


@pytest.mark.parametrize(
    "words",
    [
        *("ours frog", "our frog", "in our repository frog", "our own portal frog", "frog ours", "Frog OURS"),
        *("frog in ours", "frog in our repository", "frog from our institution", "frog our portal"),
        *("frog ours page:2", "frog in our repository sort:views since:2024", "type:dataset frog in ours"),
    ],
)
def test_ours_is_read_at_the_beginning_and_the_end(words):
    search = parse_search(words, TODAY)
    assert search.is_ours and search.body["search_for"].lower() == "frog"


@pytest.mark.parametrize(
    "words",
    [
        *(
            '"frog ours"',
            '"ours" frog',
            'frog "ours"',
            'frog "in our repository',
            "frog OR ours",
            "title:ours",
        ),
        *(
            "title: ours",
            "(frog ours)",
            "frog -ours",
            "NOT ours",
            "frog ours toad",
            "frog of yours",
            "title:(a ours",
        ),
    ],
)
def test_ours_within_a_search_is_searched_for(words):
    assert not parse_search(words, TODAY).is_ours


def test_ours_is_told_from_a_search_word():
    ours = parse_search("ours frog", TODAY)
    assert ours.is_ours and ours.body["search_for"] == "frog"
    assert parse_search("ours collections frog", TODAY).is_ours
    assert parse_search("collections ours frog", TODAY).kind == "collections"
    assert not parse_search('"ours" frog', TODAY).is_ours


def test_unsupported_order_becomes_the_date_and_is_mentioned():
    search = parse_search("collections frog sort:downloads", TODAY)
    assert search.body["order"] == "published_date"
    assert "doesn't sort collections by downloads" in search.interpretation


def test_interpretation_repeats_the_query():
    interpretation = parse_search("frog type:datasets until:2024 sort:views", TODAY).interpretation
    assert interpretation == "frog AND type:dataset AND until:2024-12-31, most viewed first"
    assert parse_search("ours collections", TODAY).interpretation == "all collections, ours, newest first"


@pytest.mark.parametrize(
    ("words", "argument", "example"),
    [
        ("", "", "search title:frog"),
        ("()", "", "search title:frog"),
        ("NOT", "", "search title:frog"),
        ("title:", "title:", "title:frog"),
        ("title:AND frog", "title:", "title:frog"),
        ('title:""', "title:", "title:frog"),
        ("title:()", "title:", "title:frog"),
        ("titel:frog", "titel:frog", "title:frog"),
        ('titel:"poison frog"', 'titel:"poison frog"', 'title:"poison frog"'),
        ("type:frog", "type:frog", "type:dataset"),
        ("type:journal", "type:journal", 'type:"journal contribution"'),
        ("type:datset", "type:datset", "type:dataset"),
        ("type:30", "type:30", "type:dataset"),
        ("type:dataset type:poster", "type:poster", "OR type:poster"),
        ("collections type:dataset", "type:dataset", "search type:dataset"),
        ("since:2025-13", "since:2025-13", "since:2025-03"),
        ("since:31 Apr 2025 frog", "since:31 Apr 2025", "since:2025-04-30"),
        ("frog since:01/02/2024", "since:01/02/2024", "since:2024-02-01"),
        ("Page: a novel", "Page: a", '"Page" a'),
        ("frog sort: relevance", "sort: relevance", "sort:views"),
        ("collections frog type:dataset", "type:dataset", "search frog type:dataset"),
        ("since:2027", "since:2027", "since:2024-06-01"),
        ("until:soon", "until:soon", "until:2024-06-30"),
        ("group:biology", "group:biology", "group:17"),
        ("page:0", "page:0", "page:2"),
        ("page:2000 limit:100 frog", "page:2000", "page:2"),
        ("limit:101", "limit:101", "limit:10"),
        ("sort:beauty", "sort:beauty", "sort:views"),
        ("institution:2 OR frog", "institution:2", "institution:lboro"),
        (":title: AND frog", ":title:", ":title: frog"),
    ],
)
def test_wrong_word_is_refused_with_working_example(words, argument, example):
    with pytest.raises(InvalidArgument) as raised:
        parse_search(words, TODAY)
    assert (raised.value.argument, raised.value.example) == (argument, example)
    assert parse_search(example.removeprefix("search "), TODAY)


@pytest.mark.parametrize(
    ("words", "sent"),
    [
        ('"frog', '"frog"'),
        ("(frog", "(frog)"),
        ("frog)", "frog"),
        ("frog AND", "frog"),
        ("OR frog", "frog"),
        ("((frog) OR", "((frog))"),
        ("don’t panic", '"don\'t" AND panic'),
        ("12:30", '"12:30"'),
        ("tag:GO:0008150", ':tag: "GO:0008150"'),
        (":smile: frog", '"smile" AND frog'),
        ('title:"a :tag: b"', ':title: "a tag b"'),
        ('"frog\\" toad', '"frog" AND toad'),
        ("frog and toad", 'frog AND "and" AND toad'),
        ('"AND"', '"AND"'),
        ("title:-frog fro*", ':title: "-frog" AND "fro*"'),
    ],
)
def test_ambiguous_search_text_is_closed_dropped_or_quoted(words, sent):
    assert search_for(words) == sent


def test_thousands_of_brackets_are_parsed():
    assert "frog" in search_for("(" * 5000 + "frog")
    assert search_for("NOT " * 5001 + "frog") == "NOT frog"


def test_item_types_are_found_by_their_names():
    assert all(item_type(name) == number for number, name in ITEM_TYPES.items())
    assert item_type("Journal-Contributions") == 6
    assert item_type("theses") == 8
    assert item_type("data_management_plans") == 23
    assert item_type("10") is item_type("") is item_type("²") is None


PIECES = st.sampled_from(
    [
        *(
            "frog",
            '"',
            '"frog leg"',
            "(",
            ")",
            "AND",
            "OR",
            "NOT",
            "title:",
            "tag:x",
            ":title:",
            ":tag: y",
            "type:dataset",
        ),
        *(
            "since:2024",
            "until:2024-06",
            "page:2",
            "limit:7",
            "sort:views",
            "asc",
            "group:17",
            "institution:3",
            "ours",
        ),
        *(
            "collections",
            "\\",
            ":",
            "a:b:c",
            "'",
            "“",
            "”",
            "type:",
            "since:9999-12-31",
            "until:0001",
            "page:99999",
            "*",
        ),
        *(
            "\ud800",
            "\x00",
            "doi:",
            "https://x.org/(a)",
            "project:5",
            "item_type:3",
            "&",
            "…",
            "٣",
            "sort:asc",
        ),
    ]
)


@given(st.lists(PIECES | st.text(max_size=5), max_size=14), st.sampled_from(["", " "]))
def test_any_words_give_a_request_or_an_error(pieces, between):
    try:
        parsed = parse_search(between.join(pieces), TODAY)
    except InvalidArgument as error:
        assert error.reason and error.example
        return
    sent = parsed.body.get("search_for", "frog")
    json.dumps(parsed.body).encode()
    sent.encode()
    assert sent.count('"') % 2 == 0
    outside = re.sub(r'"[^"]*"', "phrase", sent)
    depth = 0
    for char in outside:
        depth += (char == "(") - (char == ")")
        assert depth >= 0
    assert depth == 0
    assert not re.search(r"(^|\()(AND|OR)(?=[ )]|$)|(^|[ (])(AND|OR|NOT)(\)|$)", outside)
    assert 1 <= parsed.body["page_size"] <= 100
    assert 1 <= parsed.body["page"] * parsed.body["page_size"] <= 9000
    assert parsed.interpretation


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
def test_quoted_phrase_stays_one_phrase(text):
    try:
        sent = search_for(f'title:"{straighten_typography(text).replace(chr(34), "")}"')
    except InvalidArgument as error:
        assert error.argument == "title:"
        return
    assert re.fullmatch(r':title: (\w[\w.-]*|"[^"\\]*")', sent)
