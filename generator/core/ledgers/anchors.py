"""Anchors 锚, printed or copied earlier, compared with the approvals as they are now: the items rewritten since."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from msgspec import Struct, field

from generator.core.ledgers import filings_and_withdrawals
from generator.core.model.approver_lists import ApproverLists
from generator.core.model.ledger import Filing, Withdrawal
from generator.core.sealing import tampering
from generator.core.sealing.sealed_files import BallotFile, LedgerFile, SealedFile
from generator.problems import Cause, Location, Problem, Severity

_MAX_LISTED = 20  # paths in one message


class AnchoredItem(Struct, frozen=True):
    """An item that an earlier ``audit.json`` lists: its branch, its description in words, and its digest.

    ``branch`` is an id, empty for an item of the whole organ.
    """

    branch: str
    description: str
    digest: str


class ProgramDigests(Struct, frozen=True):
    """The program that builds a site and the files of its theme: the program's version and digest, digests by path."""

    version: str
    program: str
    templates: Mapping[str, str]
    assets: Mapping[str, str]


class AnchoredList(Struct, frozen=True):
    """A list of signers that an earlier ``audit.json`` names: its number, its digest, and that of its record."""

    number: int
    digest: str
    record: str | None


class Anchor(Struct, frozen=True):
    """An earlier ``audit.json``, or digests from a printed sheet, which may be only the beginnings of such.

    ``built_by`` is None for one that was written before such files had the digests of program and theme.
    ``lists`` are all lists of signers by then; those of earlier versions name only the digest of the one in force,
    ``approvers``. ``sha256`` is that of the file's bytes.

    ``values`` are those of inputs that decided something without being sealed, ``member_values`` the digests of those
    of members, by branch; both are empty in a file of an earlier version. ``heads`` are the digests of each branch's
    newest approval, ``attachments`` those of the articles' attachments by path.
    """

    items: tuple[AnchoredItem, ...]
    approvers: str | None = None
    digests: tuple[str, ...] = ()
    built_by: ProgramDigests | None = None
    lists: tuple[AnchoredList, ...] = ()
    sha256: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)
    member_values: Mapping[str, str] = field(default_factory=dict)
    heads: Mapping[str, str] = field(default_factory=dict)
    attachments: Mapping[str, str] = field(default_factory=dict)


class SealedState(Struct, frozen=True):
    """Everything that is sealed now; ``branch_names`` are by id."""

    branch_names: Mapping[str, str]
    ledger_files: Sequence[LedgerFile]
    filings: Sequence[Filing]
    withdrawals: Sequence[Withdrawal]
    lists: ApproverLists
    ballot_files: Sequence[BallotFile] = ()

    def describe_by_digest(self) -> Mapping[str, str]:
        """Return the description of everything sealed, by digest.

        Withdrawn approvals of reviews and polls are included: such files are approved anew after a withdrawal.
        """
        names = self.branch_names
        replaced = {
            withdrawal.withdraws: f"{withdrawal.on} 撤回的 {withdrawal.file.text} 的审核"
            for withdrawal in self.withdrawals
            if withdrawal.file.text
        }
        files: tuple[SealedFile, ...] = (*self.ledger_files, *self.ballot_files)
        approvals = {
            approval.digest: tampering.describe_approval(approval, self._describe_file(file))
            for file, approval in filings_and_withdrawals.list_approvals(files)
        }
        filings = {
            filing.digest: f"{names.get(filing.branch.text, filing.branch.text)} {filing.period.text} 的备案"
            for filing in self.filings
        }
        records = {withdrawal.digest: f"{withdrawal.on} 撤回审核的记录" for withdrawal in self.withdrawals}
        # Approvals override withdrawn ones: one that is back in its file is described as present.
        return {**replaced, **approvals, **filings, **records, **_describe_lists(self.lists)}

    def _describe_file(self, file: SealedFile) -> str:
        if isinstance(file, LedgerFile):
            return f"{self.branch_names.get(file.branch, file.branch)} {file.what}"
        return file.what


def _describe_lists(lists: ApproverLists) -> Mapping[str, str]:
    described: dict[str, str] = {}
    for listed in lists.in_force:
        if listed.digest:
            described.setdefault(listed.digest, f"第 {listed.number} 份审核人名单（{listed.file}）")
        if listed.record:
            described[listed.record.digest] = f"第 {listed.number} 份审核人名单的封存记录"
    return described


def check_anchor(anchor: Anchor, present: SealedState, where: Location) -> Iterator[Problem]:
    """Find items of the anchor that are no longer sealed; ``where`` is the location of the anchor's own file."""
    digests = present.describe_by_digest()
    withdrawals = {withdrawal.withdraws: withdrawal for withdrawal in present.withdrawals}
    for item in anchor.items:
        description = f"{present.branch_names.get(item.branch, item.branch)} {item.description}".strip()
        withdrawal = withdrawals.get(item.digest)
        if withdrawal and withdrawal.file.text:
            message, hint = (
                f"{description}已于 {withdrawal.on} 撤回",
                "撤回的原因机关党委登记在册；现行的以重新审核的为准",
            )
            yield Problem(where, "anchor.missing", f"{message}（{item.digest}）", hint, Severity.WARNING)
        if item.digest in digests:
            continue
        if withdrawal:
            message, hint = f"{description}已于 {withdrawal.on} 撤回", "公布过的审核不应再撤回，请机关党委查明"
        else:
            message, hint = f"{description}不见了或被改写了", "请找回当时的文件；确有错误的，应当用更正，不能改写"
        cause = Cause("那份审核记录里的审核、备案，现在没有或者变了", hint, where)
        full_message = f"{message}（{item.digest}）"
        yield Problem(where, "anchor.missing", full_message, hint, cause=cause, subject=("", description))
    for digest in anchor.digests:
        if not describe_matching_seal(digest, present):
            hint = "请先核对摘要有没有抄错；没有抄错的，说明那以后有审核被改写或撤下，请找回当时的文件"
            yield Problem(where, "anchor.missing", f"现有的审核里没有这个摘要：{digest}", hint)
    yield from _check_lists(anchor, present.lists, where)


