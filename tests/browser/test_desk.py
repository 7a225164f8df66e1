"""A month on the desk, in a browser, without a terminal: filled, mended, approved, published, corrected, filed."""

import threading
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner
from playwright.sync_api import Browser, Page, expect

from generator.commands import cli
from generator.desk.desk import CommandOutput
from tests.browser.checkers import axe_says
from tests.desks import RunningDesk, desk
from tests.served import PATIENCE
from tests.signing import make_chief
from tests.site_project import SiteProject, members

pytestmark = pytest.mark.needs("chromium")

TODAY = date(2026, 4, 2)
ROSTER = members("zhang 张三 jia", "wang 王五 jia", "zhao 赵六 yi", branches="jia yi")


@pytest.fixture
def organ(tmp_path: Path) -> SiteProject:
    """January and February are approved, March is open."""
    organ = SiteProject(tmp_path / "organ", ROSTER)
    files = [
        organ.ledger(branch, f"2026-0{month}", f"activities:\n  - {{item: study, date: 2026-0{month}-05}}\n")
        for branch in ("jia", "yi")
        for month in (1, 2)
    ]
    organ.approve(*files, meeting="2026-03-03", today=TODAY)
    return organ


@pytest.fixture
def running(organ: SiteProject, tmp_path: Path) -> Iterator[RunningDesk]:
    with desk(organ.root, tmp_path / "desk", TODAY) as running:
        yield running


@pytest.fixture
def page(chromium: Browser, running: RunningDesk) -> Iterator[Page]:
    """The desk in a window; what goes wrong in a script is an error."""
    context = chromium.new_context(viewport={"width": 1024, "height": 800})
    faults: list[str] = []
    page = context.new_page()
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.goto(running.address)
    yield page
    assert faults == []
    context.close()


def fill_month(page: Page, root: str, branch: str, title: str) -> None:
    page.goto(f"{root}month/{branch}/2026-03")
    page.click("text=填台账")
    page.fill("#cover input", "王五")
    page.locator('[aria-label="日期，第 1 次活动"]').fill("2026-03-05")
    page.locator('[aria-label="主题，第 1 次活动"]').fill(title)


def act(page: Page, button: str) -> str:
    """Press a button, confirm what it shows, and return what was said."""
    page.get_by_role("button", name=button).click()
    page.locator("ul.facts, pre.said").first.wait_for()
    if page.locator("ul.facts").count():
        page.locator("main button.main").click()
    page.wait_for_url("**/done/*")
    return page.locator("pre.said").inner_text()


def approve(page: Page, root: str, branch: str) -> str:
    page.goto(f"{root}month/{branch}/2026-03")
    page.fill("[name=meeting]", "2026-04-01")
    page.fill("[name=by]", "张三" if branch == "jia" else "赵六")
    return act(page, "看看要封存什么")


def correct(page: Page, root: str) -> None:
    """Correct a title in the filed month, with the organ committee's consent."""
    page.goto(f"{root}month/jia/2026-03")
    page.click("text=更正")
    page.locator('#cover [data-field="reason"]').fill("写错了主题")
    page.locator('[aria-label="主题，第 1 次活动"]').fill("三月支部大会")
    page.click("#save")
    page.locator("#said", has_text="已保存").wait_for()
    page.goto(f"{root}month/jia/2026-03")
    page.fill("[name=meeting]", "2026-04-02")
    page.locator("form[action$='act/approve'] [name=by]").fill("张三")
    page.fill("[name=consent]", "李主任")
    page.locator("form[action$='act/approve'] [name=acting]").fill("机关党委负责人")
    page.get_by_role("button", name="看看要封存什么").click()
    page.locator("main button.main").click()
    page.wait_for_url("**/done/*")
    assert "已审核" in page.locator("pre.said").inner_text()


