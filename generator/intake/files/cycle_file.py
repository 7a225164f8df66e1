"""Cycle files, which name the rulebook of a year."""

from msgspec import Struct

from generator.core.model.ledger import WrittenName
from generator.intake.text import yaml_nodes
from generator.intake.text.fields import Field, FileReport, read_name, record_of
from generator.problems import Problem


class Cycle(Struct, frozen=True):
    """A year and the id of its rulebook, as written."""

    year: WrittenName
    rulebook: WrittenName


CYCLE = record_of(Cycle, Field("year", read_name, required=True), Field("rulebook", read_name, required=True))


def read_cycle(raw: bytes, file: str) -> tuple[Cycle | None, list[Problem]]:
    """Read ``ledgers/YEAR/cycle.yaml``, whose folder names the year."""
    node, problems = yaml_nodes.read_yaml(raw, file)
    if node is None:
        return None, problems
    report = FileReport(file)
    cycle = CYCLE(node, report)
    if cycle is not None and cycle.year.text != file.split("/")[-2]:
        message = f"文件夹是 {file.split('/')[-2]} 年的，里面写的却是 {cycle.year.text}"
        report.problems.append(Problem(cycle.year.where, "cycle.year", message, "请改正 year，或移到正确的文件夹"))
    return (None if report.has_errors else cycle), report.problems
