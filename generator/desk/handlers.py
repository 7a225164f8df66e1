"""The desk's addresses: pages to read, acts to do, files to take, and the socket of each window."""

import asyncio
import json
import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import quote

from tornado import web, websocket

from generator.core.basics.periods import Period, parse_period
from generator.desk import acts, hand_in, new_texts, text_files, theme_colours
from generator.desk.acts import ACTS
from generator.desk.desk import Desk, State, format_command
from generator.desk.fields import FieldError, Fields
from generator.desk.page import DeskPage, PageError
from generator.desk.pages import months, records
from generator.desk.session import Session
from generator.disk import atomic_files, locked_files
from generator.intake.imports import month_form
from generator.local_server.guard import Route
from generator.local_server.server import find_type
from generator.project import find_shipped_path
from generator.render.html import package_pages
from generator.workflow import ballot_forms, import_workbooks, reservations
from generator.workflow.import_tables import TableOptions

_HERE = Path(__file__).parent
_TEMPLATES, _ASSETS = _HERE / "templates", _HERE / "assets"
_EDITOR = _HERE.parent / "render/export/form"
_ICONS = find_shipped_path("themes/default/assets")
_HTML = "text/html; charset=utf-8"

# Pages by the pattern of their address below the key.
_PAGES: tuple[tuple[str, Callable[..., DeskPage]], ...] = (
    (r"(?:([12][0-9]{3}))?", months.build_overview),
    (r"month/([a-z0-9-]+)/([0-9-]+)", months.build_month),
    (r"month/([a-z0-9-]+)/([0-9-]+)/(edit|correct)", months.build_editor),
    (r"moves((?:/[a-z0-9-]+/[0-9-]+)+)", months.build_moves),
    (r"approvals", records.build_approvals),
    (r"hand-in", records.build_hand_in),
    (r"people", records.build_people),
    (r"publish", records.build_publishing),
    (r"reports", records.build_reports),
    (r"settings", records.build_settings),
    (r"text/([a-z0-9:-]+)", records.build_text),
    (r"problems", records.build_problems),
)


def list_routes(session: Session) -> list[Route]:
    """Return the routes of a desk."""
    shared = {"session": session}
    return [
        (r"-/alive", _AliveHandler, shared),
        (r"-/progress", _ProgressHandler, shared),
        (r"-/window/([a-z0-9]+)", _WindowHandler, shared),
        (r"-/((?:desk|editor)\.(?:js|css)|icon\.svg)", _DeskAssetHandler, shared),
        (r"preview/(.*)", _PreviewHandler, shared),
        (r"act/([a-z-]+)", _ActHandler, shared),
        (r"done/([0-9]+)", _OutcomeHandler, shared),
        (r"tray", _TrayHandler, shared),
        (r"import", _ImportHandler, shared),
        (r"save/([a-z0-9-]+)/([0-9-]+)", _SaveHandler, shared),
        (r"save-text", _SaveTextHandler, shared),
        (r"save-ballot", _SaveBallotHandler, shared),
        (r"new-text", _NewTextHandler, shared),
        (r"attach/([a-z0-9:-]+)", _AttachmentHandler, shared),
        (r"download/(sheet|form|pack-[a-z]+)/([0-9HQ-]+)/([a-z0-9-]+)", _DownloadHandler, shared),
        (r"download/((?:results|awards)-[a-z]+|archive)/([0-9HQ-]+)", _DownloadHandler, shared),
        (r"download/request/([0-9a-f]{64})", _RequestDownloadHandler, shared),
        (r"answer", _AnswerHandler, shared),
        (r"close", _CloseHandler, shared),
        (r"(.*)", _DeskPageHandler, shared),
    ]


