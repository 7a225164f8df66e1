"""``verify`` computes a release anew and believes neither the cache nor the folder."""

import json
import re
from collections.abc import Callable
from datetime import date
from hashlib import sha256
from pathlib import Path

import pytest
from msgspec.structs import replace

from generator.build import source_digests
from generator.build.cache import Cache
from generator.build.survey import CachedReport
from generator.project import Project
from generator.publish.store import Manifest, Store
from tests.site_project import SETTINGS, SiteProject, members, written_once

ROSTER = members("zhang 张三 jia", "wang 王五 jia", "li 李四 yi")
DUES = "activities: [{item: 收缴党费, date: 2026-01-09}]\n"
NOTICE = "content/notices/news.md"
DRAFT = "ledgers/2026/jia/02.yaml"


@pytest.fixture
@written_once
def organ(tmp_path: Path) -> SiteProject:
    """One approved month, one draft and a notice, published."""
    organ = SiteProject(tmp_path / "organ", ROSTER)
    organ.approve(organ.ledger("jia", "2026-01", DUES), organ.ledger("yi", "2026-01", DUES), meeting="2026-03-03")
    organ.ledger("jia", "2026-02", DUES.replace("01-09", "02-09"))
    organ.write(NOTICE, "---\ntitle: 通知\ndate: 2026-03-05\n---\n正文\n")
    assert organ.run("build").exit_code == 0
    return organ


def found(organ: SiteProject, *words: str) -> dict[str, str]:
    """The code of each problem of the release, with its message; nothing of --anchor."""
    problems = re.findall(
        r"^site:1:1: (?:错误|提醒)：(.*)〔(release\.[a-z-]+)〕$", organ.run("verify", *words).stderr, re.MULTILINE
    )
    return {code: message for message, code in problems}


def manifest(organ: SiteProject) -> Manifest:
    store = Store.for_output(Project(organ.root), organ.root / "site")
    [number] = store.find_present_numbers()
    written = store.read_manifest(number)
    assert written
    return written


def test_a_release_records_what_made_it(organ: SiteProject):
    record = manifest(organ).record
    assert record is not None
    assert record.audiences == ("branch", "member", "organ")
    assert not record.with_gzip
    assert record.program == source_digests.digest_program()
    text = (organ.root / DRAFT).read_bytes()
    assert record.inputs[DRAFT] == sha256(text).hexdigest()
    assert {"shipped/default/templates/board.html", "shipped/default/assets/site.js"} <= record.theme.keys()
    assert not [path for path in record.theme if path.startswith("/")]


def test_nothing_changed(organ: SiteProject):
    done = organ.run("verify")
    assert (done.exit_code, done.stderr) == (0, "")
    count = len(manifest(organ).files)
    assert f"按原始资料重新计算：{count} 个文件全部一致。" in done.stdout


def test_an_entry_of_the_cache_that_was_changed_with_its_digest_is_noticed(
    organ: SiteProject, monkeypatch: pytest.MonkeyPatch
):
    """The attack: more points in a remembered summary, then a notice touched, so that the board is drawn from it."""
    real = Cache.get

    def get(cache, key, kind):
        value = real(cache, key, kind)
        if isinstance(value, CachedReport) and value.report.branch == "jia":
            assert value.summary
            figures = {
                period: [replace(one, points=one.points + 100, total=one.total + 100) for one in members]
                for period, members in value.summary.figures.items()
            }
            value = replace(value, summary=replace(value.summary, figures=figures))
        return value

    with monkeypatch.context() as patch:
        patch.setattr(Cache, "get", get)
        organ.write(NOTICE, "---\ntitle: 通知二\ndate: 2026-03-05\n---\n正文\n")
        organ.write("ledgers/2026/yi/02.yaml", "branch: yi\nmonth: 2026-02\nrecorder: 登记员\n")
        organ.approve(organ.root / "ledgers/2026/yi/02.yaml", meeting="2026-03-09")
        assert organ.run("build").exit_code == 0
    assert "101" in (organ.root / "site/boards/2026-H1.html").read_text("utf-8")
    messages = found(organ)
    assert set(messages) == {"release.recomputed"}
    assert "boards/2026-H1.html" in messages["release.recomputed"]


@pytest.mark.parametrize("page", ["boards/2026-H1.html", "branches/jia/2026-01.html", "members/zhang.html", "feed.xml"])
def test_a_file_that_was_published_otherwise_is_named(organ: SiteProject, page: str):
    """As a cache, a worker or a program that was tampered with would have published it: the release says the same."""
    path = organ.root / "site" / page
    changed = path.read_bytes() + b" "
    path.write_bytes(changed)
    published = manifest(organ)
    store = Store.for_output(Project(organ.root), organ.root / "site")
    store.write_manifest(_with_file(published, page, sha256(changed).hexdigest()))
    messages = found(organ)
    assert list(messages) == ["release.recomputed"]
    assert page in messages["release.recomputed"]
    assert organ.run("verify").exit_code == 1
    assert found(organ, "--quick") == {}


