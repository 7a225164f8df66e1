"""Read the lists of keys that may sign approvals, and check that each was sealed by keepers of two lists."""

from collections.abc import Collection, Iterator
from itertools import pairwise

from msgspec.structs import replace

from generator.core.model.approver_lists import ApproverList, ApproverLists, ListRecord
from generator.intake.files import approver_files, discovery
from generator.intake.text.reader import ProjectReader
from generator.problems import Location, Problem, Severity

LOST_KEY = "approvers.lost-key"


def read_approver_lists(reader: ProjectReader) -> ApproverLists:
    """Read all lists of signers and their records; report what can't be read, and drafts that are not in force."""
    lists, records = discovery.list_approver_numbers(reader.project)
    # Whatever number has a record was in force; list 1 needs none.
    newest = max(records, default=1 if 1 in lists else 0)
    in_force: list[ApproverList] = []
    missing: list[str] = []
    stolen: set[str] = set()
    for number in range(1, newest + 1):
        path, record_path = reader.project.approvers_path(number), reader.project.approvers_record_path(number)
        missing += [reader.relative_name(path)] if number not in lists else []
        missing += [reader.relative_name(record_path)] if number > 1 and number not in records else []
        listed = _read_list(reader, number)
        record = reader.read_file(record_path, approver_files.read_list_record) if number in records else None
        # A key that was stolen once is never sound again.
        keys = tuple(replace(key, is_stolen=key.is_stolen or key.key in stolen) for key in listed.keys)
        stolen |= {key.key for key in keys if key.is_stolen}
        in_force.append(replace(listed, keys=keys, record=record))
    drafts = sorted(number for number in lists if number > newest)
    draft = _read_list(reader, drafts[0]) if drafts else None
    return ApproverLists(tuple(in_force), draft, tuple(missing))


def _read_list(reader: ProjectReader, number: int) -> ApproverList:
    """Read a list, and warn of its faulty lines; a missing or unreadable one has no lines."""
    path = reader.project.approvers_path(number)
    name = reader.relative_name(path)
    raw = reader.read_bytes(path) if path.exists() else None
    if raw is None:
        return ApproverList(number, name, "", ())
    listed, problems = approver_files.read_list(raw, name, number)
    reader.problems += problems
    return listed


def check_approver_lists(lists: ApproverLists, known_branches: Collection[str]) -> Iterator[Problem]:
    """Find lists that were changed, removed, exchanged or never sealed, and records that no keeper signed.

    ``known_branches`` are those on the roster, and those that have files.
    """
    for name in lists.missing:
        yield missing_list_problem(name)
    if lists.draft:
        yield from _find_draft_problem(lists, lists.draft)
    sealed = [listed for listed in lists.in_force if listed.record]
    if not sealed:
        return
    from generator.loader import openssh  # noqa: PLC0415  runs another program: one list needs none of it

    if problem := openssh.find_tool_problem(sealed[0].where, lists.in_force):
        yield problem
        return
    for before, listed in pairwise(lists.in_force):
        if record := listed.record:
            yield from _check_record(before, listed, record)
            unknown = sorted(set(record.heads) - set(known_branches))
            yield from (missing_head_problem(listed, record, record.heads[branch]) for branch in unknown)


def _find_draft_problem(lists: ApproverLists, draft: ApproverList) -> Iterator[Problem]:
    number = len(lists.in_force) + 1
    if draft.number != number:
        name = f"content/approvers.{number}" if number > 1 else "content/approvers"
        hint = f"名单按次序编号，请改名为 {name}"
        yield Problem(
            draft.where,
            "approvers.gap",
            f"没有第 {number} 份审核人名单，却有第 {draft.number} 份",
            hint,
            Severity.WARNING,
        )
        return
    message = f"第 {number} 份审核人名单还没有封存，现行的仍是第 {number - 1} 份"
    hint = f"请用 jifenbang approve {draft.file} --key 原保管人的私钥 --key 新保管人的私钥 封存；不用的请移走"
    yield Problem(draft.where, "approvers.unsealed", message, hint, Severity.WARNING)


def missing_list_problem(name: str) -> Problem:
    """Return the problem of a list or record that others show to be missing."""
    kind = "名单的封存记录" if name.endswith(".yaml") else "审核人名单"
    message = f"{kind}不见了，而已有审核或后来的名单是凭它签名的"
    return Problem(Location(name), "approvers.missing", message, f"请从备份中找回 {name}")


