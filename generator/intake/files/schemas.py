"""JSON Schemas of all files that people or the program write, made of the fields that read them."""

from collections.abc import Callable, Mapping
from typing import Any

from msgspec import Struct

from generator.intake.files import (
    approver_files,
    ballot_file,
    content_files,
    cycle_file,
    import_file,
    ledger_file,
    record_files,
    roster_file,
    rulebook_file,
    theme_file,
)
from generator.intake.text import shapes


class FileKind(Struct, frozen=True):
    """A kind of file: its Chinese title, the pattern of its paths in a site project, and the reader of its fields."""

    title: str
    paths: str
    read_fields: Callable[..., Any]


KINDS: Mapping[str, FileKind] = {
    "site": FileKind("网站设置", "content/site.yaml", content_files.SETTINGS),
    "import": FileKind("别的系统导出的表怎样读", "content/import.yaml", import_file.IMPORT),
    "notice": FileKind("公告的标题栏", "content/notices/*.md", content_files.FRONT_MATTER_READERS["notices"]),
    "page": FileKind("文章的标题栏", "content/pages/*.md", content_files.FRONT_MATTER_READERS["pages"]),
    "theme": FileKind("主题", "themes/*/theme.yaml", theme_file.METADATA),
    "roster": FileKind("名册", "ledgers/roster.yaml", roster_file.ROSTER),
    "rulebook": FileKind("规则", "ledgers/rulebooks/*.yaml", rulebook_file.RULEBOOK),
    "cycle": FileKind("年度设置", "ledgers/*/cycle.yaml", cycle_file.CYCLE),
    "ledger": FileKind("台账", "ledgers/*/*/[01][0-9].yaml", ledger_file.LEDGER),
    "correction": FileKind("更正", "ledgers/*/*/[01][0-9].c*.yaml", ledger_file.CORRECTION),
    "reviews": FileKind("民主评议得分", "ledgers/*/reviews.yaml", ballot_file.REVIEWS),
    "poll": FileKind("表彰投票", "ledgers/*/votes/*.yaml", ballot_file.POLL),
    "honours": FileKind("光荣榜", "ledgers/*/honours.yaml", ballot_file.HONOURS),
    "filing": FileKind("备案记录", "ledgers/*/filings/*.yaml", record_files.FILING),
    "withdrawal": FileKind("撤回记录", "ledgers/**/*.w*.yaml", record_files.read_withdrawal_node),
    "approvers": FileKind("审核人名单的封存", "content/approvers.*.yaml", approver_files.RECORD),
}


def build_schema(kind: str) -> Mapping[str, Any]:
    """Return the JSON Schema (draft 7) of a kind of file."""
    file_kind = KINDS[kind]
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": file_kind.title,
        **shapes.shape_of(file_kind.read_fields),
    }
