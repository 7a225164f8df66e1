"""The mistakes of beginners, and what they read: one page, to be read as a whole by whoever changes a message.

``tests/files/mistakes.md`` has them by kind of file: what was typed, and the answer. ``UPDATE_GOLDEN=1`` rewrites it.
"""

import os
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from tests.site_project import SiteProject

GALLERY = Path(__file__).parents[1] / "files/mistakes.md"
TODAY = date(2026, 4, 2)
LEDGER, ROSTER, RULEBOOK = "ledgers/2026/first/03.yaml", "ledgers/roster.yaml", "ledgers/rulebooks/erqi-2021.yaml"
CYCLE, SETTINGS, NOTICE = "ledgers/2026/cycle.yaml", "content/site.yaml", "content/notices/spring.md"
REVIEWS, POLL = "ledgers/2026/reviews.yaml", "ledgers/2026/votes/best.yaml"
HONOURS, FORMATS, THEME = "ledgers/2026/honours.yaml", "content/import.yaml", "themes/own/theme.yaml"
FILES = {
    ROSTER: """\
branches:
  - {id: first, name: 第一党支部, secretary: zhou-min}
  - {id: second, name: 第二党支部}
members:
  - {id: zhou-min, name: 周敏, branch: first, status: full}
  - {id: wang-fang, name: 王芳, branch: first, status: full}
  - {id: li-qiang, name: 李强, branch: first, status: full}
  - {id: zhao-lei, name: 赵磊, branch: first, status: probationary, since: 2025-11-20}
  - {id: chen-jing, name: 陈静, branch: second, status: full}
""",
    LEDGER: """\
支部: first
月份: 2026-03
登记人: 王芳
活动:
  - {项目: 支部党员大会, 日期: 2026-03-05, 主题: 三月份支部党员大会, 请假: [李强]}
  - {项目: 支部党课, 日期: 2026-03-11, 主题: 三月党课}
  - {项目: 党员活动日, 日期: 2026-03-18, 主题: 走访}
  - {项目: 收缴党费, 日期: 2026-03-10}
记录:
  - {党员: 周敏, 项目: 比赛表演, 档次: 取得名次, 日期: 2026-03-20, 备注: 竞赛,
     佐证: {sign-in: 签到表.pdf, photo: 合影.jpg}}
  - {党员: 赵磊, 项目: 文字资料未按要求报送, 日期: 2026-03-31, 备注: 心得体会逾期, 次数: 2}
""",
    NOTICE: """\
---
title: 三月台账
date: 2026-03-28
---
请各支部报送台账。
""",
    REVIEWS: "year: 2026\nscores:\n  周敏: 95\n  李强: 88.5\n",
    POLL: "award: 优秀共产党员\ndate: 2026-03-30\nelectorate: 5\nvotes:\n  周敏: 4\n",
    HONOURS: "year: 2026\nhonours:\n  - {award: 优秀共产党员, date: 2026-03-31, members: [周敏]}\n",
    FORMATS: "formats:\n  - {title: 考勤, columns: {date: 日期, member: 姓名}, item: study}\n",
    THEME: "parent: default\ncolours:\n  light: {red: '#c00000'}\n",
}
# Kind of file: what was typed in the place of what, each a mistake of its own.
TYPED: dict[str, tuple[tuple[str, str], ...]] = {
    LEDGER: (
        ("日期: 2026-03-05", "日期：2026-03-05"),
        ("日期: 2026-03-05,", "日期: 2026-03-05，"),
        ("日期: 2026-03-05", "日期:2026-03-05"),
        ("日期: 2026-03-05", "日期: 3月5日"),
        ("日期: 2026-03-05", "日期: 46086"),
        ("日期: 2026-03-05", "日期: 2026-03-05 00:00:00"),
        ("日期: 2026-03-05", "日期: 2026.3.5"),
        ("日期: 2026-03-05", "日期: 05/03/2026"),
        ("日期: 2026-03-05", "日期: 2026-02-30"),
        ("日期: 2026-03-05", "日期: 2026年2月29日"),
        ("日期: 2026-03-05", "日期: 2026年3月5日上午"),
        ("日期: 2026-03-05", "日期: 4月5日"),
        ("日期: 2026-03-05", "日期: 2026-04-05"),
        ("日期: 2026-03-05, ", ""),
        ("- {党员: 周敏", "-{党员: 周敏"),
        ("主题: 三月份支部党员大会", "主题: 大会: 学习"),
        ("主题: 三月党课", "主题: 学习 #1"),
        ("主题: 走访", '主题: "走访'),
        ("主题: 走访", '主题: "双联"走访'),
        ("主题: 走访", "主题: [双联]走访"),
        ("请假: [李强]", "请假: 李强"),
        ("请假: [李强]", "请假[李强]"),
        ("请假: [李强]", "请假: 李强、王芳"),
        ("请假: [李强]", "请假: [李强、王芳]"),
        ("请假: [李强]", "请假: 【李强】"),
        ("请假: [李强]", "请假: [李　强]"),
        ("请假: [李强]", "请假: [李强同志]"),
        ("请假: [李强]", "请假: [李墙]"),
        ("请假: [李强]", "请假: [陈静]"),
        ("请假: [李强]", "请假: 无"),
        ("请假: [李强]", "参加: 全体"),
        ("请假: [李强]", "参加: 除李强外全体"),
        ("请假: [李强]", "参加: 应到4人，实到3人"),
        ("请假: [李强]", "请假: {李强: 病假}"),
        ("请假: [李强]", "请假: [李强: 病假]"),
        ("请假: [李强]", "请假: [李强王芳]"),
        ("请假: [李强]", "请假: [第一党支部李强]"),
        ("请假: [李强]", "请假: [li qiang]"),
        ("请假: [李强]", "请假: [李强1]"),
        ("日期: 2026-03-05", "日期: [2026-03-05, 2026-03-06]"),
        ("党员: 赵磊", "党员: 赵磊、李强"),
        ("党员: 赵磊", "党员: [赵磊, 李强]"),
        ("登记人: 王芳", "登记人: [王芳, 李强]"),
        ("登记人: 王芳", "登记人: 王芳\n审核人: 周敏"),
        ("  - {项目: 支部党课", "  1. {项目: 支部党课"),
        ("  - {项目: 支部党课", "  * {项目: 支部党课"),
        ("请假: [李强]", "请假: [李强], 缺席: [李强]"),
        ("请假: [李强]", "迟到: [李强]"),
        ("支部党员大会,", "党员大会,"),
        ("支部党员大会,", "支部 党员大会,"),
        ("支部党员大会,", "主题党日,"),
        ("党员: 周敏", "姓名: 周敏"),
        ("档次: 取得名次, ", ""),
        ("档次: 取得名次", "档次: 一等奖"),
        ("档次: 取得名次", "分值: 2"),
        ("次数: 2", "次数: 两次"),
        ("次数: 2", "次数2"),
        ("备注: 心得体会逾期, 次数: 2", "备注: 心得体会逾期，次数：2"),
        ("次数: 2", "次数: ２次"),
        ("次数: 2", "次数: 0.5"),
        ("次数: 2", "分值: -0.5"),
        (",\n     佐证: {sign-in: 签到表.pdf, photo: 合影.jpg}", ""),
        ("佐证: {sign-in: 签到表.pdf, photo: 合影.jpg}", "佐证: 签到表.pdf"),
        ("签到表.pdf", "11010519491231002X.pdf"),
        ("备注: 心得体会逾期", "备注: 心得体会逾期，电话 13800138000"),
        ("支部: first", "支部: 第一党支部"),
        ("支部: first", "支部: second"),
        ("月份: 2026-03", "月份: 2026年3月"),
        ("月份: 2026-03", "月份: 2026-3"),
        ("月份: 2026-03", "月份: 2026-04"),
        ("登记人: 王芳\n", ""),
        ("支部: first\n月份: 2026-03\n登记人: 王芳\n", "支部：first\n月份：2026-03\n登记人：王芳\n"),
        ("登记人: 王芳\n", "<<<<<<< HEAD\n登记人: 王芳\n"),
        ("登记人: 王芳\n", "登记人: 王芳\n=======\n"),
        ("登记人: 王芳", "登记人："),
        ("  - {项目: 支部党课", " - {项目: 支部党课"),
        ("  - {项目: 支部党课", "\t- {项目: 支部党课"),
        ("  - {项目: 支部党课", "　　- {项目: 支部党课"),
        ("  - {项目: 支部党课", "  {项目: 支部党课"),
        ("活动:\n", "活动\n"),
        ("记录:\n", "活动:\n"),
        ("{党员: 周敏, 项目", "{党员： 周敏， 项目"),
        ("主题: 走访}", "主题: 走访"),
    ),
    ROSTER: (
        ("status: full}\n  - {id: wang-fang", "status: 党员}\n  - {id: wang-fang"),
        ("branch: first, status: full}\n  - {id: wang-fang", "branch: 第一党支部, status: full}\n  - {id: wang-fang"),
        ("id: wang-fang", "id: zhou-min"),
        ("id: wang-fang", "id: Wang Fang"),
        ("name: 王芳", "name: 王　芳"),
        ("name: 王芳", "name: 王芳2"),
        ("name: 王芳", "name: 王芳（女）"),
        ("name: 王芳", "name: 王芳, 职务: 组织委员"),
        ("since: 2025-11-20", "until: 2026-03-01"),
        ("since: 2025-11-20", "changes: [from: 2026-03-01, branch: second]"),
        ("name: 王芳", "name: 周敏"),
        ("name: 王芳", "name: 王芳, phone: 13800138000"),
        ("since: 2025-11-20", "since: 2025-11"),
        ("since: 2025-11-20", "changes: [{from: 2026-11-20, status: 正式党员}]"),
        ("since: 2025-11-20", "changes: [{from: 2026-05-01, left: 退休}, {from: 2026-04-01, branch: second}]"),
        ("secretary: zhou-min", "secretary: 周敏敏"),
        (
            "branch: first, status: full}\n  - {id: wang-fang",
            "branch: first, status: full, left: 退休}\n  - {id: wang-fang",
        ),
        ("since: 2025-11-20", "changes: [{date: 2026-11-20, status: full}]"),
        ("since: 2025-11-20", "changes: {from: 2026-11-20, status: full}"),
    ),
    RULEBOOK: (
        ("    points: 1\n    cap: 12\n", "    points: 1分\n    cap: 12\n"),
        ("    points: 1\n    cap: 12\n", "    points: 1\n    cap: {月: 1}\n"),
        ("    group: basic\n", "    group: 基础积分\n"),
        ("    group: basic\n", "    group: 基础分\n"),
        ("    points: 1\n    cap: 12\n", "    points: 1\n    cap: 每月1分\n"),
        ("    leave: leave\n", "    leave: 请假\n"),
        ("ties: competition", "ties: 并列"),
        ("  - {id: feature, title: 特色积分, cap: 40}\n", "  - {id: feature, title: 特色积分, max: 40}\n"),
    ),
    CYCLE: (
        ("year: 2026", "year: 2025"),
        ("year: 2026", "year: 2026年"),
        ("rulebook: erqi-2021", "rulebook: 二七"),
        ("rulebook: erqi-2021", "rulebook: erqi-2021.yaml"),
        ("rulebook: erqi-2021", "rulebook: erqi-2021\nfrom: 3月"),
        ("rulebook: erqi-2021", "rulebook: erqi-2021\nfrom: 2025-10"),
        ("rulebook: erqi-2021", "rulebook: erqi-2021\nuntil: 2026-11"),
        ("rulebook: erqi-2021", "rulebook: erqi-2021\nuntil: {month: 2026-11, on: 11月20日, reason: 改革}"),
    ),
    SETTINGS: (
        ("title: 积分榜", "title: 积分榜\nobjection: 5"),
        ("title: 积分榜", "title: 积分榜\nnames: 匿名"),
        ("title: 积分榜", "title: 积分榜\ntheme: 红色"),
        ("title: 积分榜", "title: 积分榜\nposted: {2026年一季度: 4月10日}"),
        ("title: 积分榜", "title: 积分榜\nposted: 2026-04-10"),
        ("title: 积分榜", "title: 积分榜\npublish: 全部"),
        ("title: 积分榜", "title: 积分榜\ndays: 5"),
    ),
    NOTICE: (
        ("date: 2026-03-28", "date: 三月二十八日"),
        ("---\n请各支部", "请各支部"),
        ("title: 三月台账", "标题: 三月台账"),
        ("请各支部", "联系电话 0371-67180000，请各支部"),
    ),
    REVIEWS: (
        ("周敏: 95", "周敏: 优秀"),
        ("周敏: 95", "周敏: 105"),
        ("周敏: 95", "周敏：95"),
        ("周敏: 95", "周敏 95"),
        ("周敏: 95", "周敏:"),
        ("周敏: 95", "周敏: 95\n  zhou-min: 90"),
        ("year: 2026", "year: 2025"),
    ),
    POLL: (
        ("周敏: 4", "周敏: 6"),
        ("周敏: 4", "吴敏: 4"),
        ("周敏: 4", "周敏: 4票"),
        ("electorate: 5", "electorate: 五人"),
        ("electorate: 5\n", ""),
        ("votes:\n  周敏: 4", "votes: 周敏 4"),
        ("award: 优秀共产党员", "award: 先进"),
    ),
    HONOURS: (
        ("members: [周敏]", "members: 周敏"),
        ("members: [周敏]", "members: []"),
        ("members: [周敏]", "党员: [周明]"),
        ("award: 优秀共产党员", "奖: 优秀共产党员"),
        ("date: 2026-03-31", "date: 2026年一季度"),
    ),
    FORMATS: (
        ("columns: {date: 日期, member: 姓名}", "columns: {日期: 日期, name: 姓名}"),
        ("item: study", "item: 学习"),
        ("title: 考勤", "title: 考勤, attendance: {○: 迟到}"),
        ("formats:\n  - ", "formats: "),
        ("formats:\n  - {title: 考勤, columns: {date: 日期, member: 姓名}, item: study}\n", "items: {会议: study}\n"),
    ),
    THEME: (
        ("'#c00000'", "#c00000"),
        ("'#c00000'", "'红'"),
        ("red", "红色"),
        ("light", "亮色"),
        ("parent: default", "parent: 默认"),
        ("'#c00000'", "'#fff0f0'"),
    ),
}
COMMANDS = (
    "score 2026年3",
    "score 一季度",
    "score 2026-03 --branch 第三党支部",
    "explain 周明 2026-03",
    "explain 周敏",
    "approve ledgers/2026/first/03.yaml",
    "approve ledgers/2026/first/03.yaml --meeting 昨天",
    "approve 03.yaml --meeting 2026-04-01",
    "approve ledgers/2026/first/03.yaml --meeting 2026-04-01 --by 王芳",
    "aprove ledgers/2026/first/03.yaml",
    "check ledgers/2026/first/3.yaml",
    "build --ouput site",
    "correct ledgers/2026/first/03.yaml a1",
    "file 2026-03 --on 2026-04-01 --by 周敏",
    "rollback",
)


