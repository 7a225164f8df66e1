"""Problems as people read them: one for each cause, errors first, causes before what follows from them."""

from hypothesis import given
from hypothesis import strategies as st

from generator.problems import Cause, Location, Problem, Severity, arrange_problems

RULES = Location("ledgers/rulebooks/pilot.yaml")
CAUSE = Cause("这份规则改动过", "请恢复", RULES)


def changed(branch: str, month: int, cause: Cause | None = CAUSE, hint: str = "请恢复") -> Problem:
    where = Location(f"ledgers/2026/{branch}/{month:02}.yaml", 21, 3)
    subject = f"{branch}支部", f"2026-{month:02} 台账"
    return Problem(where, "approval.rulebook", f"{subject} 变了", hint, cause=cause, subject=subject)


def test_one_cause_is_one_problem_at_its_place_that_names_every_file():
    (problem,) = arrange_problems([changed("甲", 1), changed("乙", 1), changed("甲", 2)])
    assert (problem.where, problem.hint, problem.is_error) == (RULES, "请恢复", True)
    assert problem.message == "这份规则改动过，共 3 份：乙支部 2026-01 台账；甲支部 2026-01 台账、2026-02 台账"
    assert problem.also == ("ledgers/2026/乙/01.yaml", "ledgers/2026/甲/01.yaml", "ledgers/2026/甲/02.yaml")


def test_a_single_problem_keeps_its_own_place_and_words():
    assert arrange_problems([changed("甲", 1)]) == [changed("甲", 1)]


def test_what_has_another_cause_or_severity_is_apart():
    warning = Problem(*[getattr(changed("丙", 1), name) for name in ("where", "code", "message", "hint")])
    other = changed("丁", 1, Cause("名册改动过", "请恢复", Location("ledgers/roster.yaml")))
    assert len(arrange_problems([changed("甲", 1), changed("乙", 1), warning, other])) == 3


def test_a_restorable_file_is_named_in_the_common_hint():
    cause = Cause("审核不见了", "请找回")
    problems = [changed("甲", month, cause, f"请运行 jifenbang restore {month}.yaml 恢复原文件") for month in (1, 2)]
    assert arrange_problems(problems)[0].hint == "请运行 jifenbang restore 1.yaml 2.yaml 恢复原文件；请找回"
    assert arrange_problems(problems)[0].where == problems[0].where


def test_errors_come_before_warnings_and_causes_before_what_follows():
    def problem(file: str, code: str, severity: Severity = Severity.ERROR) -> Problem:
        return Problem(Location(file), code, "错", "改", severity)

    order = [
        problem("ledgers/2026/b/01.yaml", "yaml.syntax"),
        problem("ledgers/2026/a/filings/2026-Q1.b.yaml", "filing.rests"),
        problem("site", "release.rests"),
        problem("ledgers/2026/a/01.yaml", "ledger.missing", Severity.WARNING),
        problem("ledgers/2026/a/01.yaml", "release.input-changed", Severity.WARNING),
    ]
    assert arrange_problems(order[::-1]) == order


@given(st.lists(st.tuples(st.sampled_from("甲乙丙"), st.integers(1, 12)), max_size=40))
def test_no_file_is_lost_and_arranging_twice_changes_nothing(keys):
    arranged = arrange_problems([changed(branch, month) for branch, month in keys])
    named = {file for problem in arranged for file in (problem.where.file, *problem.also)} - {RULES.file}
    assert named == {f"ledgers/2026/{branch}/{month:02}.yaml" for branch, month in keys}
    assert arrange_problems(arranged) == arranged


def slip(file: str, line: int, code: str = "ledger.unknown-item", message: str = "没有这个项目") -> Problem:
    return Problem(Location(file, line), code, message, f"请改名；也可以运行 jifenbang tidy {file} 代为改好")


def test_what_is_said_in_the_same_words_of_many_files_is_one_problem_with_every_place():
    slips = [slip(f"ledgers/2026/jia/0{month}.yaml", month) for month in (1, 2)] + [slip("ledgers/2026/yi/01.yaml", 5)]
    (problem,) = arrange_problems([*slips, slip("ledgers/2026/jia/02.yaml", 9)])
    listed = "ledgers/2026/jia 01.yaml:1，02.yaml:2、9；ledgers/2026/yi/01.yaml:5"
    assert problem.message == f"没有这个项目，共 4 处：{listed}"
    assert problem.where == slips[0].where
    assert problem.also == ("ledgers/2026/jia/02.yaml", "ledgers/2026/yi/01.yaml")
    assert problem.hint.startswith(
        "请改名；也可以运行 jifenbang tidy ledgers/2026/jia/01.yaml ledgers/2026/jia/02.yaml "
    )


def test_lines_of_one_file_are_listed_as_lines():
    (problem,) = arrange_problems([slip("ledgers/2026/jia/01.yaml", line) for line in (*range(5, 16), 5, 9)])
    assert problem.message == "没有这个项目，共 11 处：第 5、6、7、8、9、10、11、12、13、14、15 行"


def test_the_same_words_in_a_few_files_or_lines_are_each_shown_with_their_line():
    slips = [slip("a.yaml", line) for line in range(10)] + [slip("b.yaml", 1)]
    assert len(arrange_problems(slips)) == len(slips)
    assert len(arrange_problems([slip("a.yaml", line) for line in range(1, 12)])) == 1
    assert len(arrange_problems([slip("a.yaml", line, "yaml.syntax") for line in range(1, 12)])) == 11


def test_every_cell_of_a_workbook_is_told():
    cells = [
        Problem(Location(f"十一月.xlsx 考勤!C{row}", 0), "field.bad-date", "不是日期", "请改") for row in range(20)
    ]
    assert len(arrange_problems(cells)) == len(cells)
