"""The manifest asks for the scopes that the settings need, and `check` compares with the same ones."""

import subprocess
import sys
from dataclasses import replace

import pytest
import yaml

from bot import manifest as module
from bot.manifest import manifest, required_scopes
from bot.settings import Settings
from tests.support.paths import ROOT

CHECK_MANIFEST = ROOT.parent / "shared" / "tools" / "check_manifest.py"
VARIANTS = {
    "base": {},
    "email": {"figshare_impersonate": "email"},
    "groups": {"draft_users": ("U0MAYA", "S0LIBRARIANS")},
    "both": {"figshare_impersonate": "email", "draft_users": ("S0LIBRARIANS",)},
}
ADDED = {
    "base": set(),
    "email": {"users:read.email"},
    "groups": {"usergroups:read"},
    "both": {"users:read.email", "usergroups:read"},
}
BASE = required_scopes(Settings())


@pytest.mark.parametrize("url", ["", "https://bot.example.org"])
@pytest.mark.parametrize("variant", VARIANTS)
def test_scopes_follow_the_settings(variant, url):
    settings = replace(Settings(), **VARIANTS[variant])
    scopes = yaml.safe_load(manifest(settings, url))["oauth_config"]["scopes"]["bot"]
    assert set(scopes) == required_scopes(settings) == BASE | ADDED[variant]
    assert len(scopes) == len(set(scopes))


def test_people_alone_need_no_scope_of_user_groups():
    settings = replace(Settings(), draft_users=("U0MAYA", "W0JONAS"))
    assert required_scopes(settings) == BASE
    assert "usergroups:read" not in manifest(settings)


def test_manifest_file_installs_as_it_stands():
    assert manifest(Settings()) == (ROOT / "manifest.yml").read_text("utf-8")


def test_scopes_of_users_and_optional_ones_are_not_the_bots(monkeypatch, tmp_path):
    text = (ROOT / "manifest.yml").read_text("utf-8")
    other = "    user:\n      - search:read\n    bot_optional:\n      - files:read\n"
    for place in ("    bot:\n", "settings:\n"):
        path = tmp_path / "manifest.yml"
        path.write_text(text.replace(place, other + place), "utf-8")
        monkeypatch.setattr(module, "_PATHS", (path,))
        assert required_scopes(Settings()) == BASE
        parsed = yaml.safe_load(manifest(replace(Settings(), **VARIANTS["both"])))
        scopes = parsed["oauth_config"]["scopes"]
        assert set(scopes["bot"]) == BASE | ADDED["both"]
        assert scopes["user"] == ["search:read"] and scopes["bot_optional"] == ["files:read"]


def test_command_prints_what_the_settings_need():
    environ = {"DRAFT_USERS": "S0LIBRARIANS", "FIGSHARE_IMPERSONATE": "email", "PORT": "no port"}
    printed = subprocess.run(
        [sys.executable, "-m", "bot", "manifest"], cwd=ROOT, env=environ, capture_output=True, text=True
    )
    assert printed.returncode == 0, printed.stderr
    scopes = yaml.safe_load(printed.stdout)["oauth_config"]["scopes"]["bot"]
    assert set(scopes) == BASE | ADDED["both"]


@pytest.mark.skipif(not CHECK_MANIFEST.is_file(), reason="the independent checker is not here")
@pytest.mark.parametrize("url", ["", "https://bot.example.org"])
@pytest.mark.parametrize("variant", VARIANTS)
def test_every_variant_passes_the_independent_checker(variant, url, tmp_path):
    path = tmp_path / "manifest.yml"
    path.write_text(manifest(replace(Settings(), **VARIANTS[variant]), url), "utf-8")
    done = subprocess.run([sys.executable, CHECK_MANIFEST, path], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