class _DeskHandler(web.RequestHandler):
    """A handler with the desk, whose errors are in Chinese."""

    def initialize(self, session: Session) -> None:
        """Take the session."""
        self.session = session
        self.desk: Desk = session.desk

    def write_error(self, status_code: int, **_: Any) -> None:
        """Say that it did not work."""
        self.set_header("Content-Type", "text/plain; charset=utf-8")
        self.finish(f"没有办成（{status_code}）。请回到上一页重试；填的内容还在那里。\n")

    def draw(self, page: DeskPage, state: State, status: int = HTTPStatus.OK) -> None:
        """Send a page."""
        loaded = state.load_result.loaded
        data = {
            "root": self.session.root,
            "title": page.title,
            "organ": loaded.settings.organ if loaded else "",
            "counts": self.count_problems(state),
            "link_file": text_files.find_link,
            **page.data,
        }
        self.set_status(status)
        self.set_header("Content-Type", _HTML)
        self.finish(package_pages.draw_page((_TEMPLATES, _EDITOR), page.template, data))

    def count_problems(self, state: State) -> Mapping[str, int]:
        """Return how many problems the project has, for the head of a page that stays."""
        return {"errors": sum(problem.is_error for problem in state.problems), "all": len(state.problems)}

    def draw_unreadable(self, state: State) -> None:
        """Send all problems of a project that can't be read, in the place of another page."""
        self.draw(DeskPage("problems.html", "问题", {"problems": state.problems, "unreadable": True}), state)

    def send_json(self, data: Mapping[str, Any]) -> None:
        """Send data to the script of a page."""
        self.set_header("Content-Type", "application/json; charset=utf-8")
        self.finish(json.dumps(data, ensure_ascii=False, default=str))

    async def send_output_file(self, words: Sequence[str], option: str, name: str, saved_as: str = "") -> None:
        """Run a command that writes the file of an option, and send the file; or say why there is none.

        ``saved_as`` is what the browser calls the file, if it isn't ``name``; it may have any characters.
        """
        path = self.session.tray.reserve(name)
        async with self.session.acting:
            output = await asyncio.to_thread(self.desk.peek, [*words, f"--{option}={path}"])
        if output.exit_code or not path.is_file():
            state = await asyncio.to_thread(self.desk.read_state)
            text = output.text.replace(str(path), "")
            self.draw(DeskPage("refused.html", "导出", {"reason": text}), state, HTTPStatus.BAD_REQUEST)
            return
        raw = path.read_bytes()
        locked_files.delete_file(path)
        self.set_header("Content-Type", "application/octet-stream")
        other_name = f"; filename*=UTF-8''{quote(saved_as, safe='')}" if saved_as else ""
        self.set_header("Content-Disposition", f'attachment; filename="{name}"{other_name}')
        self.finish(raw)

    def read_fields(self) -> dict[str, str]:
        """Return the fields of a form, each once."""
        return {
            name: values[-1].decode("utf-8", errors="replace") for name, values in self.request.body_arguments.items()
        }

    def read_json(self) -> dict[str, Any]:
        """Return what the script of a page sent; anything but an object is refused."""
        try:
            request_data = json.loads(self.request.body)
        except (ValueError, RecursionError):
            request_data = None
        if not isinstance(request_data, dict):
            raise web.HTTPError(HTTPStatus.BAD_REQUEST)
        return request_data


class _DeskPageHandler(_DeskHandler):
    """A page of the desk."""

    async def get(self, path: str) -> None:
        """Send it."""
        state = await asyncio.to_thread(self.desk.read_state)
        for pattern, build in _PAGES:
            if match := re.fullmatch(pattern, path):
                words = [word for word in match.groups() if word]
                try:
                    page = await asyncio.to_thread(build, self.desk, state, *words)
                except PageError:
                    break
                self.draw(page, state)
                return
        unreadable = state.load_result.loaded is None
        page = DeskPage("problems.html", "页面不存在", {"problems": state.problems, "unreadable": unreadable})
        self.draw(page, state, HTTPStatus.NOT_FOUND)


