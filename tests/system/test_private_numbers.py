"""Private numbers in every published text: refused in drafts, covered and told of in files sealed before."""

from datetime import date
from pathlib import Path

import pytest

from tests.site_project import RULEBOOK, SETTINGS, SiteProject

TODAY = date(2026, 2, 10)
ROSTER = """\
branches:
  - {id: first, name: 第一党支部, secretary: zhou-min}
members:
  - {id: zhou-min, name: 周敏, branch: first, status: full}
  - {id: li-qiang, name: 李强, branch: first, status: full}
"""
LEDGER = """\
activities:
  - {item: general-meeting, date: 2026-01-05, title: TITLE, evidence: {sign-in: PROOF.pdf, KIND: [b.pdf, LISTED.pdf]}}
  - {item: general-meeting, date: 2026-01-06, title: 第二次会, late: LATE}
entries:
  - {member: 李强, item: suggestion, date: 2026-01-07, note: NOTE}
"""
PLACES = ["TITLE", "PROOF", "KIND", "LISTED", "LATE", "NOTE"]
NUMBERS = {
    "TITLE": "联系（0371）6718 0000",
    "PROOF": "41010219900307391X",
    "KIND": "电话＋８６１３８００１３８００１",
    "LISTED": "410102900307392",
    "LATE": "138.0013.8002补登",
    "NOTE": "问 0086 138 0013 8003",
}


def ledger(numbers: dict[str, str]) -> str:
    text = LEDGER
    for place in PLACES:
        text = text.replace(place, numbers.get(place, place.lower()))
    return text


@pytest.fixture
def organ(tmp_path: Path) -> SiteProject:
    organ = SiteProject(tmp_path, ROSTER)
    organ.write("content/site.yaml", f"{SETTINGS}publish: [organ, branch, member, committee]\n")
    return organ


