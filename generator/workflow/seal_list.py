"""Seal a list of the keys that may sign approvals: keepers of the list before and of the new one sign its record."""

import secrets
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from generator.core.ledgers import anchors, signers
from generator.core.ledgers.anchors import Anchor
from generator.core.ledgers.signers import Signer, SigningRole
from generator.core.model.approver_lists import ApproverList, ListRecord
from generator.core.sealing import digests
from generator.intake.files import anchor_file, approver_files
from generator.loader import approver_lists, load, openssh, signatures
from generator.loader.load import LoadedProject
from generator.problems import CommandResult, Location, Problem, Severity
from generator.project import Project
from generator.publish.lock import lock_project
from generator.workflow import approve, record_text, sealed_writing, sign
from generator.workflow.record_text import RecordFields


class ListSealing(Struct, frozen=True):
    """The request to seal a list: the key files that sign, and the kept ``audit.json``, if one is given.

    ``lost`` is the reason why no keeper of the list before can sign; ``by`` decided so for the organ committee, and
    ``acting`` is the reason why that person is not on the organ's roster.
    """

    keys: tuple[Path, ...]
    anchor: Path | None = None
    lost: str | None = None
    by: str | None = None
    acting: str | None = None


def seal_list(project: Project, today: date, name: str, sealing: ListSealing) -> CommandResult[str]:
    """Seal the list that is the file of this name in the project, and return the name of its record."""
    with lock_project(project):
        load_result = load.load_project(project, today)
        errors = [problem for problem in approve.find_errors(load_result, [], signing=True) if problem.is_error]
        loaded = load_result.loaded
        if loaded is None or errors:
            return CommandResult(problems=tuple(errors))
        faults = [
            replace(problem, severity=Severity.ERROR)
            for problem in load_result.problems
            if problem.where.file == name and problem.code in {"approvers.bad-line", "approvers.gap"}
        ]
        listed, problems = _find_draft(loaded, name)
        if listed is None or faults:
            return CommandResult(problems=(*faults, *(problems if not faults else ())))
        contents, problems = compose_list_record(loaded, listed, sealing)
        if problems:
            return CommandResult(problems=tuple(problems))
        # The list itself is written, too, byte for byte as it is: so a copy of it is kept.
        contents[name] = (project.root / name).read_bytes()
        sealed_writing.write_sealed_files(project, contents)
    return CommandResult(next(iter(contents)))


def _find_draft(loaded: LoadedProject, name: str) -> tuple[ApproverList | None, list[Problem]]:
    """Return the draft of that name, or why it can't be sealed."""
    lists = loaded.approver_lists
    if lists.draft and lists.draft.file == name and lists.current:
        return lists.draft, []
    sealed = next((listed for listed in lists.in_force if listed.file == name), None)
    if sealed and sealed.record:
        message = f"第 {sealed.number} 份审核人名单已于 {sealed.record.on} 封存"
        hint = "封存过的名单不能再改；换人、换密钥，另写下一份"
        return None, [Problem(sealed.where, "approve.already", message, hint)]
    if sealed:
        hint = "写好就生效，第一次 approve --key 把它封存进去；换人、换密钥，另写 content/approvers.2"
        return None, [Problem(sealed.where, "approve.first-list", "第一份审核人名单不必封存", hint)]
    hint = "第一份名单是 content/approvers，以后依次是 content/approvers.2、content/approvers.3"
    return None, [Problem(Location(name), "approvers.gap", "前一份审核人名单还没有封存", hint)]


def compose_list_record(
    loaded: LoadedProject, listed: ApproverList, sealing: ListSealing
) -> tuple[dict[str, bytes], list[Problem]]:
    """Return the record's bytes by its name, signed by these keys; or why the list can't be sealed."""
    if problem := openssh.find_tool_problem(listed.where, [*loaded.approver_lists.in_force, listed]):
        return {}, [problem]
    if not sealing.keys:
        hint = "请加 --key 原保管人的私钥 --key 新保管人的私钥；密钥遗失的，加 --lost-key 原因 和新保管人的 --key"
        return {}, [Problem(listed.where, "approve.no-key", "封存审核人名单要由保管人签名", hint)]
    anchor, problems = _read_anchor(loaded, sealing)
    decider = _find_decider(loaded, listed, sealing)
    problems += [decider] if isinstance(decider, Problem) else []
    problems += _find_stolen_approvals(loaded, listed, anchor)
    if problems:
        return {}, problems
    unsigned = {
        **_compose_fields(loaded, listed),
        **({"anchor": anchor.sha256} if anchor else {}),
        **({"lost": sealing.lost, "by": decider.name} if sealing.lost and isinstance(decider, Signer) else {}),
        **({"acting": sealing.acting} if sealing.acting else {}),
        "nonce": secrets.token_hex(16),
    }
    record_signatures, problems = _sign_record(loaded, listed, digests.digest_record(unsigned), sealing.keys)
    if problems:
        return {}, problems
    values = {**unsigned, "signatures": record_signatures}
    raw = record_text.format_record({**values, "digest": digests.digest_record(values)})
    name = loaded.project.file_name(loaded.project.approvers_record_path(listed.number))
    record, problems = approver_files.read_list_record(raw, name)
    assert record is not None, problems
    problems = list(_find_lacking_signatures(loaded, listed, record, sealing))
    return ({}, problems) if problems else ({name: raw}, [])


