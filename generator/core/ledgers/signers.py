"""Find who approves, consents and files on the roster of the day, and recognise recorders in any spelling."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from datetime import date

from msgspec import Struct
from msgspec.structs import replace

from generator.core.basics.name_spellings import normalize_text
from generator.core.ledgers import name_resolution
from generator.core.model.roster import Member, Roster
from generator.problems import Location, Problem


class Signer(Struct, frozen=True):
    """A person who signs: the name to be sealed, and the member; None for someone who is on no roster.

    A signer is ``acting`` who is not on the roster that the signature needs.
    """

    name: str
    member: Member | None
    acting: bool = False


class SigningRole(Struct, frozen=True):
    """The role of a signer: the ``title`` in words, the ``option`` that names the person, the day.

    The person must be on the roster of the ``branch``, or with None on the organ's.
    """

    title: str
    option: str
    day: date
    branch: str | None

    def may_sign(self, member: Member) -> bool:
        """Return whether a member is on the roster that the signature needs."""
        home = member.branch_on(self.day)
        return home is not None and self.branch in {None, home}


def find_signer(word: str, role: SigningRole, roster: Roster, where: Location, *, acting: bool) -> Signer | Problem:
    """Return the signer whom a word means, or the problem at that place.

    With ``acting`` there is a reason why the signer need not be on the roster.
    """
    members = roster.find_namesakes(word, role.day, role.may_sign) or _find_by_pinyin(word, role, roster)
    if not members and acting:
        role = replace(role, branch=None)
        elsewhere = roster.find_namesakes(word, role.day, role.may_sign)
        if len(elsewhere) == 1:
            return Signer(_name_on_roster(elsewhere[0], role, roster), elsewhere[0], acting=True)
        return Signer(word, None, acting=True)
    if len(members) == 1:
        return Signer(_name_on_roster(members[0], role, roster), members[0])
    if not members:
        return _absent_problem(word, role, roster, where)
    message = f"有 {len(members)} 名党员叫“{word}”，不知道{role.title}是哪一名"
    hint = f"请在 {role.option} 后面写编号：{roster.describe_candidates(members)}"
    return Problem(where, "approve.ambiguous-approver", message, hint)


def _find_by_pinyin(word: str, role: SigningRole, roster: Roster) -> Sequence[Member]:
    """Return those who may sign and whose whole name, or its initials, a word writes in pinyin.

    Neither a part of a name nor a name in characters: a signature must not be that of another person.
    """
    if not word.isascii() or word in roster.members_by_name:
        return ()
    text = normalize_text(word)
    return [member for member in roster.members if role.may_sign(member) and text in member.whole_pinyin]


def find_roster_name(word: str, role: SigningRole, roster: Roster) -> str:
    """Return the name that the roster has for whom a word means, by which pages name a signer; else the word itself."""
    members = roster.find_namesakes(word, role.day, role.may_sign)
    return _name_on_roster(members[0], role, roster) if len(members) == 1 else word


def _name_on_roster(member: Member, role: SigningRole, roster: Roster) -> str:
    """Return the member's name on the day of signing, with ``aka`` or id where another on the roster has it too."""
    named = member.named_on(role.day)
    if len(roster.find_namesakes(named.name, role.day, role.may_sign)) == 1:
        return named.name
    return f"{named.name}（{named.aka or named.id}）"


def _absent_problem(word: str, role: SigningRole, roster: Roster, where: Location) -> Problem:
    """Return the problem of a word that means no member on the roster of the day."""
    owner = "机关" if role.branch is None else roster.branch_by_id[role.branch].named_on(role.day).name
    if word in roster.members_by_name:
        hint = f"请核对 {role.option}；确由此人代行的，加 --acting 原因"
        return Problem(where, "approve.not-on-roster", f"{role.title}“{word}”{role.day} 不在{owner}的名册上", hint)
    eligible = [member.named_on(role.day) for member in roster.members if role.may_sign(member)]
    hint = f"{name_resolution.suggest_member_name(word, eligible)}；确由名册以外的人代行的，加 --acting 原因"
    return Problem(where, "approve.unknown-approver", f"{role.title}“{word}”不在名册上", hint)


# --- the same person in another spelling -----------------------------------------------------------------------------

_BETWEEN_NAMES = "、，；,;/|&+→"
_SEPARATORS = rf"(?:[^\w{_BETWEEN_NAMES}]|_)*"  # between the characters of a name, the parts of an id
_LEFT_OUT = re.compile(_SEPARATORS.replace("*", "+"))
_UNSEEN = frozenset({"Lm", "Mn", "Me", "Cf", "Sk"})  # categories of characters, such as a dot that counts as a letter
_FAMILIAR = re.compile(
    r"[小老](?P<alone>\w)|(?P<titled>\w{1,2}?)"
    r"(?:党支部|支部|组织|宣传|纪检|副|总)*(?:书记|委员|主任|[处科部局组]长|秘书|同志|老师|某某?)"
)


