"""Exponents and indices are shown as such wherever HTML becomes text."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.superscripts import MARKS, runs, unicode_text
from bot.text import _parsed_text, _scanned_text, paragraphs, plain, plain_runs


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("10<sup>4</sup>", "10⁴"),
        ("10<SUP class='x'>-2</SUP> s<sup>&minus;1</sup>", "10⁻² s⁻¹"),
        ("H<sub>2</sub>O", "H₂O"),
        ("Ca<sup>2+</sup>", "Ca²⁺"),
        ("CO<sub>3</sub><sup>2&ndash;</sup>", "CO₃²⁻"),
        ("x<sup>n+1</sup>", "xⁿ⁺¹"),
        ("<sup>13</sup>C", "¹³C"),
        ("5<sup>th</sup>", "5ᵗʰ"),
        ("x<sup>Q</sup>", "x^Q"),
        ("x<sup>1/2</sup>", "x^(1/2)"),
        ("N<sub>A</sub>, K<sub>d,app</sub>", "N_A, K_(d,app)"),
        ("m<sup> 2 </sup>and", "m ² and"),
        ("10<sup><i>4</i></sup>", "10⁴"),
        ("a<sup>b<sub>1</sub></sup>c", "aᵇ₁c"),
        ("10<sup>4", "10⁴"),
        ("Pond<sup>®</sup> Frog<sup>*</sup>", "Pond® Frog*"),
        ("10<sup></sup>4", "104"),
        ("10⁴<sup>²</sup>", "10⁴²"),
    ],
)
def test_html_is_shown_with_unicode_or_signs(html, text):
    assert plain(html) == paragraphs(html) == text
    # Long texts are scanned, not parsed.
    assert plain("<b></b>" * 100 + html) == text
    assert unicode_text(runs(_scanned_text(html))) == unicode_text(runs(_parsed_text(html)))


def test_marks_that_somebody_types_are_removed():
    typed = "".join(MARKS.values())
    assert plain(f"10{typed}4") == "104"
    assert plain(f"<b>10</b>{typed}4") == "104"


@given(st.text(st.sampled_from([*MARKS.values(), "a", "4", " ", "-"]), max_size=30))
def test_any_order_of_marks_keeps_the_letters(marked):
    text = unicode_text(runs(marked))
    assert not set(text) & set(MARKS.values())
    assert len([char for char in marked if char in "a4"]) == len([char for char in text if char in "a4ᵃ⁴ₐ₄"])


@given(
    st.lists(st.sampled_from(["<sup>", "</sup>", "<sub>", "</sub>", "a", "4", " ", "&amp;", "<b>"])).map(
        "".join
    )
)
def test_pieces_make_the_same_text(html):
    assert " ".join(unicode_text(plain_runs(html)).split()) == plain(html)


async def test_exponents_are_shown_on_cards_and_in_lists(client):
    title = "Rates from 10<sup>4</sup> to 10<sup>-2</sup> s<sup>&minus;1</sup> in H<sub>2</sub>O"
    item = {
        "id": 7,
        "title": title,
        "citation": "Lee, Ann (2024). Rates from 104 to 10-2 s−1 in H2O. figshare.",
    }
    for path, document in {
        "/v2/articles/search": [item],
        "/v2/articles/7/files": [],
        "/v2/articles/7": item,
    }.items():
        client.goes_wrong(
            path, times=None, body=json.dumps(document).encode(), headers={"content-type": "application/json"}
        )
    for words in ("item 7", "search rates", "stats 7", "files 7", "cite 7", "cite 7 apa"):
        assert "Rates from 10⁴ to 10⁻² s⁻¹ in H₂O" in await client.ask(words), words