def _answers(root: Path) -> Iterator[str]:
    project = SiteProject(root, FILES[ROSTER])
    for name, text in FILES.items():
        project.write(name, text)
    (root / "themes/own/templates").mkdir()
    for name, mistakes in TYPED.items():
        yield f"## {name}\n"
        sound, settings = ((root / file).read_text(encoding="utf-8") for file in (name, SETTINGS))
        if name == THEME:
            project.write(SETTINGS, f"{settings}theme: own\n")
        for old, new in mistakes:
            assert old in sound, old
            project.write(name, sound.replace(old, new, 1))
            done = project.run("check", name, today=TODAY)
            yield f"### {_shown(old)} → {_shown(new)}\n\n```\n{done.output.strip()}\n```\n"
        project.write(name, sound)
        project.write(SETTINGS, settings)
    yield "## 命令\n"
    for command in COMMANDS:
        done = project.run(*command.split(), today=TODAY)
        yield f"### jifenbang {command}\n\n```\n{done.output.strip()}\n```\n"


def _shown(text: str) -> str:
    return "`" + re.sub(r"\s*\n", "⏎", text.replace("\t", "⇥")) + "`" if text else "（没有写）"


def test_every_mistake_gets_the_answer_on_record(tmp_path: Path):
    answers = "\n".join(["# 初学者常犯的错误，和程序的回答\n", *_answers(tmp_path)]).replace(str(tmp_path), "站点")
    if os.environ.get("UPDATE_GOLDEN"):
        GALLERY.write_text(answers, encoding="utf-8")
    assert answers == GALLERY.read_text(encoding="utf-8")
    assert len(COMMANDS) + sum(map(len, TYPED.values())) >= 70
    assert "Traceback" not in answers
