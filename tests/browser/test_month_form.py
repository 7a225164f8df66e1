"""The form of a branch's month in a browser, from the folder: filled by mouse and keyboard, saved, and never lost."""

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.checkers import axe_says, nu_says
from tests.site_project import SiteProject, members, period
from tests.workbooks import bring_in, export, meaning

pytestmark = pytest.mark.needs("chromium")

TODAY = date(2026, 4, 2)
DRAFT = """\
activities:
  - {item: study, date: 2026-03-05, title: "</script><b>学习</b>", leave: [张三], evidence: {sign-in: 甲.pdf}}
entries:
  - {member: 王五, item: suggestion, date: 2026-03-12, note: "<i>窗口</i>"}
"""

# How many unsaved contents the browser keeps: counted after all that the page itself has asked for.
KEPT = """new Promise(resolve => {
    const request = indexedDB.open("jifenbang", 1);
    request.onsuccess = () => {
        const forms = request.result.transaction("forms", "readwrite").objectStore("forms");
        forms.count().onsuccess = event => resolve(event.target.result);
    };
})"""


@pytest.fixture
def organ(tmp_path: Path) -> SiteProject:
    organ = SiteProject(tmp_path, members("zhang 张三 jia", "wang 王五 jia", "zhao 赵六 jia"))
    organ.ledger("jia", "2026-03", DRAFT)
    return organ


@pytest.fixture
def form(organ: SiteProject) -> Path:
    (file,) = export(organ, "2026-03", "--format", "html", today=TODAY)
    return file


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    """A page in a window of a phone; what goes wrong in a script is an error."""
    context = chromium.new_context(viewport={"width": 360, "height": 800}, accept_downloads=True)
    faults: list[str] = []
    page = context.new_page()
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
    yield page
    assert faults == []
    context.close()


def saved(page: Page, folder: Path) -> Path:
    with page.expect_download() as download:
        page.click("#save")
    file = folder / download.value.suggested_filename
    download.value.save_as(file)
    return file


def mark(page: Page, row: int, column: int) -> str:
    return page.locator(f'.mark[data-row="{row}"][data-column="{column}"]').inner_text()


def test_an_untouched_form_says_what_the_draft_says(organ: SiteProject, form: Path, page: Page, tmp_path: Path):
    page.goto(form.as_uri())
    file = saved(page, tmp_path)
    assert file.name.startswith("台账 2026-03 jia支部 ")
    assert "与现有的一样" in bring_in(organ, file, today=TODAY).stdout
    assert page.locator("textarea").first.input_value() == "</script><b>学习</b>"


def test_a_month_is_filled_in(organ: SiteProject, form: Path, page: Page, tmp_path: Path):
    page.goto(form.as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.fill("#cover input", "王五")
    page.focus('.mark[data-row="0"][data-column="0"]')
    for key in ("ArrowDown", "q", "ArrowDown", "4", "ArrowUp", "ArrowUp", "0"):
        page.keyboard.press(key)
    assert [mark(page, row, 0) for row in range(3)] == ["到", "缺", "免"]
    page.click('.mark[data-row="2"][data-column="0"]')  # round to the blank
    page.click("#add-entry")
    entry = page.locator(".entry").last
    entry.locator("[data-field=member]").select_option("赵六")
    entry.locator("[data-field=item]").select_option("建言献策")
    entry = page.locator(".entry").last
    entry.locator("[data-field=date]").fill("2026-03-20")
    bring_in(organ, saved(page, tmp_path), "--update", today=TODAY)
    said = meaning(organ.read(TODAY).draft_ledgers["jia", period("2026-03")])
    assert said[2] == "王五"
    (study, *entries) = said[3:]
    assert dict(study[-1]) == {"zhang": "present", "wang": "absent", "zhao": "present"}
    assert [(line[4], line[7]) for line in entries] == [("wang", "<i>窗口</i>"), ("zhao", "")]


def test_the_page_says_what_is_missing_and_leads_there(form: Path, page: Page):
    page.goto(form.as_uri())
    page.click("#add-entry")
    entry = page.locator(".entry").last
    entry.locator("[data-field=item]").select_option("建言献策")
    faults = page.locator("#faults button").all_inner_texts()
    assert {"第 2 条没有选党员", "第 2 条没有填日期"} <= set(faults)
    page.locator("#faults button", has_text="第 2 条没有填日期").click()
    assert page.evaluate("document.activeElement.dataset.field") == "date"
    page.locator(".entry").last.locator("[data-field=date]").fill("2026-02-20")
    assert "第 2 条的日期不在2026-03，补登的请写补登原因" in page.locator("#faults").inner_text()


def test_what_was_not_saved_is_offered_again(form: Path, page: Page, tmp_path: Path):
    page.goto(form.as_uri())
    page.fill("#cover input", "没有保存的人")
    assert page.evaluate(KEPT) == 1
    page.on("dialog", lambda dialog: dialog.accept())  # leave all the same
    page.reload()
    expect(page.locator("#offer")).to_be_visible()
    page.click("#take")
    expect(page.locator("#cover input")).to_have_value("没有保存的人")
    saved(page, tmp_path)
    page.reload()
    assert page.evaluate(KEPT) == 0
    assert page.locator("#offer").is_hidden()


def test_a_saved_file_is_read_again_and_no_other(form: Path, page: Page, tmp_path: Path):
    page.goto(form.as_uri())
    page.fill("#cover input", "第一次")
    file = saved(page, tmp_path)
    page.reload()
    page.set_input_files("#open", file)
    expect(page.locator("#cover input")).to_have_value("第一次")
    content = json.loads(file.read_text("utf-8"))
    content["origin"]["month"] = "2026-04"
    other = tmp_path / "other.json"
    other.write_text(json.dumps(content), "utf-8")
    page.set_input_files("#open", other)
    page.locator("#said", has_text="没有读入").wait_for()
    other.write_text("[1]", "utf-8")
    page.set_input_files("#open", other)
    page.locator("#said", has_text="不是这一页保存的文件").wait_for()
    assert page.input_value("#cover input") == "第一次"


@pytest.mark.needs("npm")
@pytest.mark.needs("java")
def test_the_checkers_find_nothing(form: Path, page: Page):
    page.goto(form.as_uri())
    page.click("#add-entry")
    assert axe_says(page, "light") == {}
    # The checker knows no digests in a policy; that the browser takes them is seen by the page that works.
    assert [said for said in nu_says(form) if "(missing “‘unsafe-inline’” or nonce/hash)" not in said] == []
