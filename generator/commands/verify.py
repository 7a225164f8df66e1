"""``jifenbang verify``: recompute every seal, and compare the published site with what was published."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import NoReturn

import click

from generator.build.recompute import Recomputation
from generator.commands.command_group import ExampleCommand
from generator.commands.console import print_problems, project_command, unwrap_result
from generator.core.ledgers import anchors, filings_and_withdrawals
from generator.core.model.ledger import BALLOT_TITLES, BallotKind
from generator.core.sealing import tampering
from generator.disk import atomic_files
from generator.loader.load import LoadedProject
from generator.problems import Problem
from generator.project import Project
from generator.queries import archive, verify
from generator.queries.verify import VerificationResult
from generator.render.html import filters


@click.command(
    "verify",
    cls=ExampleCommand,
    help="重新计算全部封存，核对网站与发布记录；写了归档文件的，只核对它。发现改动、缺失或增添时退出码为 1。",
    examples={
        "核对全部": "jifenbang verify",
        "与从前存下的审核记录比对": "jifenbang verify --anchor 存档/audit.json",
        "与榜单上印的核对码比对": 'jifenbang verify --anchor "cfe6 e242 a904 fda5"',
        "核对一份归档": "jifenbang verify 归档.zip",
    },
)
@click.argument(
    "archive_path", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path), metavar="[归档文件]"
)
@click.option("--anchor", metavar="文件或核对码", help="与从前的 audit.json 或榜单上印的核对码比对")
@click.option(
    "--output", type=click.Path(file_okay=False, path_type=Path), metavar="文件夹", help="网站在哪里，默认 site/"
)
@click.option(
    "--approvers",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="文件",
    help="用自己保存的审核人名单核对签名",
)
@click.option("--quick", is_flag=True, help="不按原始资料重新计算网站，只核对封存和发布记录")
@project_command
def command(
    project: Project,
    today: date,
    *,
    archive_path: Path | None,
    anchor: str | None,
    output: Path | None,
    approvers: Path | None,
    quick: bool,
) -> None:
    """Print in plain words what was changed, is missing or was added since it was approved and published."""
    if archive_path:
        if anchor or output or approvers or quick:
            raise click.UsageError("核对归档文件时，不写别的选项")
        _verify_archive(project, archive_path)
    target = output or project.site_folder
    verified = unwrap_result(
        project,
        verify.verify_project(project, today, target, anchor=anchor, approvers_path=approvers, quick=quick),
    )
    print_problems(project, verified.problems)
    for line in (*_summarize(project, target, verified), *_describe_anchor(verified)):
        click.echo(line)
    _finish(verified.problems)


def _verify_archive(project: Project, path: Path) -> NoReturn:
    """Verify an archive from its own sources: neither the project nor its state bears on it."""
    verified = archive.verify_archive(path)
    print_problems(project, verified.problems)
    if verified.manifest is None:
        click.echo("归档没有按原始资料重新计算。")
    else:
        period, rankings = filters.format_period(verified.manifest.period), verified.rankings
        click.echo(
            f"{period}的归档，截至 {verified.manifest.day}，jifenbang {verified.manifest.version} 写成："
            f"{verified.file_count} 个文件，按其中的原始资料重新计算，{verified.equal_count} 个逐个字节相同。"
        )
        click.echo(f"网页上的榜单：{rankings.pages} 个网页，{rankings.rows} 行的名次、姓名、积分已与资料比对。")
        click.echo("请注意：有人把归档里的台账连同摘要一起改写、重新归档，单凭这个文件看不出来，请与移交清单比对。")
        click.echo(f"SHA-256：{atomic_files.digest_file(path)}")
    _finish(verified.problems)


def _finish(problems: Sequence[Problem]) -> NoReturn:
    errors = sum(problem.is_error for problem in problems)
    click.echo(f"核对完毕：{f'{errors} 处错误，见上' if errors else '没有发现改动'}。")
    raise SystemExit(1 if errors else 0)


def _summarize(project: Project, target: Path, verified: VerificationResult) -> Iterator[str]:
    loaded, manifest = verified.loaded, verified.published_manifest
    if loaded is None:
        yield "名册或设置读不出来，没有核对台账。"
        return
    for branch in loaded.roster.branches:
        yield f"{branch.name}：{_describe_chain(loaded, branch.id)}"
    withdrawal_count = len(loaded.ledger_files.withdrawals) + len(loaded.ballot_files.withdrawals)
    yield f"备案 {len(loaded.ledger_files.filings)} 份，撤回审核 {withdrawal_count} 次。"
    kinds = Counter(file.kind for file, _ in loaded.ballot_files.approved_files)
    yield f"民主评议得分和投票：{kinds[BallotKind.REVIEWS] + kinds[BallotKind.POLL]} 次审核。"
    if kinds[BallotKind.HONOURS]:
        yield f"{BALLOT_TITLES[BallotKind.HONOURS]}：{kinds[BallotKind.HONOURS]} 次审核。"
    yield _describe_signatures(loaded)
    if verified.own_list is not None:
        yield _describe_own_list(verified.own_list)
    release_errors = [
        problem for problem in verified.problems if problem.is_error and problem.code.startswith("release.")
    ]
    if manifest is None:
        yield f"没有 {project.file_name(target)} 的发布记录，没有核对网站。"
    else:
        site_name = f"网站 {project.file_name(target)}（第 {manifest.number} 次生成，{manifest.day}）"
        comparison = "与发布时不一致，见上" if release_errors else "与发布时一致"
        yield f"{site_name}：{len(manifest.files)} 个文件，{comparison}。"
        yield from _describe_recomputation(verified.recomputation)


def _describe_recomputation(recomputation: Recomputation | None) -> Iterator[str]:
    if recomputation is None or not recomputation.same_program or recomputation.errors:
        yield "网站没有按原始资料重新计算，网页上的榜单没有核对。"
        return
    result = "一致，其余见上" if recomputation.wrong or recomputation.uncompared else "全部一致"
    yield f"按原始资料重新计算：{recomputation.equal_count} 个文件{result}。"
    rankings = recomputation.rankings
    result = "有的不同或者没有核对，见上" if rankings.differences or rankings.incomparable else "都与计算的相同"
    # Pages that were published otherwise are not those that were compared.
    which = "网页上的榜单" if recomputation.has_published_rankings else "按现有资料重新生成的榜单"
    yield f"{which}：{rankings.pages} 个网页，{rankings.rows} 行的名次、姓名、积分，{result}。"
    if rankings.without_totals:
        yield f"其中 {len(rankings.without_totals)} 个网页没有给年度累计加标记，年度累计没有核对。"
    if not recomputation.has_published_rankings:
        published = recomputation.published_rankings
        differing = len(published.differences)
        result = f"其中 {differing} 个网页的不同，见上" if differing else "都与按现有资料计算的相同"
        yield f"公布的榜单：{published.pages} 个网页，{published.rows} 行，{result}。"


def _describe_chain(loaded: LoadedProject, branch: str) -> str:
    chain = loaded.ledger_files.branch_chain(branch)
    if not chain:
        return "还没有审核过的台账。"
    files = {
        approval.digest: file
        for file, approval in filings_and_withdrawals.list_approvals(loaded.ledger_files.by_name.values())
    }
    newest = chain[-1]
    latest = f"最近一次是{tampering.describe_approval(newest, files[newest.digest].what)}"
    return f"{len(chain)} 次审核前后相接，{latest}，摘要 {newest.digest}。"


def _describe_signatures(loaded: LoadedProject) -> str:
    listed = loaded.approver_lists.current
    if listed is None:
        return "没有审核人名单（content/approvers），审核未用密钥签名。"
    approvals = [
        approval for branch in loaded.roster.branch_by_id for approval in loaded.ledger_files.branch_approvals(branch)
    ]
    signed_ledgers = [approval for approval in approvals if approval.signature]
    signed_ballots = [approval for _, approval in loaded.ballot_files.approved_files if approval.signature]
    current = "审核人名单" if listed.number == 1 else f"现行的第 {listed.number} 份审核人名单（{listed.file}）"
    count = len(signed_ledgers) + len(signed_ballots)
    return f"{count} 次审核有密钥签名，已逐一核对；{current}的摘要 {listed.digest}。"


def _describe_own_list(number: int) -> str:
    if number:
        return f"您保存的名单就是这里的第 {number} 份；此后的各份是不是由前一份的保管人封存的，已逐一核对。"
    return "您保存的名单不是这里的任何一份；已核对每次审核是不是您的名单上的人签的。"


def _describe_anchor(verified: VerificationResult) -> Iterator[str]:
    """Yield what the anchor proves or, without one, what this run could not have noticed."""
    anchor, sealed_state = verified.anchor, verified.sealed_state
    if anchor is None or sealed_state is None:
        yield (
            "请注意：没有用 --anchor 与从前的 audit.json 或榜单上的核对码比对；有人把全部台账连同摘要一起改写，"
            "或者去掉最近的几次审核和备案，单凭现有文件看不出来。"
        )
    elif any(problem.is_error for problem in verified.problems):
        yield "上面的错误没有解决以前，不能说与它比对的部分没有变。"
    elif anchor.digests:
        for digest in anchor.digests:
            name = "这个摘要" if len(anchor.digests) == 1 else digest.removeprefix("sha256:")
            seal = anchors.describe_matching_seal(digest, sealed_state)
            yield f"{name}是{seal}：它和它所接的此前全部审核都没有变。"
    else:
        yield f"与那份审核记录比对：其中 {len(anchor.items)} 条都在，没有变。"
    if anchor and not anchor.digests and anchor.built_by is None:
        yield "那份审核记录是早先的版本写的，没有程序和主题的摘要，它们后来有没有改动，没有比对。"
