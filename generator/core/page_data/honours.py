"""The honours 光荣榜 as their page and the members' own pages show them (五1, 五2)."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from msgspec import Struct

from generator.core.basics.periods import Period
from generator.core.ledgers.ballots import NamedHonour
from generator.core.model.ledger import WrittenName
from generator.core.model.roster import Roster, member_label
from generator.core.model.settings import NameDisplay, Settings
from generator.core.page_data.boards import mask_name


class HonouredMember(Struct, frozen=True):
    """A member with an honour, under the name and with the branch's name of its day; no ``branch`` if the name has it.

    ``member`` is None where names are masked, and for a word that names no member of the roster any more,
    which is then the ``name``, without a branch.
    """

    name: str
    member: str | None
    branch: str


class HonourEntry(Struct, frozen=True):
    """An honour on the page: ``meeting`` and ``digest`` are those of its approval, None in a draft.

    ``year`` is that of the file, ``committee`` who decided on the ``day``, under its name of then. The ``note`` is left
    out where names are masked, as there may be names in it.
    """

    year: int
    award: str
    period: Period | None
    day: date
    committee: str
    note: str
    members: tuple[HonouredMember, ...]
    meeting: date | None
    digest: str | None


class OwnHonour(Struct, frozen=True):
    """An approved honour on the page of a member who has it; ``year`` is that of the file."""

    year: int
    award: str
    period: Period | None


def build_honours(
    honours: Iterable[NamedHonour], roster: Roster, settings: Settings, today: date
) -> tuple[HonourEntry, ...]:
    """Build the entries of honours, the newest first; those of one day in the order of the file."""
    masked = settings.names is NameDisplay.MASKED
    entries = (
        HonourEntry(
            year=honour.year,
            award=honour.written.award,
            period=honour.written.period,
            day=honour.written.date,
            committee=settings.state_on(min(honour.written.date, today)).committee,
            note="" if masked else honour.written.note,
            members=tuple(
                _show_member(word, member, roster.named_on(honour.written.date), honour.written.date, masked=masked)
                for word, member in honour.members
            ),
            meeting=honour.approval.meeting if honour.approval else None,
            digest=honour.approval.digest if honour.approval else None,
        )
        for honour in honours
    )
    return tuple(sorted(entries, key=lambda entry: (entry.year, entry.day), reverse=True))


def _show_member(
    word: WrittenName, member_id: str | None, roster: Roster, day: date, *, masked: bool
) -> HonouredMember:
    """Return a member as shown; ``roster`` has the names of the day."""
    if member_id is None:
        return HonouredMember(mask_name(word.text) if masked else word.text, None, "")
    member = roster.member_by_id[member_id]
    branch_id = member.branch_on(day)
    branch = roster.branch_by_id[branch_id].name if branch_id else ""
    if masked:
        return HonouredMember(mask_name(member.name), None, branch)
    return HonouredMember(member_label(member), member_id, "" if member.distinction == branch else branch)


def list_own_honours(honours: Iterable[NamedHonour]) -> Mapping[str, Sequence[OwnHonour]]:
    """List approved honours by member, the newest first."""
    by_member: dict[str, list[OwnHonour]] = defaultdict(list)
    for honour in sorted(honours, key=lambda honour: (honour.year, honour.written.date), reverse=True):
        own_honour = OwnHonour(honour.year, honour.written.award, honour.written.period)
        for _, member in honour.members if honour.approval else ():
            if member:
                by_member[member].append(own_honour)
    return by_member