def missing_head_problem(listed: ApproverList, record: ListRecord, head: str) -> Problem:
    """Return the problem that an approval from before a list was sealed is missing."""
    message = f"封存第 {listed.number} 份审核人名单时已有的审核 {head} 不见了"
    hint = "那以后台账被改写、撤下或调换过；请从备份中找回原文件"
    return Problem(record.where, "approvers.rests", message, hint)


def altered_list_problem(listed: ApproverList, sealed_digest: str) -> Problem:
    """Return the problem of a list that is not the one that was sealed."""
    message = (
        f"第 {listed.number} 份审核人名单在封存之后被改动或调换过（封存的是 {sealed_digest}）；"
        "换人、换密钥，应当另写下一份名单"
    )
    hint = f"请从备份中恢复 {listed.file}"
    return Problem(listed.where, "approvers.altered", message, hint)


def _check_record(before: ApproverList, listed: ApproverList, record: ListRecord) -> Iterator[Problem]:
    """Check one record against its list and the one before."""
    if record.claims != record.digest:
        message = f"第 {listed.number} 份审核人名单的封存记录在写成之后被改动过"
        yield Problem(record.where, "record.digest", message, "请从备份中恢复原文件")
    if listed.digest and record.approvers != listed.digest:
        yield altered_list_problem(listed, record.approvers)
    if before.number == 1 and before.digest and record.previous != before.digest:
        yield altered_list_problem(before, record.previous)
    is_linked = before.number == 1 or before.record is None or record.previous == before.record.digest
    if record.number != listed.number or not is_linked or (before.record and record.on < before.record.on):
        message = f"第 {listed.number} 份审核人名单的封存记录接不上前一份：有名单被调换或改过编号"
        yield Problem(record.where, "approvers.order", message, "请从备份中恢复各份名单和它们的封存记录")
        return
    if record.lost:
        yield _lost_key_problem(listed, record)
    lacking = find_lacking_keepers(before, listed, record)
    if lacking:
        message = (
            f"第 {listed.number} 份审核人名单的封存记录上，没有{describe_keepers(lacking)}的签名，或者签名以后有改动"
        )
        hint = "不要使用这份名单；记录被改动过的，请从备份中恢复，否则移走这份名单和它的封存记录，请机关党委查明"
        yield Problem(record.where, "approvers.signature", message, hint)


def find_lacking_keepers(before: ApproverList, listed: ApproverList, record: ListRecord) -> list[ApproverList]:
    """Return, of the list before and the new one, those whose keepers did not sign the record as they must."""
    lists = [listed] if record.lost else [before, listed]
    return [
        one_list
        for one_list in lists
        # A list that is missing is reported, and its keepers can't be known.
        if one_list.digest and len(list_signing_keepers(one_list, record)) < one_list.keepers_needed
    ]


def list_signing_keepers(listed: ApproverList, record: ListRecord) -> frozenset[str]:
    """Return the keys of the keepers of a list who signed a record."""
    from generator.loader import openssh  # noqa: PLC0415  runs another program: one list needs none of it

    namespace = listed.keeper_namespace
    allowed = listed.list_text(namespace)
    return frozenset(
        openssh.read_public_key(signature)
        for signature in record.signatures
        if openssh.is_signed(allowed, record.signed, signature, record.on, namespace)
    )


def describe_keepers(lists: Collection[ApproverList]) -> str:
    """Return in words whose signatures are needed."""
    return "和".join(
        f"第 {listed.number} 份的保管人"
        if listed.keepers_needed == 1
        else f"第 {listed.number} 份（没有写明保管人）两名审核人"
        for listed in lists
    )


def _lost_key_problem(listed: ApproverList, record: ListRecord) -> Problem:
    acting = f"，代行：{record.acting}" if record.acting else ""
    message = (
        f"第 {listed.number} 份审核人名单不是由前一份的保管人签的：{record.on} 因密钥遗失，"
        f"由机关党委{record.by}决定更换（原因：{record.lost}{acting}）"
    )
    hint = "请向机关党委核实：前一份名单的保管人没有为它担保"
    return Problem(record.where, LOST_KEY, message, hint, Severity.WARNING)