class _PreviewHandler(_DeskHandler):
    """A file of the preview."""

    async def get(self, path: str) -> None:
        """Send it."""
        file = f"{path}index.html" if path == "" or path.endswith("/") else path
        status, raw = await asyncio.to_thread(self.session.render_preview, file)
        self.set_status(status)
        self.set_header("Content-Type", find_type(file) if status == HTTPStatus.OK else _HTML)
        self.finish(raw)


class _ActHandler(_DeskHandler):
    """An act: what it will do is shown first, and done once that is confirmed."""

    async def post(self, name: str) -> None:
        """Show or do it."""
        act = ACTS.get(name)
        if act is None:
            raise web.HTTPError(HTTPStatus.NOT_FOUND)
        values = self.read_fields()
        async with self.session.acting:
            state = await asyncio.to_thread(self.desk.read_state)
            loaded = state.load_result.loaded
            if loaded is None:
                self.draw_unreadable(state)
                return
            upload = self.session.tray.find_path(values.get("file", "")) if act.takes_file else None
            fields = Fields(values, loaded, upload)
            try:
                words, back = act.compose(self.desk, fields), act.back(fields)
                files, by_hand = act.find_files(self.desk, fields), act.by_hand(self.desk, fields)
                digest = _digest_files(files)
                if act.describe and not fields.flag("sure"):
                    facts = await asyncio.to_thread(act.describe, self.desk, fields, loaded)
                    data = {
                        "name": name,
                        "facts": facts,
                        "moves": act.find_moves(fields),
                        "command": "" if by_hand else format_command(words),
                        "by_hand": by_hand,
                        "texts": [text_files.read_text(path)[0] for path in files] if act.shows_files else [],
                        "fields": {key: value for key, value in values.items() if key not in {"sure", "digest"}},
                        "digest": digest,
                        "offer": self.session.offer_act(),
                        "back": back,
                    }
                    self.draw(DeskPage("confirm.html", act.title, data), state)
                    return
                if act.describe and not self.session.accept_act(fields.raw("sure")):
                    raise FieldError("这一件已经办过了，没有再办。要再办一次的，请返回重新看一遍")  # noqa: TRY301
                if act.describe and fields.raw("digest") != digest:
                    raise FieldError("这份文件刚刚被改动过，没有办。请返回核对新的内容，再办一次")  # noqa: TRY301
            except FieldError as error:
                self.draw(DeskPage("refused.html", act.title, {"reason": str(error)}), state, HTTPStatus.BAD_REQUEST)
                return
            if act.perform:
                perform = partial(act.perform, self.desk, fields)
                number = await asyncio.to_thread(self.desk.perform, act.title, words, back, by_hand, perform)
            else:
                path = self.session.tray.reserve(words[-1].rpartition("=")[2]) if act.makes_file else upload
                number = await asyncio.to_thread(self.desk.run, act.title, words, back, path)
        self.redirect(f"{self.session.root}done/{number}", status=HTTPStatus.SEE_OTHER)


def _digest_files(paths: Sequence[Path]) -> str:
    """Return a digest of the contents of files; empty for none."""
    digests = [atomic_files.digest_file(path) or "" for path in paths]
    return atomic_files.digest_bytes("\n".join(digests).encode()) if digests else ""


class _OutcomeHandler(_DeskHandler):
    """The outcome of an act."""

    async def get(self, number: str) -> None:
        """Send it."""
        state = await asyncio.to_thread(self.desk.read_state)
        if int(number) >= len(self.desk.outcomes):
            raise web.HTTPError(HTTPStatus.NOT_FOUND)
        outcome = self.desk.outcomes[int(number)]
        self.draw(DeskPage("outcome.html", outcome.title, {"outcome": outcome}), state)