def _with_file(published: Manifest, path: str, digest: str) -> Manifest:
    fields = {name: getattr(published, name) for name in Manifest.__struct_fields__}
    return Manifest(**{**fields, "files": {**published.files, path: digest}})


CHANGES: dict[str, tuple[Callable[[SiteProject], object], set[str], str]] = {
    "a notice": (
        lambda organ: organ.write(NOTICE, "---\ntitle: 通知二\ndate: 2026-03-05\n---\n正文\n"),
        {"release.input-changed", "release.not-compared"},
        NOTICE,
    ),
    "a new notice": (
        lambda organ: organ.write("content/notices/more.md", "---\ntitle: 通知\ndate: 2026-03-06\n---\n正文\n"),
        {"release.input-changed"},
        "content/notices/more.md",
    ),
    "a draft": (
        lambda organ: organ.write(DRAFT, (organ.root / DRAFT).read_text("utf-8") + "# 待核\n"),
        {"release.input-changed"},
        DRAFT,
    ),
    "a draft that was approved since": (
        lambda organ: organ.approve(organ.root / DRAFT, meeting="2026-03-08"),
        {"release.input-changed"},
        DRAFT,
    ),
    "a draft that is gone": (lambda organ: (organ.root / DRAFT).unlink(), {"release.input-changed"}, DRAFT),
    "settings": (
        lambda organ: organ.write("content/site.yaml", SETTINGS.replace("积分榜", "积分公示")),
        {"release.input-changed", "release.not-compared"},
        "content/site.yaml",
    ),
    "the theme": (
        lambda organ: organ.write("themes/default/templates/404.html", "x"),
        {"release.input-changed", "release.not-compared"},
        "themes/default/templates/404.html",
    ),
}


@pytest.mark.parametrize("change", CHANGES)
def test_what_changed_since_is_named_and_the_rest_compared(organ: SiteProject, change: str):
    act, codes, path = CHANGES[change]
    act(organ)
    messages = found(organ)
    assert set(messages) == codes
    assert path in messages["release.input-changed"]
    assert organ.run("verify").exit_code == 0
    assert "release.recomputed" not in messages


def test_a_sealed_input_that_changed_is_an_error(organ: SiteProject):
    path = organ.root / "ledgers/2026/jia/01.yaml"
    path.write_text(path.read_text("utf-8").replace("01-09", "01-08"), encoding="utf-8")
    done = organ.run("verify")
    assert done.exit_code == 1
    assert "approval.digest" in done.stderr
    assert "ledgers/2026/jia/01.yaml 自发布以来改动过" in done.stderr
    assert "release.recomputed" not in done.stderr  # the page is as it was published: the ledger isn't
    assert "网站没有按原始资料重新计算" in done.stdout


@pytest.mark.parametrize("settings", ["{", f"{SETTINGS}theme: gone\n"])
def test_settings_that_cannot_be_read_say_nothing_of_the_theme(organ: SiteProject, settings: str):
    organ.write("content/site.yaml", settings)
    done = organ.run("verify")
    assert re.findall(r"提醒：(\S+) 自发布以来改动过", done.stderr) == ["content/site.yaml"]


def test_a_release_of_another_program_is_said_to_be_one(organ: SiteProject, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(source_digests, "digest_program", lambda: "another")
    assert set(found(organ)) == {"release.other-program"}
    assert "没有按原始资料重新计算" in organ.run("verify").stdout


def test_the_same_site_from_other_inputs_is_the_same_release_with_a_new_record(organ: SiteProject):
    before = manifest(organ)
    organ.write(DRAFT, (organ.root / DRAFT).read_text("utf-8") + "# 待核\n")
    assert organ.run("build", today=date(2027, 6, 2)).exit_code == 0
    after = manifest(organ)
    assert (after.number, after.files) == (before.number, before.files)
    assert (before.day, after.day) == (date(2027, 6, 1), date(2027, 6, 2))
    assert after.record != before.record
    assert found(organ) == {}


def test_a_field_that_a_later_version_adds_does_not_make_the_state_unreadable(organ: SiteProject):
    [path] = organ.root.glob(".jifenbang/outputs/*/releases/00001.json")
    fields = json.loads(path.read_text("utf-8"))
    assert fields.pop("schema") == 2
    del fields["sha256"]
    raw = json.dumps({"schema": 3, "later": [1], **fields}).encode()
    path.write_bytes(raw[:-1] + f', "sha256": "{sha256(raw).hexdigest()}"}}'.encode())
    assert manifest(organ).number == 1
    organ.write(NOTICE, "---\ntitle: 通知二\ndate: 2026-03-05\n---\n正文\n")
    assert organ.run("build").exit_code == 0
    assert manifest(organ).number == 2
