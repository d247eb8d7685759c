"""A form becomes a modal that Slack takes, and comes back with what was typed."""

import copy

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.drafts.form import LONGEST, Choices, digest, fields, html, shown
from bot.emulators.slack.interactions import fill_view
from bot.emulators.slack.validation import are_blocks_too_long, message_problems, view_problems
from bot.emulators.slack.views import OpenView
from bot.figshare.models import License
from bot.figshare.private import Group, PrivateArticle
from bot.render import blocks
from bot.reply import Choice, Field, Form, Reply, Text
from bot.slack import modals, views
from bot.slack.signing import Signer
from bot.slack.views import MOST_CHOSEN, PrivateMetadata, Seal
from tests.support.message_checks import INDEPENDENT

SEAL = Seal(Signer(b"key"), "U1")
ECOLOGY, BOTANY = Choice("Ecology · old", "7"), Choice("Botany", "8")
MANY = Choices(
    tuple(License(value=at, name=f"Licence {at} " + "x" * 90) for at in range(150)),
    tuple(Group(id=at, name=f"Group {at}") for at in range(150)),
)
FILLED = {
    "title": "Frog & <toad> calls",
    "type": (Choice("Dataset", "dataset"),),
    "description": "One\nTwo",
    "authors": "Ann Lee",
    "categories": (ECOLOGY, BOTANY),
    "keywords": "frogs, toads",
    "licence": (Choice("Licence 3", "3"),),
}


def assert_is_good(view):
    assert view_problems(copy.deepcopy(view)) == []
    if INDEPENDENT is not None:
        found = INDEPENDENT.check(view, "modal", schema="")
        assert [str(each) for each in found if each.level == "error"] == []


def form(filled, choices=MANY, **more):
    return Form(
        "New draft", "draft.create", "Create", fields(filled, choices), reopen_action="draft.form", **more
    )


def opened(view):
    """Return a modal as Slack sends it back when nothing was touched."""
    there = OpenView("U1", copy.deepcopy(view))
    fill_view(there, {})
    return there.shape()


def test_filled_form_is_a_valid_view_and_reads_back():
    modal = views.view(
        form(FILLED, intro=(("Something to know.",),)), PrivateMetadata(url="https://hooks.example/1"), SEAL
    )
    assert_is_good(modal)
    back = views.filled(opened(modal))
    assert {name: back[name] for name in ("title", "description", "authors", "categories", "type")} == {
        name: FILLED[name] for name in ("title", "description", "authors", "categories", "type")
    }
    assert back["licence"][0].value == "3" and back["funding"] == "" and back["group"] == ()


def test_form_shown_again_holds_the_typed_text_and_the_reason():
    modal = views.view(form(FILLED), PrivateMetadata(url="https://hooks.example/1"), SEAL)
    once = views.again(opened(modal), [("Figshare does not answer.",), ("Please try again.",)])
    twice = views.again(opened(once), [("Still not.",)])
    for each in (once, twice):
        assert_is_good(each)
        assert views.filled(opened(each)) == views.filled(opened(modal))
        assert each["private_metadata"] == modal["private_metadata"]
        assert each["callback_id"] == "draft.create"
    assert [each["type"] for each in twice["blocks"]].count("rich_text") == 1


def test_without_choices_there_is_no_menu_to_choose_from():
    names = [each.name for each in fields({}, Choices())]
    assert "licence" not in names and "group" not in names and "type" in names


def test_choice_of_the_draft_stays_without_the_account():
    chosen = (Choice("Some other licence", "999"),)
    modal = views.view(
        form({"licence": chosen}, Choices((License(value=1, name="CC BY"),))), PrivateMetadata(), SEAL
    )
    assert_is_good(modal)
    assert views.filled(opened(modal))["licence"] == chosen


def test_a_light_form_has_nothing_to_submit():
    modal = views.view(Form("New draft", "draft.create", load=None), PrivateMetadata(), SEAL)
    assert_is_good(modal)
    assert "submit" not in modal and "One moment" in str(modal["blocks"])