def _read_anchor(loaded: LoadedProject, sealing: ListSealing) -> tuple[Anchor | None, list[Problem]]:
    """Read the kept ``audit.json``, of which everything must still be there."""
    if sealing.anchor is None:
        return None, []
    name = loaded.project.file_name(sealing.anchor)
    anchor, problems = anchor_file.read_audit_json(sealing.anchor, name)
    if anchor is None:
        return None, problems
    rewritten = anchors.check_anchor(anchor, load.collect_sealed_state(loaded), Location(name))
    return anchor, [problem for problem in rewritten if problem.is_error]


def _find_decider(loaded: LoadedProject, listed: ApproverList, sealing: ListSealing) -> Signer | Problem | None:
    """Return who decided for the organ committee that keys are lost, or why that person can't; None without need."""
    if sealing.lost is None:
        return None
    if not sealing.by:
        hint = "请在 --by 后面写作出决定的机关党委负责人"
        return Problem(listed.where, "approve.no-approver", "密钥遗失以后更换名单，要由机关党委决定", hint)
    role = SigningRole("决定人", "--by", loaded.today, None)
    decider = signers.find_signer(sealing.by, role, loaded.roster, listed.where, acting=bool(sealing.acting))
    if isinstance(decider, Signer) and sealing.acting and not decider.acting:
        return Problem(listed.where, "approve.acting-unneeded", "决定人在名册上，不是代行", "请去掉 --acting")
    return decider


def _find_stolen_approvals(loaded: LoadedProject, listed: ApproverList, anchor: Anchor | None) -> Iterator[Problem]:
    """Yield the approvals of keys that the list is the first to call stolen, unless the anchor has them."""
    stolen_before = loaded.approver_lists.stolen_since
    stolen = {key.key: key for key in listed.keys if key.is_stolen and key.key not in stolen_before}
    sealed = signatures.list_stolen_key_approvals(loaded.files_by_name.values(), stolen)
    if not sealed:
        return
    if anchor is None:
        message = f"有 {len(sealed)} 次审核是用列为被盗的密钥签的，它们算不算数，要凭从前的 audit.json 判断"
        hint = "请加 --anchor 文件，给出密钥被盗以前保存的 audit.json"
        yield Problem(next(iter(stolen.values())).where, "approve.no-anchor", message, hint)
        return
    state = load.collect_sealed_state(loaded)
    unanchored = anchors.find_unanchored(anchor, state, [approval.digest for _, approval in sealed])
    for file, approval in sealed:
        if approval.digest in unanchored:
            yield signatures.unanchored_problem(approval, file.what)


def _compose_fields(loaded: LoadedProject, listed: ApproverList) -> RecordFields:
    """Return the fields by which the record is linked to the list, the list before, and all approvals until now."""
    before = loaded.approver_lists.current
    assert before is not None
    chains = {branch.id: loaded.ledger_files.branch_chain(branch.id) for branch in loaded.roster.branches}
    return {
        "list": str(listed.number),
        "approvers": listed.digest,
        "previous": before.record.digest if before.record else before.digest,
        "on": loaded.today.isoformat(),
        "heads": {branch: chain[-1].digest for branch, chain in chains.items() if chain},
        "ballots": sorted(approval.digest for _, approval in loaded.ballot_files.approved_files),
    }


def _sign_record(
    loaded: LoadedProject, listed: ApproverList, digest: str, keys: Sequence[Path]
) -> tuple[list[str], list[Problem]]:
    """Sign the record's digest with each key for which of the two lists it keeps; a key that keeps neither is refused.

    Returns the signatures and the problems.
    """
    before = loaded.approver_lists.current
    assert before is not None
    record_signatures: list[str] = []
    problems: list[Problem] = []
    for key in keys:
        accepted: list[str] = []
        for namespace in dict.fromkeys([before.keeper_namespace, listed.keeper_namespace]):
            signature, messages = openssh.sign_digest(digest, key, namespace)
            if signature is None:
                return [], [sign.failed_signing_problem(listed.where, messages)]
            lists = [one_list for one_list in (before, listed) if one_list.keeper_namespace == namespace]
            allowed = [one_list.list_text(namespace) for one_list in lists]
            if any(openssh.is_signed(text, digest, signature, loaded.today, namespace) for text in allowed):
                accepted.append(signature)
        if not accepted:
            message = f"{key.name} 不是第 {before.number} 份或第 {listed.number} 份名单保管人的密钥，或者今天无效"
            hint = '保管人的一行要写 namespaces="jifenbang-approvers"；请换用保管人的密钥'
            problems.append(Problem(listed.where, "approve.not-a-keeper", message, hint))
        record_signatures += accepted
    return record_signatures, problems


def _find_lacking_signatures(
    loaded: LoadedProject, listed: ApproverList, record: ListRecord, sealing: ListSealing
) -> Iterator[Problem]:
    """Yield a problem if the keepers of one of the lists did not sign as they must."""
    before = loaded.approver_lists.current
    assert before is not None
    if lacking := approver_lists.find_lacking_keepers(before, listed, record):
        message = f"还缺{approver_lists.describe_keepers(lacking)}的签名"
        hint = "请每名保管人各加一个 --key；原来的密钥遗失了的，由机关党委决定，加 --lost-key 原因 --by 姓名"
        if sealing.lost:
            hint = "请加 --key 新名单保管人的私钥"
        yield Problem(listed.where, "approve.not-a-keeper", message, hint)
