"""What Slack and keyboards send is understood as it was meant."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.language.tokens import Token, normalize, tokenize

MESSY = st.text(
    st.sampled_from("ab1\"“”'’<>|&;,.:()–—\u00a0\u200b\u202e\x00\n\t ampltg@#U") | st.characters()
)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("views  5616445 ", "views 5616445"),
        ("title:“frog leg”", 'title:"frog leg"'),
        ("„Frosch“ «grenouille»", '"Frosch" "grenouille"'),
        ("don’t", "don't"),
        ("2024-01-01 – 2024‑06‑30 — −1", "2024-01-01 - 2024-06-30 - -1"),
        ("views\u00a05616445\u202f2025", "views 5616445 2025"),
        ("vie\u200bws \ufeff5616\u00ad445", "views 5616445"),
        ("\u202eviews\u202c \u2066x\u2069\x00", "views x"),
        ("views 5616445\u200d", "views 5616445"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("R&amp;D &lt;5", "R&D <5"),
        ("&amp;lt;", "&lt;"),
        ("<https://figshare.com/articles/5|figshare.com/articles/5>", "https://figshare.com/articles/5"),
        ("<https://figshare.com/articles/5>", "https://figshare.com/articles/5"),
        ("<https://x.org/?a=1&amp;b=2|x>", "https://x.org/?a=1&b=2"),
        ("<mailto:a@b.org|a@b.org>", "a@b.org"),
        ("<@U1|ann> in <#C1|general>", "<@U1|ann> in <#C1|general>"),
        ("&lt;https://x.org|y&gt;", "<https://x.org|y>"),
        ("views\n5616445", "views 5616445"),
        ("`views 5616445`", "views 5616445"),
        ("```views 5616445```", "views 5616445"),
        ("*views* 5616445", "views 5616445"),
        ("*views 5616445*", "views 5616445"),
        ("_views_ ~5616445~", "views 5616445"),
        ("*_~views~_* 5616445", "views 5616445"),
        ("(*views*), _5616445_.", "(views), 5616445."),
        ("_search resource_doi:10.1_", "search resource_doi:10.1"),
        ("&gt; views 5616445", "views 5616445"),
        (">views\n&gt; 5616445", "views 5616445"),
        ("• 5616445\n• 11820345", "5616445 11820345"),
        ("views\n- 5616445\n- 11820345", "views 5616445 11820345"),
        ("1. 5616445\n2. 11820345", "5616445 11820345"),
        ("views <tel:5616445|5616445> <tel:11820345>", "views 5616445 11820345"),
        ("views <tel:+15616445|561-6445>", "views 561-6445"),
        ("/figshare views 5616445", "views 5616445"),
        ("`/Figshare views 5616445`", "views 5616445"),
        ('cron "0 9 1 */3 *"', 'cron "0 9 1 */3 *"'),
        ('cron "0 9 * * 1-5"', 'cron "0 9 * * 1-5"'),
        ("search frog* toad*", "search frog* toad*"),
        ("search frog -toad", "search frog -toad"),
        ("https://x.org/_a_/~b~/c", "https://x.org/_a_/~b~/c"),
        ("resource_doi:10.1 search_term:x", "resource_doi:10.1 search_term:x"),
        ("5 * 3 * 2", "5 * 3 * 2"),
        ("/figshare.com/articles/5", "/figshare.com/articles/5"),
        ("", ""),
    ],
)
def test_text_is_normalized(typed, meant):
    assert normalize(typed) == meant


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("views 5616445 2025", ["views", "5616445", "2025"]),
        ("views 1, 2,3 ,4", ["views", "1", "2", "3", "4"]),
        ("views 5616445,5616446.v2", ["views", "5616445", "5616446.v2"]),
        (
            "views 10.6084/m9.figshare.1,10.6084/m9.figshare.2",
            ["views", "10.6084/m9.figshare.1", "10.6084/m9.figshare.2"],
        ),
        ("views https://a.org/1,https://a.org/2", ["views", "https://a.org/1", "https://a.org/2"]),
        ("views 5,616,445", ["views", "5,616,445"]),
        ("views 5616445; 11820345;97471 ; 5", ["views", "5616445", "11820345", "97471", "5"]),
        (
            "views https://a.org/1;10.6084/m9.figshare.2,;doi:10.6084/m9.figshare.3",
            ["views", "https://a.org/1", "10.6084/m9.figshare.2", "doi:10.6084/m9.figshare.3"],
        ),
        ("views 5616445,11820345, 2025", ["views", "5616445", "11820345", "2025"]),
        ("don't panic", ["don't", "panic"]),
        ("1,2-dichloroethane", ["1,2-dichloroethane"]),
        ('title:"frog leg" weekly', ['title:"frog leg"', "weekly"]),
        ('5" pipe', ['5"', "pipe"]),
        ("", []),
        (" , ", []),
    ],
)
def test_text_is_split_into_words(text, words):
    assert [word.text for word in tokenize(text)] == words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('cron "0 9 * * 1-5"', [Token("cron"), Token("0 9 * * 1-5", is_quoted=True)]),
        ('search "weekly"', [Token("search"), Token("weekly", is_quoted=True)]),
        ('search "open end', [Token("search"), Token("open end", is_quoted=True)]),
        ('"a"b', [Token("a", is_quoted=True), Token("b")]),
        ('"" x', [Token("x")]),
    ],
)
def test_quotes_keep_a_phrase_together(text, words):
    assert tokenize(text) == words


def test_token_knows_its_position():
    text = 'search title:"frog leg", "weekly" 1,2 weekly'
    assert [text[word.start : word.end] for word in tokenize(text)] == [
        "search",
        'title:"frog leg"',
        '"weekly"',
        "1",
        "2",
        "weekly",
    ]


@given(MESSY)
def test_any_text_is_normalized_into_one_line(text):
    normalized = normalize(text)
    assert normalized == " ".join(normalized.split())
    assert not set(normalized) & set("“”’–—\x00\u202e\u200b\u00a0")


@given(MESSY)
def test_any_text_is_split_into_tokens_in_order(text):
    tokens = tokenize(text)
    assert all(word.text for word in tokens)
    starts = [word.start for word in tokens]
    assert starts == sorted(starts)
    assert all(word.text in text[word.start : word.end] for word in tokens)


@given(st.text())
def test_every_letter_ends_up_in_a_token(text):
    output = "".join(word.text for word in tokenize(text))
    assert [char for char in text if char.isalnum()] == [char for char in output if char.isalnum()]