def test_what_is_carried_unseen_never_grows_too_long():
    modal = views.view(
        form({}, private_metadata="k" * 2_900),
        PrivateMetadata(url="https://hooks.example/" + "x" * 500, key="V1"),
        SEAL,
    )
    assert_is_good(modal)
    carried = SEAL.verify(modal["private_metadata"], "draft.create")
    assert carried == PrivateMetadata("k" * 2_900, "draft.form", key="V1")


def test_form_metadata_is_bound_to_its_person_and_form():
    signed = views.view(form({}, private_metadata="31400003"), PrivateMetadata(), SEAL)["private_metadata"]
    assert SEAL.verify(signed, "draft.create").kept == "31400003"
    assert Seal(SEAL.signer, "U2").verify(signed, "draft.create") is None
    assert SEAL.verify(signed, "draft.save") is None
    for forged in ("", '{"kept":"31400003"}', "{nonsense", signed[1:], signed.replace("3", "4")):
        assert SEAL.verify(forged, "draft.create") is None


def test_options_are_at_most_a_hundred_and_short_enough():
    told = views.options([Choice("x" * 200, str(at)) for at in range(300)])["options"]
    assert len(told) == 100 and all(len(each["text"]["text"]) <= 75 for each in told)


def test_longest_form_fits_the_message_that_returns_the_form():
    most = {name: ("word " * 1_000)[:length] for name, length in LONGEST.items()}
    most["categories"] = tuple(Choice(f"{at}" + "x" * 72, f"{at}") for at in range(MOST_CHOSEN))
    shown_form = views.view(form(most), PrivateMetadata(), SEAL)
    assert_is_good(shown_form)
    view = opened(shown_form)
    reply = Reply(("Figshare does not answer.",), (Text(("x" * 300,)),))
    message = blocks.message(modals._given_back(reply, view, PrivateMetadata("7", "draft.form"), SEAL))
    assert message_problems(message["blocks"]) == [] and not are_blocks_too_long(message["blocks"])
    given = {name: value for name, value in views.filled(view).items() if value}
    assert views.kept(message["blocks"]) == given


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.dictionaries(st.sampled_from(sorted(LONGEST)), st.text(max_size=200)), st.text(max_size=90))
def test_any_text_makes_a_good_modal(typed, hint):
    modal = views.view(
        Form("x" * 40, "draft.create", "y" * 40, (*fields(typed, MANY), Field("more", hint, hint=hint))),
        PrivateMetadata(),
        SEAL,
    )
    assert view_problems(copy.deepcopy(modal)) == []
    assert view_problems(views.again(opened(modal), [(hint,), ()])) == []


@pytest.mark.parametrize(
    ("one", "other"),
    [("One\n\nTwo ", "One\nTwo"), ("", "\n"), ((ECOLOGY, BOTANY), (BOTANY, ECOLOGY)), ((), "")],
)
def test_the_sign_of_a_value_minds_what_matters(one, other):
    assert digest(one) == digest(other)
    assert digest("One\nTwo") != digest("One Two") and digest((ECOLOGY,)) != digest((BOTANY,))


def test_what_is_typed_is_what_the_form_shows_again():
    for typed in ("One & <two>\n\nThree", "5 < 6 > 4", "&amp; stays"):
        assert digest(shown(PrivateArticle(id=1, description=html(typed)))["description"]) == digest(typed)


@pytest.mark.parametrize(
    "markup", ["<p>a <b>b</b></p>", "<ul><li>a</li></ul>", '<a href="x">y</a>', "x" * 3_000]
)
def test_form_leaves_out_values_too_long_for_a_field(markup):
    assert "description" not in shown(PrivateArticle(id=1, description=markup))


def test_an_empty_answer_of_figshare_can_be_shown():
    told = shown(msgspec.convert({"id": 1}, PrivateArticle))
    assert told["title"] == "" and told["categories"] == ()
    assert_is_good(views.view(form(told), PrivateMetadata(), SEAL))