def is_same_person(text: str, signer: Signer, roster: Roster) -> bool:
    """Return whether a text that names recorders, in whatever words, names the signer.

    It does so by the id or a name of any day, unless only as a part of another member's longer name, by the name
    without its surname alone, by the surname with a title, or in pinyin. A signer who is on no roster is recognised by
    the members whom the words mention, else by the words alone.
    """
    if signer.member is not None:
        is_called = any(signer.member in members for _, members in find_given_names(text, roster))
        return is_called or _mentions(text, signer.member, roster) or _paraphrases(text, signer.member, roster)
    if any(_mentions(text, member, roster) for member in roster.members if _mentions(signer.name, member, roster)):
        return True
    name = _squeeze(signer.name)
    # A blank may separate names, or the characters of one.
    parts = {
        _squeeze(part)
        for separators in (r"[^\w\s·-]|[和与及]", r"[^\w·-]|[和与及]")
        for part in re.split(separators, text)
    }
    return (name in _squeeze(text) if name else signer.name in text) or any(
        len(part) > 1 and part in name for part in parts
    )


def find_given_names(text: str, roster: Roster) -> Iterator[tuple[str, Sequence[Member]]]:
    """Yield the words of a text that are members' names without the surname, and no whole names, with the members."""
    for word in filter(None, re.split(r"[^\w·-]|[和与及]", text)):
        if word not in roster.members_by_name and word in roster.members_by_given_name:
            yield word, roster.members_by_given_name[word]


def _paraphrases(text: str, member: Member, roster: Roster) -> bool:
    """Return whether a text writes a member's name in pinyin, or the surname alone with a title."""
    surnames = {name[:size] for name in _list_names(member) for size in (1, 2) if len(name) > size}
    for part in re.split(rf"[{_BETWEEN_NAMES}\n]|[和与及]", unicodedata.normalize("NFKC", text)):
        words = part.split()
        runs = (" ".join(words[first:last]) for first in range(len(words)) for last in range(first + 1, len(words) + 1))
        for run in runs:
            familiar = _FAMILIAR.fullmatch(run)
            if familiar and run not in roster.members_by_name and set(familiar.groups()) & surnames:
                return True
            spelling = normalize_text(run)
            if spelling.isascii() and run not in roster.members_by_name and spelling in member.whole_pinyin:
                return True
    return False


def _list_names(member: Member) -> Iterator[str]:
    yield member.name
    yield from (name.name for _, name in member.names)


def is_same_signer(first: Signer, second: Signer, roster: Roster) -> bool:
    """Return whether two signers are one person."""
    if first.member and second.member:
        return first.member.id == second.member.id
    return is_same_person(first.name, second, roster) or is_same_person(second.name, first, roster)


def _mentions(text: str, member: Member, roster: Roster) -> bool:
    plain, squeezed = _fold(text), _squeeze(text)
    for word in member.all_labels:
        if not _squeeze(word) or _squeeze(word) not in squeezed:
            continue
        # A longer name hides this one only where it is written in one piece: the pieces could be of two names.
        longer = [
            match.span()
            for label in _list_longer_words(word, member, roster)
            for match in _make_pattern(_fold(label), "").finditer(plain)
        ]
        for match in _make_pattern(_squeeze(word), _SEPARATORS).finditer(plain):
            first, last = match.span()
            if not any(start <= first and last <= end and end - start > last - first for start, end in longer):
                return True
    return False


def _list_longer_words(word: str, member: Member, roster: Roster) -> Iterator[str]:
    """Yield the words for other members that contain a word."""
    part = _squeeze(word)
    for label, members in roster.members_by_name.items():
        if len(label) > len(word) and member not in members and part in _squeeze(label):
            yield label


def _make_pattern(word: str, separators: str) -> re.Pattern[str]:
    """Return the pattern of a word in small letters, with any separators between its characters."""
    # Letters and digits beside an id belong to another word; Chinese is written without blanks.
    before = "(?<![a-z0-9])" if re.match("[a-z0-9]", word) else ""
    after = "(?![a-z0-9])" if re.search("[a-z0-9]$", word) else ""
    return re.compile(before + separators.join(map(re.escape, word)) + after)


def _fold(text: str) -> str:
    """Return a text in small letters and common characters, without those that count as letters and are none."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(char for char in folded if unicodedata.category(char) not in _UNSEEN)


def _squeeze(text: str) -> str:
    """Return a text in small letters without whatever may separate the characters of a name."""
    return _LEFT_OUT.sub("", _fold(text))
