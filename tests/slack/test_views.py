"""A form becomes a modal that Slack takes, and comes back with what was typed."""

import copy

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.drafts.form import MAX_LENGTHS, Choices, as_html, field_values, fingerprint, form_fields
from bot.emulators.slack.interactions import fill_view
from bot.emulators.slack.validation import are_blocks_too_long, message_problems, view_problems
from bot.emulators.slack.views import OpenView
from bot.figshare.models import License
from bot.figshare.private import Group, PrivateArticle
from bot.render import blocks, views
from bot.render.views import MAX_CHOSEN
from bot.reply import Choice, Field, Form, Reply, Text
from bot.slack.payloads import Malformed
from bot.slack.private_metadata import MetadataSigner, PrivateMetadata, signed_view
from bot.slack.returned_form import returned_form, values_from_message
from bot.slack.signing import Signer
from bot.slack.view_payloads import parse_submission
from tests.support.message_checks import INDEPENDENT

SIGNER = MetadataSigner(Signer(b"key"), "U1")
ECOLOGY, BOTANY = Choice("Ecology · old", "7"), Choice("Botany", "8")
MANY = Choices(
    tuple(License(value=number, name=f"Licence {number} " + "x" * 90) for number in range(150)),
    tuple(Group(id=number, name=f"Group {number}") for number in range(150)),
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
        problems = INDEPENDENT.check(view, "modal", schema="")
        assert [str(each) for each in problems if each.level == "error"] == []


def form(filled, choices=MANY, **more):
    return Form(
        "New draft",
        "draft.create",
        "Create",
        form_fields(filled, choices),
        reopen_action="draft.form",
        **more,
    )


def opened(view):
    """Return a modal as Slack sends it back when nothing was touched."""
    there = OpenView("U1", copy.deepcopy(view))
    fill_view(there, {})
    return there.shape()


def test_filled_form_is_a_valid_view_and_reads_back():
    modal = signed_view(
        form(FILLED, intro=(("Something to know.",),)),
        PrivateMetadata(response_url="https://hooks.example/1"),
        SIGNER,
    )
    assert_is_good(modal)
    back = views.submitted_values(opened(modal))
    assert {name: back[name] for name in ("title", "description", "authors", "categories", "type")} == {
        name: FILLED[name] for name in ("title", "description", "authors", "categories", "type")
    }
    assert back["licence"][0].value == "3" and back["funding"] == "" and back["group"] == ()


def test_form_shown_again_holds_the_typed_text_and_the_reason():
    modal = signed_view(form(FILLED), PrivateMetadata(response_url="https://hooks.example/1"), SIGNER)
    once = views.redisplay(opened(modal), [("Figshare isn't responding.",), ("Please try again.",)])
    twice = views.redisplay(opened(once), [("Still not.",)])
    for view in (once, twice):
        assert_is_good(view)
        assert views.submitted_values(opened(view)) == views.submitted_values(opened(modal))
        assert view["private_metadata"] == modal["private_metadata"]
        assert view["callback_id"] == "draft.create"
    assert [each["type"] for each in twice["blocks"]].count("rich_text") == 1


def test_field_without_choices_is_left_out():
    names = [each.name for each in form_fields({}, Choices())]
    assert "licence" not in names and "group" not in names and "type" in names


def test_choice_of_the_draft_stays_without_the_account():
    chosen = (Choice("Some other licence", "999"),)
    modal = signed_view(
        form({"licence": chosen}, Choices((License(value=1, name="CC BY"),))), PrivateMetadata(), SIGNER
    )
    assert_is_good(modal)
    assert views.submitted_values(opened(modal))["licence"] == chosen


def test_form_before_it_is_loaded_has_no_submit_button():
    modal = signed_view(Form("New draft", "draft.create", load=None), PrivateMetadata(), SIGNER)
    assert_is_good(modal)
    assert "submit" not in modal and "One moment" in str(modal["blocks"])


def test_private_metadata_never_grows_too_long():
    modal = signed_view(
        form({}, private_metadata="k" * 2_900),
        PrivateMetadata(response_url="https://hooks.example/" + "x" * 500, idempotency_key="V1"),
        SIGNER,
    )
    assert_is_good(modal)
    carried = SIGNER.verify(modal["private_metadata"], "draft.create")
    assert carried == PrivateMetadata("k" * 2_900, "draft.form", idempotency_key="V1")


def test_form_metadata_is_bound_to_its_person_and_form():
    signed = signed_view(form({}, private_metadata="31400003"), PrivateMetadata(), SIGNER)["private_metadata"]
    assert SIGNER.verify(signed, "draft.create").form_metadata == "31400003"
    assert MetadataSigner(SIGNER.signer, "U2").verify(signed, "draft.create") is None
    assert SIGNER.verify(signed, "draft.save") is None
    for forged in ("", '{"kept":"31400003"}', "{nonsense", signed[1:], signed.replace("3", "4")):
        assert SIGNER.verify(forged, "draft.create") is None


def test_options_are_at_most_a_hundred_and_short_enough():
    options = views.options_response([Choice("x" * 200, str(number)) for number in range(300)])["options"]
    assert len(options) == 100 and all(len(each["text"]["text"]) <= 75 for each in options)


def test_longest_form_fits_the_message_that_returns_the_form():
    most = {name: ("word " * 1_000)[:length] for name, length in MAX_LENGTHS.items()}
    most["categories"] = tuple(Choice(f"{number}" + "x" * 72, f"{number}") for number in range(MAX_CHOSEN))
    shown_form = signed_view(form(most), PrivateMetadata(), SIGNER)
    assert_is_good(shown_form)
    view = opened(shown_form)
    reply = Reply(("Figshare isn't responding.",), (Text(("x" * 300,)),))
    submission = parse_submission({"user": {"id": "U1"}, "view": view})
    returned = returned_form(reply, submission, PrivateMetadata("7", "draft.form"), SIGNER)
    message = blocks.message_payload(returned)
    assert message_problems(message["blocks"]) == [] and not are_blocks_too_long(message["blocks"])
    given = {name: value for name, value in views.submitted_values(view).items() if value}
    assert values_from_message(message["blocks"]) == given


@pytest.mark.parametrize("odd", [{"private_metadata": "\ud800"}, {"previous_view_id": 10**30}])
def test_view_that_no_json_carries_is_malformed(odd):
    view = opened(signed_view(form(FILLED), PrivateMetadata(), SIGNER)) | odd
    with pytest.raises(Malformed):
        parse_submission({"user": {"id": "U1"}, "view": view})


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.dictionaries(st.sampled_from(sorted(MAX_LENGTHS)), st.text(max_size=200)), st.text(max_size=90))
def test_any_text_makes_a_valid_view(typed, hint):
    modal = signed_view(
        Form("x" * 40, "draft.create", "y" * 40, (*form_fields(typed, MANY), Field("more", hint, hint=hint))),
        PrivateMetadata(),
        SIGNER,
    )
    assert view_problems(copy.deepcopy(modal)) == []
    assert view_problems(views.redisplay(opened(modal), [(hint,), ()])) == []