class _TrayHandler(_DeskHandler):
    """Files that are handed in, one a request, each as its bare bytes."""

    async def post(self) -> None:
        """Take one, and say what it would become."""
        name = self.get_query_argument("name", "")
        fields = {name: self.get_query_argument(name, "") for name in self.request.query_arguments}
        if instead := fields.get("instead", ""):
            self.session.tray.drop([int(instead)] if instead.isascii() and instead.isdigit() else [])
        is_large = len(self.request.body) > hand_in.MAX_BYTES
        file = self.session.tray.add(name, self.request.body) if not is_large else None
        if is_large:
            self.send_json({"refused": f"这份文件太大，最多 {hand_in.MAX_BYTES:,} 字节"})
            return
        if file is None:
            self.send_json({"refused": "一次最多放六十份，请先写入或拿掉一些"})
            return
        if fields.get("kind") == "members":  # said by the act
            self.send_json({"number": file.number})
            return
        async with self.session.acting:
            answer = await asyncio.to_thread(_import_files, self.desk, [file], fields, writes=False)
        self.send_json({"number": file.number, **answer})


class _ImportHandler(_DeskHandler):
    """The files in the tray that are to be written."""

    async def post(self) -> None:
        """Write their drafts, and drop those that were written."""
        request_data = self.read_json()
        numbers, fields = request_data.get("numbers"), request_data.get("fields", {})
        if not (isinstance(numbers, list) and isinstance(fields, dict)):
            raise web.HTTPError(HTTPStatus.BAD_REQUEST)
        numbers = [number for number in numbers if isinstance(number, int)]
        fields = {name: str(value) for name, value in fields.items()}
        files = self.session.tray.find(numbers)
        async with self.session.acting:
            before = await asyncio.to_thread(self.desk.read_state)
            answer = await asyncio.to_thread(_import_files, self.desk, files, fields, writes=True)
            state = await asyncio.to_thread(self.desk.note_saved, "import", before)
            counts = await asyncio.to_thread(self.count_problems, state)
        if not answer.get("refused"):
            self.session.tray.drop(numbers)
        self.send_json({**answer, "counts": counts})


def _import_files(
    desk: Desk, files: Sequence[hand_in.HandedIn], values: Mapping[str, str], *, writes: bool
) -> Mapping[str, Any]:
    loaded = desk.read_state().load_result.loaded
    if loaded is None:
        return {"refused": "资料里有错误，现在不能导入；请先看“问题”"}
    try:
        request = hand_in.read_request(Fields(values, loaded))
    except FieldError as error:
        return {"refused": str(error)}
    return hand_in.import_files(desk.project, desk.today(), files, request, writes=writes)


class _SaveHandler(_DeskHandler):
    """A month from the editor: what a saved form holds, checked as one and written as a draft."""

    async def post(self, branch: str, month: str) -> None:
        """Write the draft, unless the one on the disk is another by now and nobody decided what then."""
        merges = self.get_query_argument("merge", "") == "1"
        async with self.session.acting:
            data = await asyncio.to_thread(self._save, branch, month, merges=merges)
        self.send_json(data)

    def _save(self, branch: str, month_name: str, *, merges: bool) -> Mapping[str, Any]:
        desk, month = self.desk, parse_period(month_name)
        state = desk.read_state()
        loaded = state.load_result.loaded
        form, _ = month_form.read_form(self.request.body, "这一页")
        if form is None or month is None or (form.origin.branch, form.origin.month) != (branch, str(month)):
            return {"refused": "没有读懂这一页交来的内容，请重新打开这一页"}
        if loaded is None or branch not in loaded.roster.branch_by_id:
            return {"refused": "资料里有错误，现在不能保存。填的内容还在这一页上"}
        corrects = bool(form.origin.corrects)
        now, problems = months.build_editor_table(state, loaded, branch, month, corrects=corrects)
        if now is None:
            return {
                "refused": "磁盘上的这一份现在不能编辑，填的内容还在这一页上",
                "problems": hand_in.describe_problems(problems),
            }
        if now["origin"]["draft"] != form.origin.draft and not merges:
            names = [file.name for file in loaded.ledger_files.list_month(branch, month)]
            path = desk.project.root / names[-1] if names else desk.project.ledger_path(branch, str(month))
            text = path.read_text(encoding="utf-8-sig", errors="replace") if path.is_file() else ""
            return {"conflict": text, "table": now}
        return self._write(state, branch, month, corrects=corrects)

    def _write(self, before: State, branch: str, month: Period, *, corrects: bool) -> Mapping[str, Any]:
        desk = self.desk
        path = self.session.tray.reserve("month.json")
        atomic_files.write_atomically(str(path), self.request.body, durably=False)
        options = TableOptions(update=True, unfinished=True)
        result = import_workbooks.import_files(
            desk.project,
            desk.today(),
            {path: "这一页"},
            options,
            lambda _tables: False,
            lambda _project, _today: desk.read_state().load_result,
        )
        locked_files.delete_file(path)
        described = hand_in.describe_imported(result)
        if not described["files"]:
            return described
        state = desk.note_saved("import", before)
        loaded = state.load_result.loaded
        table = months.build_editor_table(state, loaded, branch, month, corrects=corrects)[0] if loaded else None
        return {"saved": True, "table": table, "counts": self.count_problems(state), **described}


