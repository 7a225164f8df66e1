"""Contents that are saved: a month, a text, a ballot, and files that go with a text."""

import asyncio
from collections.abc import Mapping
from http import HTTPStatus
from pathlib import Path
from typing import Any

from tornado import web

from generator.core.basics.periods import Period, parse_period
from generator.desk import hand_in, new_texts, text_files
from generator.desk.desk import State
from generator.desk.fields import FieldError, Fields
from generator.desk.handlers.base import DeskHandler
from generator.desk.page import DeskPage, PageError
from generator.desk.pages import months
from generator.disk import atomic_files, locked_files
from generator.intake.imports import month_form
from generator.workflow import ballot_forms, import_workbooks
from generator.workflow.import_tables import TableOptions


class SaveHandler(DeskHandler):
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


class SaveTextHandler(DeskHandler):
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


class SaveBallotHandler(DeskHandler):
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


class NewTextHandler(DeskHandler):
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


class AttachmentHandler(DeskHandler):
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