def test_a_whole_month_without_a_terminal(page: Page, running: RunningDesk, organ: SiteProject):
    root = running.address
    assert page.locator("td.missing a").count() >= 2

    fill_month(page, root, "jia", "三月大会")
    page.locator('[aria-label="日期，第 1 次活动"]').fill("2026-05-05")
    page.keyboard.press("Control+s")
    page.locator("#said", has_text="没填好的草稿").wait_for()
    page.reload()
    expect(page.locator('[aria-label="日期，第 1 次活动"]')).to_have_value("2026-05-05")
    page.keyboard.press("Control+s")
    expect(page.locator("#answers .error")).to_have_count(1)
    expect(page.locator("#counts")).to_have_text("1 处错误")
    page.locator("#answers .error button").click()
    expect(page.locator('[aria-label="项目，第 1 次活动"]')).to_be_focused()
    page.locator('[aria-label="日期，第 1 次活动"]').fill("2026-03-05")
    page.keyboard.press("Control+s")
    page.locator("#said", has_text="已保存到 ledgers/2026/jia/03.yaml。").wait_for()
    fill_month(page, root, "yi", "乙支部大会")
    page.click("#save")
    page.locator("#said", has_text="已保存").wait_for()

    assert "已审核" in approve(page, root, "jia")
    assert "已审核" in approve(page, root, "yi")

    page.goto(f"{root}preview/members/zhang.html")
    assert "三月大会" in page.locator("main").inner_text()
    page.goto(f"{root}publish")
    assert "已生成" in act(page, "看看要公布什么") or (organ.root / "site/members/zhang.html").is_file()
    assert "三月大会" in (organ.root / "site/members/zhang.html").read_text("utf-8")

    page.goto(f"{root}month/jia/2026-03")
    page.fill("[name=on]", "2026-04-02")
    page.locator("form[action$='act/file'] [name=by]").fill("李主任")
    page.locator("form[action$='act/file'] [name=acting]").fill("机关党委")
    page.locator("form[action$='act/file'] button").click()
    page.locator("main button.main").click()
    page.wait_for_url("**/done/*")
    assert (organ.root / "ledgers/2026/filings/2026-Q1.jia.yaml").is_file()

    correct(page, root)
    page.goto(f"{root}publish")
    act(page, "看看要公布什么")
    assert "三月支部大会" in (organ.root / "site/members/zhang.html").read_text("utf-8")
    page.goto(f"{root}publish")
    act(page, "退回上一次生成")
    assert "三月支部大会" not in (organ.root / "site/members/zhang.html").read_text("utf-8")
    assert len((organ.root / ".jifenbang/desk.log").read_text("utf-8").splitlines()) >= 8


def test_nothing_typed_is_lost_when_the_file_changed_meanwhile(page: Page, running: RunningDesk, organ: SiteProject):
    organ.ledger("jia", "2026-03", "activities:\n  - {item: study, date: 2026-03-05, title: 一}\n")
    page.goto(f"{running.address}month/jia/2026-03/edit")
    page.locator('[aria-label="主题，第 1 次活动"]').fill("我写的")
    organ.ledger("jia", "2026-03", "activities:\n  - {item: study, date: 2026-03-06, title: 别人写的}\n")
    page.click("#save")
    page.wait_for_selector("#conflict:visible")
    assert "别人写的" in page.locator("#theirs").inner_text()
    assert page.locator('[aria-label="主题，第 1 次活动"]').input_value() == "我写的"
    assert "我写的" not in (organ.root / "ledgers/2026/jia/03.yaml").read_text("utf-8")
    page.click("#merge")
    page.locator("#said", has_text="已保存").wait_for()
    text = (organ.root / "ledgers/2026/jia/03.yaml").read_text("utf-8")
    assert "我写的" in text
    assert "别人写的" in text


def test_a_window_with_unsaved_input_keeps_the_desk_open(page: Page, running: RunningDesk):
    page.goto(f"{running.address}month/jia/2026-03/edit")
    page.fill("#cover input", "张三")
    for _ in range(PATIENCE * 20):
        if running.session.windows.has_unsaved_input:
            break
        page.wait_for_timeout(50)
    status, _, words = running.post("close", b"")
    assert (status, "还有没保存的内容" in words) == (409, True)


@pytest.mark.needs("npm")
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_what_moves_is_accessible_and_fits_a_phone(page: Page, running: RunningDesk, organ: SiteProject, scheme: str):
    organ.ledger("jia", "2026-03", "activities:\n  - {item: study, date: 2026-03-05, title: 学习}\n")
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    page.set_viewport_size({"width": 360, "height": 800})
    page.goto(f"{running.address}month/jia/2026-03")
    page.fill("[name=meeting]", "2026-04-01")
    page.fill("[name=by]", "张三")
    page.get_by_role("button", name="看看要封存什么").click()
    page.wait_for_selector("#moves[aria-busy=false] table")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    assert axe_says(page, scheme) == {}


def test_the_months_are_walked_by_arrow_keys(page: Page):
    page.locator(".months a").first.focus()
    for key in ("ArrowRight", "ArrowRight", "ArrowDown", "ArrowLeft", "ArrowUp", "ArrowRight"):
        page.keyboard.press(key)
    assert page.evaluate("document.activeElement.getAttribute('href')").endswith("month/jia/2026-03")
    page.keyboard.press("Enter")
    page.wait_for_url("**/month/jia/2026-03")


TABLE = "姓名,日期,项目,主题,出勤\n张三,2026-03-05,支部党员大会,会议,到\n王五,2026-03-05,支部党员大会,会议,请假\n"