class _SaveTextHandler(_DeskHandler):
    """A text that was edited."""

    async def post(self) -> None:
        """Write it over the one that was read."""
        request_data = self.read_json()
        try:
            path = text_files.find_text(self.desk.project, str(request_data.get("id")))
        except PageError:
            raise web.HTTPError(HTTPStatus.NOT_FOUND) from None
        async with self.session.acting:
            before = await asyncio.to_thread(self.desk.read_state)
            digest = text_files.save_text(path, str(request_data.get("text")), str(request_data.get("digest")))
            if not digest:
                text, now = text_files.read_text(path)
                self.send_json({"conflict": text, "digest": now})
                return
            name = self.desk.project.file_name(path)
            state = await asyncio.to_thread(self.desk.note_saved, f"text {name}", before)
        problems = [problem for problem in state.problems if problem.where.file == name]
        counts = await asyncio.to_thread(self.count_problems, state)
        self.send_json({"digest": digest, "problems": hand_in.describe_problems(problems), "counts": counts})


class _SaveBallotHandler(_DeskHandler):
    """A ballot from its form."""

    async def post(self) -> None:
        """Write its draft over the one that was read."""
        request_data = self.read_json()
        typed, text_id = request_data.get("cells"), str(request_data.get("id"))
        if not isinstance(typed, dict) or not text_id[:1].isdigit():
            raise web.HTTPError(HTTPStatus.BAD_REQUEST)
        try:
            path = text_files.find_text(self.desk.project, text_id)
        except PageError:
            raise web.HTTPError(HTTPStatus.NOT_FOUND) from None
        texts = {name: str(text) for name, text in typed.items()}
        async with self.session.acting:
            data = await asyncio.to_thread(self._save, path, str(request_data.get("digest")), texts)
        self.send_json(data)

    def _save(self, path: Path, digest: str, typed: Mapping[str, str]) -> Mapping[str, Any]:
        desk = self.desk
        before, name = desk.read_state(), desk.project.file_name(path)
        result = ballot_forms.save_form(
            desk.project, desk.today(), name, digest, typed, lambda _project, _today: before.load_result
        )
        saved = result.value
        if saved is None:
            return {"refused": result.usage_error or "资料里有错误，现在不能保存。填的内容还在这一页上"}
        if saved.conflict is not None:
            return {"conflict": saved.conflict, "digest": saved.digest}
        described = hand_in.describe_problems([problem for _, problem in saved.faults])
        problems = [{**fault, "cell": cell} for fault, (cell, _) in zip(described, saved.faults, strict=True)]
        if not saved.is_written:
            return {"problems": problems}
        state = desk.note_saved(f"text {name}", before)
        answer = {"saved": True, "digest": saved.digest, "moved": saved.is_moved, "problems": problems}
        return {**answer, "counts": self.count_problems(state)}