def _check_lists(anchor: Anchor, lists: ApproverLists, where: Location) -> Iterator[Problem]:
    """Find lists of the anchor that are gone or are others now, and later ones that their keepers did not seal."""
    hint = "请找回当时的名单；封存过的名单不能改、不能删，换人、换密钥应当由保管人封存下一份"
    newest = max((listed.number for listed in anchor.lists), default=0)
    for anchored in anchor.lists:
        listed = lists.find(anchored.number)
        record = listed.record.digest if listed and listed.record else None
        if listed is None or (anchored.digest, anchored.record) != (listed.digest, record):
            state = "不见了" if listed is None or not listed.digest else "与那时不同，被改动或调换过"
            yield Problem(
                where, "anchor.approvers", f"第 {anchored.number} 份审核人名单{state}（{anchored.digest}）", hint
            )
    if anchor.approvers and not anchor.lists:
        newest = next((listed.number for listed in lists.in_force if listed.digest == anchor.approvers), 0)
        if not newest:
            message = f"那时的审核人名单不见了，或者被改动、调换过（{anchor.approvers}）"
            yield Problem(where, "anchor.approvers", message, hint)
    for listed in lists.in_force[newest:] if newest else ():
        if listed.record and listed.record.lost:
            message = (
                f"那时现行的是第 {newest} 份审核人名单，此后第 {listed.number} 份不是由前一份的保管人签的（密钥遗失）"
            )
            hint = "请向机关党委核实；属实的，改用此后的 audit.json 作凭据；不属实的，这份名单和凭它签名的审核都不能信"
            yield Problem(where, "anchor.approvers", message, hint)


def find_unanchored(anchor: Anchor, present: SealedState, digests: Iterable[str]) -> frozenset[str]:
    """Return those of some approvals' digests that the anchor does not have, itself or by a later one of the chain."""
    previous = {
        approval.digest: approval.previous
        for _, approval in filings_and_withdrawals.list_approvals(present.ledger_files)
    }
    anchored = {item.digest for item in anchor.items}
    sealed = present.describe_by_digest()
    pending = [digest for beginning in anchor.digests for digest in sealed if digest.startswith(beginning)]
    while pending:
        digest = pending.pop()
        if digest not in anchored:
            anchored.add(digest)
            pending += filter(None, [previous.get(digest)])
    return frozenset(digests) - anchored


def check_program(anchor: Anchor, present: ProgramDigests, where: Location) -> Iterator[Problem]:
    """Find what has changed since the anchor in the program, the templates and the assets of the theme: warnings."""
    earlier = anchor.built_by
    if earlier is None:
        return
    if earlier.program != present.program:
        versions = f"从 {earlier.version} 版到 {present.version} 版"
        change = versions if earlier.version != present.version else f"版本号仍是 {present.version}"
        hint = "升级过的，没有问题；没有升级过的，请查明程序是谁改动的"
        yield Problem(where, "anchor.program", f"程序自那时起改动过（{change}）", hint, Severity.WARNING)
    before, after = {**earlier.templates, **earlier.assets}, {**present.templates, **present.assets}
    changes = {
        "改动": sorted(path for path in before.keys() & after.keys() if before[path] != after[path]),
        "增添": sorted(after.keys() - before.keys()),
        "去掉": sorted(before.keys() - after.keys()),
    }
    words = [f"{verb}了 {_list_paths(paths)}" for verb, paths in changes.items() if paths]
    if words:
        hint = "程序升级或者有意改动的，没有问题；不是有意的，请查明是谁改动的：主题可以改变网页上的数字"
        yield Problem(where, "anchor.theme", f"主题自那时起{'；'.join(words)}", hint, Severity.WARNING)


def check_attachments(anchor: Anchor, present: Mapping[str, str | None], where: Location) -> Iterator[Problem]:
    """Find attachments of the anchor that are gone or others now; ``present`` has their digests, None if gone."""
    changes = {
        "改动": [path for path, digest in anchor.attachments.items() if present[path] not in {None, digest}],
        "去掉": [path for path in anchor.attachments if present[path] is None],
    }
    words = [
        f"{verb}了 {_list_paths([f'content/{path}' for path in paths])}" for verb, paths in changes.items() if paths
    ]
    if words:
        hint = "有意改动的，没有问题；不是有意的，请查明是谁改动的，从备份中恢复"
        yield Problem(where, "anchor.attachment", f"公告、文章的附件自那时起{'；'.join(words)}", hint, Severity.WARNING)


def _list_paths(paths: Sequence[str]) -> str:
    return "、".join(paths[:_MAX_LISTED]) + (f"等 {len(paths)} 个文件" if len(paths) > _MAX_LISTED else "")


def describe_matching_seal(beginning: str, present: SealedState) -> str | None:
    """Describe the sealed file or record whose digest begins so; None if there is none."""
    matching = [
        description for digest, description in present.describe_by_digest().items() if digest.startswith(beginning)
    ]
    return matching[0] if matching else None