def seal_as_before(organ: SiteProject, *files: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Seal files as a version did that looked for no numbers."""
    with monkeypatch.context() as context:
        context.setattr("generator.intake.text.fields._check_public_text", lambda text: (text.strip(), None))
        organ.approve(*files, meeting="2026-02-03", today=TODAY)


@pytest.mark.parametrize("place", PLACES)
def test_a_draft_may_hold_none(organ: SiteProject, place: str):
    organ.ledger("first", "2026-01", ledger({place: NUMBERS[place]}))
    said = organ.run("check", today=TODAY)
    assert said.exit_code == 1
    assert said.stderr.count("错误") == said.stderr.count("〔text.private-number〕") == 1
    assert organ.run(
        "approve", organ.root / "ledgers/2026/first/01.yaml", "--meeting", "2026-02-03", today=TODAY
    ).exit_code


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("content/notices/a.md", "---\ntitle: 通知\ndate: 2026-02-01\n---\n联系138 0013 8000\n"),
        ("content/notices/a.md", "---\ntitle: 通知\ndate: 2026-02-01\n---\n- 联系 **0371**—67180000\n"),
        ("content/notices/a.md", "---\ntitle: 问 ＋８６１３８００１３８０００\ndate: 2026-02-01\n---\n文\n"),
        ("content/notices/a-13800138000.md", "---\ntitle: 通知\ndate: 2026-02-01\n---\n文\n"),
        ("content/pages/a.md", "---\ntitle: 页\n---\n身份证 110105 19491231 0026\n"),
        ("content/site.yaml", SETTINGS.replace("全部为虚构", "电话037167180000")),
        ("content/site.yaml", f"{SETTINGS}objection: {{days: 5, contact: 办公室(0371)67180000}}\n"),
        ("ledgers/roster.yaml", ROSTER.replace("第一党支部", "第一党支部138.0013.8000")),
        ("ledgers/roster.yaml", ROSTER.replace("name: 李强,", "name: 李强, aka: 0371 67180000,")),
        ("ledgers/rulebooks/erqi-2021.yaml", RULEBOOK.replace("title: ", "title: 0371—67180000 ", 1)),
        ("ledgers/2026/votes/a.yaml", "award: 优秀13800138000\ndate: 2026-01-09\nelectorate: 2\nvotes: {李强: 1}\n"),
    ],
)
def test_no_other_published_text_may(organ: SiteProject, file: str, text: str):
    organ.write(file, text)
    said = organ.run("check", today=TODAY)
    assert said.exit_code == 1
    assert "〔text.private-number〕" in said.stderr


def test_the_office_telephone_has_its_place(organ: SiteProject):
    organ.write("content/site.yaml", f"{SETTINGS}objection: {{days: 5, contact: 办公室, phone: 0371-67180000}}\n")
    assert organ.run("check", today=TODAY).exit_code == 0


def published(organ: SiteProject) -> str:
    output = organ.root / "site"
    return "\n".join(
        f"{path.relative_to(output)}\n{path.read_text('utf-8', 'replace')}"
        for path in sorted(output.rglob("*"))
        if path.suffix in {".html", ".js", ".json", ".xml", ".csv", ".txt"}
    )


def test_in_a_sealed_ledger_they_are_covered_and_a_correction_mends_them(
    organ: SiteProject, monkeypatch: pytest.MonkeyPatch
):
    sealed = organ.ledger("first", "2026-01", ledger(NUMBERS))
    seal_as_before(organ, sealed, monkeypatch=monkeypatch)
    before = sealed.read_bytes()

    checked = organ.run("check", today=TODAY)
    assert checked.exit_code == 0, checked.stderr
    assert checked.stderr.count("〔text.private-number〕") == len(PLACES)
    assert "jifenbang correct" in checked.stderr
    assert organ.run("build", today=TODAY).exit_code == 0
    assert sealed.read_bytes() == before
    pages = published(organ)
    for number in ("0371）6718", "03071391X", "19900307", "３８００１３８", "900307", "138.0013", "138 0013"):
        assert number not in pages
    for covered in (
        "037*）**** 0000",
        "410***********391X.pdf",
        "138.****.8002",
        "410********7392.pdf",
        "008* *** **** 8003",
    ):
        assert covered in pages
    assert organ.run("verify", today=TODAY).exit_code == 0

    drafted = organ.run("correct", sealed, "a1", "a2", "e1", "--recorder", "登记员", today=TODAY)
    assert drafted.exit_code == 0, drafted.stderr
    draft = sealed.with_name("01.c1.yaml")
    text = draft.read_text("utf-8").replace("reason: ", "reason: 删去号码 ")
    draft.write_text(text, encoding="utf-8")
    assert organ.run("check", today=TODAY).exit_code == 1  # what was copied still holds the numbers
    for number in NUMBERS.values():
        text = text.replace(number, "有")
    draft.write_text(text, encoding="utf-8")
    organ.approve(draft, meeting="2026-02-05", today=TODAY)
    mended = organ.run("check", today=TODAY)
    assert "text.private-number" not in mended.stderr
    assert organ.run("build", today=TODAY).exit_code == 0
    assert sealed.read_bytes() == before


def test_what_a_correction_leaves_is_still_told(organ: SiteProject, monkeypatch: pytest.MonkeyPatch):
    sealed = organ.ledger("first", "2026-01", ledger(NUMBERS))
    seal_as_before(organ, sealed, monkeypatch=monkeypatch)
    organ.run("correct", sealed, "e1", "--recorder", "登记员", today=TODAY)
    draft = sealed.with_name("01.c1.yaml")
    text = draft.read_text("utf-8").replace("reason: ", "reason: 删去号码 ").replace(NUMBERS["NOTE"], "无")
    draft.write_text(text, encoding="utf-8")
    assert organ.run("check", today=TODAY).stderr.count("〔text.private-number〕") == len(PLACES)  # not approved yet
    organ.approve(draft, meeting="2026-02-05", today=TODAY)
    assert organ.run("check", today=TODAY).stderr.count("〔text.private-number〕") == len(PLACES) - 1


def test_sealed_reviews_polls_and_records(organ: SiteProject, monkeypatch: pytest.MonkeyPatch):
    poll = organ.write(
        "ledgers/2026/votes/best.yaml",
        "award: 优秀党员(0371)67180000\ndate: 2026-01-09\nelectorate: 2\nvotes: {李强: 1, 周敏: 1}\n",
    )
    ledger_file = organ.ledger("first", "2026-01", ledger({}))
    seal_as_before(organ, poll, ledger_file, monkeypatch=monkeypatch)
    with monkeypatch.context() as context:
        context.setattr("generator.commands.approve.find_private_number", lambda _text: None)
        withdrawn = organ.run("approve", ledger_file, "--withdraw", "--reason", "问了138 0013 8000", today=TODAY)
    assert withdrawn.exit_code == 0, withdrawn.stderr
    said = organ.run("check", today=TODAY)
    assert said.exit_code == 0, said.stderr
    assert said.stderr.count("〔text.private-number〕") == 2
    assert organ.run("build", today=TODAY).exit_code == 0
    assert "67180000" not in published(organ)
    assert "138 0013 8000" not in published(organ)
