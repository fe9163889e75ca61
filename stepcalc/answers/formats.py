"""The files that answers come in, by their endings."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from stepcalc.answers.base import Batch, Submission, name_of
from stepcalc.answers.columns import STUDENT, VARIANT, Columns, read_columns
from stepcalc.answers.csv_file import read_csv
from stepcalc.answers.exports import export_batch, is_question
from stepcalc.answers.files import refuse
from stepcalc.answers.json_file import read_json_answers
from stepcalc.answers.names import ItemNames
from stepcalc.answers.notebook import read_notebook
from stepcalc.answers.safe import restored
from stepcalc.answers.table import Table, fitting_rows
from stepcalc.answers.xlsx_read import read_xlsx
from stepcalc.errors import did_you_mean
from stepcalc.problem.faults import listed, quoted


def read_file(file: Path, names: ItemNames) -> Batch:
    """What a file of answers holds. Raises :class:`InputError` where it cannot be used."""
    suffix = file.suffix.lower()
    if suffix not in READERS:
        near = did_you_mean(suffix, READERS) or f", expected one of {listed(READERS)}"
        refuse(f"{quoted(suffix) if suffix else 'no ending'}{near}")
    return READERS[suffix](file, names)


def _csv_answers(file: Path, names: ItemNames) -> Batch:
    return table_batch(read_csv(file, lambda heading: _is_known(heading.strip(), names)), names, file.stem)


def _is_known(heading: str, names: ItemNames) -> bool:
    return heading.lower() in (STUDENT, VARIANT) or is_question(heading) or names.scalar(heading) is not None


def _xlsx_answers(file: Path, names: ItemNames) -> Batch:
    return table_batch(read_xlsx(file), names, file.stem)


READERS: Mapping[str, Callable[[Path, ItemNames], Batch]] = {
    ".csv": _csv_answers,
    ".json": read_json_answers,
    ".xlsx": _xlsx_answers,
    ".ipynb": read_notebook,
}


def table_batch(table: Table, names: ItemNames, only: str) -> Batch:
    """The answers in a table; ``only`` is whose they are where there is one row that does not say so."""
    if any(map(is_question, table.header)):
        return export_batch(table, names)
    columns = read_columns(table.header, names)
    batch = Batch(spelled=columns.spelled)
    batch.notices.tell(*table.notices)
    rows = list(fitting_rows(table, columns.student, batch.notices))
    if columns.student is None and len(rows) > 1:
        refuse(f'no column "{STUDENT}", which says whose answers a row holds')
    for number, cells in rows:
        student = "" if columns.student is None else restored(name_of(cells[columns.student]))
        if not student and len(rows) > 1:
            student = f"row {number}"
            batch.notices.tell(f'{student} names no student; its answers are marked as those of "{student}"')
        if "\n" in "".join(cells).strip():
            _tell_lines(columns, cells, f"row {number} ({student})", batch)
        batch.submissions.append(_submission(columns, cells, f"row {number}", student or name_of(only)))
    return batch


def _tell_lines(columns: Columns, cells: Sequence[str], place: str, batch: Batch) -> None:
    """An answer that goes over several lines may have swallowed other rows, if a quote was opened by mistake."""
    for item, at in columns.items.items():
        if lines := cells[at].strip().count("\n"):
            batch.notices.tell(f"{place}, {columns.spelled[item]}: an answer of {lines + 1} lines")


def _submission(columns: Columns, cells: Sequence[str], place: str, student: str) -> Submission:
    return Submission(
        student,
        place,
        {item: cells[at] for item, at in columns.items.items()},
        "" if columns.variant is None else name_of(cells[columns.variant]),
        {name: restored(cells[at]) for name, at in columns.others.items()},
    )