def test_a_table_is_looked_at_then_written(page: Page, running: RunningDesk, organ: SiteProject):
    page.goto(f"{running.address}hand-in")
    assert not page.locator("#write").is_visible()
    assert not page.locator("[name=poll]").is_visible()
    page.set_input_files("#files", {"name": "活动.csv", "mimeType": "text/csv", "buffer": TABLE.encode()})
    page.locator(".taken .error").wait_for()
    assert not page.locator("#write").is_visible()
    page.fill("[name=recorder]", "李登记")
    page.keyboard.press("Tab")
    page.locator(".taken", has_text="头几行这样读").wait_for()
    assert "会写成草稿" in page.locator(".taken").inner_text()
    assert not (organ.root / "ledgers/2026/jia/03.yaml").exists()
    page.click("#write")
    page.locator("#taken", has_text="已写入 ledgers/2026/jia/03.yaml").wait_for()
    assert "李登记" in (organ.root / "ledgers/2026/jia/03.yaml").read_text("utf-8")
    expect(page.locator("#write")).to_be_hidden()


def test_a_notice_begins_has_an_attachment_and_survives_a_closed_window(
    page: Page, running: RunningDesk, organ: SiteProject
):
    page.goto(f"{running.address}settings")
    page.click("summary:has-text('公告')")
    card = page.locator("details[open]")
    card.locator("[name=id]").fill("tongzhi")
    card.locator("[name=title]").fill("关于学习的通知")
    card.get_by_role("button", name="新建").click()
    page.wait_for_url("**/text/notices:tongzhi")
    page.locator("#text").press("Control+End")
    page.keyboard.type("请看附件。")
    page.set_input_files("#attachments", {"name": "名单.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1"})
    page.locator("#said", has_text="已放好").wait_for()
    typed = page.locator("#text").input_value()
    assert "[名单.pdf](<名单.pdf>)" in typed
    page.on("dialog", lambda dialog: dialog.accept())
    page.reload()
    assert "请看附件" not in page.locator("#text").input_value()
    page.click("#take")
    expect(page.locator("#text")).to_have_value(typed)
    page.keyboard.press("Control+s")
    page.locator("#said", has_text="已保存").wait_for()
    assert "请看附件" in (organ.root / "content/notices/tongzhi.md").read_text("utf-8")
    link = page.locator("a:has-text('预览')").get_attribute("href")
    assert link
    page.goto(running.address + link.split("/", 2)[2])
    assert "请看附件" in page.locator("main").inner_text()


def test_scores_and_honours_are_typed_into_tables(page: Page, running: RunningDesk, organ: SiteProject):
    organ.write("ledgers/2026/reviews.yaml", REVIEWS)
    organ.write("ledgers/2026/honours.yaml", HONOURS)
    page.goto(f"{running.address}text/2026:reviews")
    page.get_by_label("张三，得分").press("ArrowDown")
    page.keyboard.type("101")
    page.keyboard.press("Control+s")
    expect(page.locator("[aria-invalid] + .fault")).to_contain_text("错误：“王五”的得分 101 不在 0 到 100 之间")
    assert (organ.root / "ledgers/2026/reviews.yaml").read_text("utf-8") == REVIEWS
    page.close(run_before_unload=False)
    window = page.context.new_page()
    window.goto(f"{running.address}text/2026:reviews")
    window.click("#take")
    expect(window.get_by_label("王五，得分")).to_have_value("101")
    window.get_by_label("王五，得分").fill("80")
    window.click("#save-form")
    window.locator("#said", has_text="已保存。").wait_for()
    assert (organ.root / "ledgers/2026/reviews.yaml").read_text("utf-8") == f"{REVIEWS}  王五: 80\n"
    window.goto(f"{running.address}text/2026:honours")
    window.click("#add-line")
    for column, typed in {"奖项": "新奖", "日期": "2026-04-02", "党员": "王五"}.items():
        window.get_by_label(f"第 3 项，{column}").fill(typed)
    window.click("#save-form")
    window.get_by_label("第 2 项，奖项").and_(window.locator("[value=新奖]")).wait_for()
    added = "  - 奖项: 新奖\n    日期: 2026-04-02\n    党员: [王五]\n"
    assert (organ.root / "ledgers/2026/honours.yaml").read_text("utf-8") == HONOURS + added


def test_a_correction_that_is_undone_can_be_deleted(page: Page, running: RunningDesk, organ: SiteProject):
    page.goto(f"{running.address}month/jia/2026-01/correct")
    title = page.locator('[aria-label="主题，第 1 次活动"]')
    before = title.input_value()
    title.fill("改过的")
    page.click("#save")
    page.locator("#said", has_text="已保存到").wait_for()
    title.fill(before)
    page.click("#save")
    page.on("dialog", lambda dialog: dialog.accept())
    page.locator("#nothing-corrected button").click()
    page.locator("main button.main").click()
    page.wait_for_url("**/done/*")
    assert not (organ.root / "ledgers/2026/jia/01.c1.yaml").exists()