@pytest.mark.parametrize(
    ("one", "other"),
    [("One\n\nTwo ", "One\nTwo"), ("", "\n"), ((ECOLOGY, BOTANY), (BOTANY, ECOLOGY)), ((), "")],
)
def test_digest_of_a_value_ignores_spaces_and_order(one, other):
    assert fingerprint(one) == fingerprint(other)
    assert fingerprint("One\nTwo") != fingerprint("One Two") and fingerprint((ECOLOGY,)) != fingerprint(
        (BOTANY,)
    )


def test_typed_text_is_shown_again():
    for typed in ("One & <two>\n\nThree", "5 < 6 > 4", "&amp; stays"):
        assert fingerprint(
            field_values(PrivateArticle(id=1, description=as_html(typed)))["description"]
        ) == fingerprint(typed)


@pytest.mark.parametrize(
    "markup", ["<p>a <b>b</b></p>", "<ul><li>a</li></ul>", '<a href="x">y</a>', "x" * 3_000]
)
def test_form_leaves_out_values_too_long_for_a_field(markup):
    assert "description" not in field_values(PrivateArticle(id=1, description=markup))


def test_empty_article_can_be_shown():
    values = field_values(msgspec.convert({"id": 1}, PrivateArticle))
    assert values["title"] == "" and values["categories"] == ()
    assert_is_good(signed_view(form(values), PrivateMetadata(), SIGNER))