class _NewTextHandler(_DeskHandler):
    """A text that begins."""

    async def post(self) -> None:
        """Write its file, and lead to it."""
        async with self.session.acting:
            state = await asyncio.to_thread(self.desk.read_state)
            loaded = state.load_result.loaded
            if loaded is None:
                self.draw_unreadable(state)
                return
            try:
                new = new_texts.compose_text(self.desk.project, Fields(self.read_fields(), loaded))
                new_texts.create_text(new)
            except FieldError as error:
                self.draw(DeskPage("refused.html", "新建", {"reason": str(error)}), state, HTTPStatus.BAD_REQUEST)
                return
            await asyncio.to_thread(self.desk.note_saved, f"text {self.desk.project.file_name(new.path)}", state)
        self.redirect(f"{self.session.root}text/{new.text_id}", status=HTTPStatus.SEE_OTHER)


class _AttachmentHandler(_DeskHandler):
    """A file that goes with a notice or page."""

    async def post(self, text_id: str) -> None:
        """Write it beside the article, and say how it is linked."""
        try:
            article = text_files.find_text(self.desk.project, text_id)
        except PageError:
            raise web.HTTPError(HTTPStatus.NOT_FOUND) from None
        if article.suffix != ".md":
            raise web.HTTPError(HTTPStatus.NOT_FOUND)
        async with self.session.acting:
            before = await asyncio.to_thread(self.desk.read_state)
            try:
                name = text_files.add_attachment(article, self.get_query_argument("name", ""), self.request.body)
            except FieldError as error:
                self.send_json({"refused": str(error)})
                return
            await asyncio.to_thread(self.desk.note_saved, f"attachment {name}", before)
        self.send_json({"name": name, "link": f"[{name}](<{name}>)"})


class _DownloadHandler(_DeskHandler):
    """A file that a command writes: a workbook or form, a report, an archive."""

    async def get(self, kind: str, period: str, branch: str = "") -> None:
        """Make it and send it."""
        if kind not in _DOWNLOADS:
            raise web.HTTPError(HTTPStatus.NOT_FOUND)
        compose, suffix = _DOWNLOADS[kind]
        name = "-".join(filter(None, [kind.partition("-")[0], period, branch])) + suffix
        saved_as = ""
        if kind in {"sheet", "form"}:
            state = await asyncio.to_thread(self.desk.read_state)
            saved_as = months.name_month_file(state, branch, period, suffix)
        await self.send_output_file(compose(period, branch), "output", name, saved_as)


class _RequestDownloadHandler(_DeskHandler):
    """The request for a signature that waits for its answer."""

    async def get(self, request_id: str) -> None:
        """Make it again, the same as before, and send it."""
        state = await asyncio.to_thread(self.desk.read_state)
        loaded = state.load_result.loaded
        request = reservations.find_waiting(loaded).get(request_id) if loaded else None
        if request is None:
            reason = "这份请求已经收到答复、撤回，或者草稿、名册后来改动过。请返回看现在的情况"
            self.draw(DeskPage("refused.html", "签名请求", {"reason": reason}), state, HTTPStatus.NOT_FOUND)
            return
        words, name = acts.compose_request(request)
        await self.send_output_file(words, "request", name)