def test_an_act_is_under_way_after_one_press(page: Page, running: RunningDesk):
    page.goto(f"{running.address}people")
    page.click("summary:has-text('新进')")
    card = page.locator("details[open]")
    card.locator("[name=name]").fill("钱七")
    card.locator("[name=branch]").select_option("jia")
    card.get_by_role("button").click()
    page.locator("main button.main").wait_for()
    page.evaluate(
        "document.querySelector('main button.main').click(); document.querySelector('main button.main').click()"
    )
    page.wait_for_url("**/done/*")
    assert [words[:2] for words in running.commands].count(["roster", "add"]) == 1


def test_how_far_an_act_is_stands_on_the_page(page: Page, running: RunningDesk, monkeypatch: pytest.MonkeyPatch):
    shown, done, notes = "生成 支部 3/7，网页 21", threading.Event(), list[str]()

    def verify(_words: object, on_progress: Callable[[str], object]) -> CommandOutput:
        on_progress(shown)
        done.wait(PATIENCE)
        return CommandOutput(0, "")

    def note(text: str) -> None:
        notes.append(text)
        if shown in text:
            done.set()

    monkeypatch.setattr(running.session.desk, "_run_command", verify)
    page.goto(f"{running.address}publish")
    page.expose_function("note", note)
    page.evaluate(
        """new MutationObserver(() => window.note(document.querySelector(".under-way").textContent))
        .observe(document.querySelector("main"), { childList: true, subtree: true })"""
    )
    page.get_by_role("button", name="核对全部封存和网站").click(no_wait_after=True)
    page.wait_for_url("**/done/*", timeout=2000 * PATIENCE)
    assert done.is_set(), notes


PAGES = [
    "",
    "month/jia/2026-03",
    "month/jia/2026-03/edit",
    "hand-in",
    "people",
    "publish",
    "reports",
    "settings",
    "text/site",
    "text/2026:reviews",
    "text/2026:honours",
]
REVIEWS = "年度: 2026\n得分:\n  张三: 90\n"
HONOURS = "年度: 2026\n荣誉:\n  - {奖项: 先进, 日期: 2026-03-01, 党员: [张三, 王五]}\n"


@pytest.mark.needs("npm")
@pytest.mark.parametrize("path", PAGES)
def test_pages_are_accessible_and_fit_a_phone(page: Page, running: RunningDesk, organ: SiteProject, path: str):
    organ.write("ledgers/2026/reviews.yaml", REVIEWS)
    organ.write("ledgers/2026/honours.yaml", HONOURS)
    page.set_viewport_size({"width": 360, "height": 800})
    page.goto(running.address + path)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.evaluate("document.querySelectorAll('details').forEach(part => { part.open = true; })")
    assert axe_says(page, "light") == {}


@pytest.mark.parametrize(
    ("words", "name"), [("导出工作簿", "2026-03 jia支部.xlsx"), ("导出填报页", "2026-03 jia支部.html")]
)
def test_what_a_recorder_gets_is_called_as_the_command_calls_it(
    page: Page, running: RunningDesk, words: str, name: str
):
    page.goto(f"{running.address}month/jia/2026-03")
    with page.expect_download() as download:
        page.get_by_role("link", name=words).click()
    assert download.value.suggested_filename == name


@pytest.mark.needs("ssh-keygen")
def test_an_approval_is_signed_on_another_machine(page: Page, running: RunningDesk, organ: SiteProject, tmp_path: Path):
    chief, request = make_chief(organ), tmp_path / "request.zip"
    organ.ledger("jia", "2026-03", "activities:\n  - {item: study, date: 2026-03-05}\n")
    assert "待签名" in approve(page, running.address, "jia")
    with page.expect_download() as download:
        page.click("text=下载签名请求")
    assert download.value.suggested_filename == "request-2026-jia-03.zip"
    download.value.save_as(request)
    words = ["approve", str(request), "--key", str(chief), "--yes", "--today", TODAY.isoformat()]
    assert CliRunner().invoke(cli, words, prog_name="jifenbang").exit_code == 0
    page.goto(f"{running.address}month/jia/2026-03")
    page.set_viewport_size({"width": 360, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    assert axe_says(page, "light") == {}
    page.set_input_files("#answer-file", request.with_name("request-答复.zip"))
    page.wait_for_url("**/done/*")
    assert "已审核：ledgers/2026/jia/03.yaml" in page.locator("pre.said").inner_text()