class _AnswerHandler(_DeskHandler):
    """The answer to a request for a signature, as its bare bytes."""

    async def post(self) -> None:
        """Take it, and say where its outcome is."""
        if len(self.request.body) > hand_in.MAX_BYTES:
            self.send_json({"refused": f"这份文件太大，最多 {hand_in.MAX_BYTES:,} 字节"})
            return
        written = self.get_query_argument("name", "")
        name = "".join(sign for sign in written if sign.isalnum() or sign in "._-")[-80:] or "答复.zip"
        path = self.session.tray.reserve("answer.zip")
        atomic_files.write_atomically(str(path), self.request.body, durably=False)
        async with self.session.acting:
            words = ["approve", "--answer", name]
            number = await asyncio.to_thread(self.desk.run, "收下签好的答复", words, "", path)
        locked_files.delete_file(path)
        self.send_json({"done": f"done/{number}"})


def _compose_report(kind: str, file_format: str) -> Callable[[str, str], list[str]]:
    def compose(period: str, branch: str) -> list[str]:
        only = [f"--branch={branch}"] if branch else []
        return ["report", kind, period, *only, f"--format={file_format}"]

    return compose


_DOWNLOADS: Mapping[str, tuple[Callable[[str, str], list[str]], str]] = {
    "sheet": (lambda month, branch: ["sheet", month, f"--branch={branch}", "--format=xlsx"], ".xlsx"),
    "form": (lambda month, branch: ["sheet", month, f"--branch={branch}", "--format=html"], ".html"),
    "archive": (lambda period, _: ["archive", period], ".zip"),
    **{
        f"{name}-{file_format}": (_compose_report(kind, file_format), f".{file_format}")
        for name, kind in (("pack", "quarter"), ("results", "year"), ("awards", "awards"))
        for file_format in ("html", "xlsx", "pdf")
    },
}


class _DeskAssetHandler(_DeskHandler):
    """A script or style of the desk, or of the editor that it shares with the form, or the icon of every site."""

    async def get(self, name: str) -> None:
        """Send it."""
        folder = _ICONS if name.endswith(".svg") else _EDITOR if name.startswith("editor") else _ASSETS
        self.set_header("Content-Type", find_type(name))
        self.write((folder / name).read_bytes())
        if name == "desk.css":
            state = await asyncio.to_thread(self.desk.read_state)
            loaded = state.load_result.loaded
            self.write(theme_colours.format_theme_colours(loaded) if loaded else "")
        self.finish()


class _AliveHandler(_DeskHandler):
    """The sign that this desk runs."""

    def get(self) -> None:
        """Say so."""
        self.finish("ok")


class _ProgressHandler(_DeskHandler):
    """The progress of the act that is under way."""

    def get(self) -> None:
        """Send it, as the terminal would show it; empty while no command reports any."""
        self.set_header("Content-Type", "text/plain; charset=utf-8")
        self.finish(self.desk.progress)


class _CloseHandler(_DeskHandler):
    """The button that ends the desk."""

    def post(self) -> None:
        """End it, unless something was typed that isn't saved."""
        self.set_header("Content-Type", "text/plain; charset=utf-8")
        if self.session.windows.has_unsaved_input or self.session.acting.locked():
            self.set_status(HTTPStatus.CONFLICT)
            self.finish("还有没保存的内容，或者有一件事正在办，没有关闭。\n")
            return
        self.finish("工作台已经关闭，可以关掉这个窗口。要再用，请重新打开。\n")
        self.session.closing.set()


class _WindowHandler(websocket.WebSocketHandler):
    """The socket by which a window says that it is there, and whether it has unsaved input."""

    def initialize(self, session: Session) -> None:
        """Take the session."""
        self._windows = session.windows
        self._window = ""

    def check_origin(self, origin: str) -> bool:  # noqa: ARG002  the guard has compared it
        """Let it in."""
        return True

    def open(self, window: str) -> None:
        """Note the window."""
        self._window = window
        self._windows.open(window)

    def on_message(self, message: str | bytes) -> None:
        """Note whether it has unsaved input."""
        if message in {"unsaved", "saved"}:
            self._windows.report(self._window, unsaved=message == "unsaved")

    def on_close(self) -> None:
        """Note that it is gone."""
        self._windows.close(self._window)
