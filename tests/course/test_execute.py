"""The command that runs notebooks and stores them clean."""

from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from mailkit.course.execute import ExecutionError, execute, main

WIDGET_CELL = """\
class Counter:
    def _repr_mimebundle_(self, **_):
        view = {"model_id": "0123", "version_major": 2, "version_minor": 0}
        return {"application/vnd.jupyter.widget-view+json": view, "text/plain": "Counter: 3"}

Counter()"""


def notebook_file(folder: Path, *cells: nbformat.NotebookNode) -> Path:
    path = folder / "lesson.ipynb"
    nbformat.write(new_notebook(cells=list(cells)), path)
    return path


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("lesson")
    error = new_code_cell("1 / 0", metadata={"tags": ["raises-exception"]})
    stale = new_code_cell("", execution_count=9, metadata={"execution": {"iopub.execute_input": "then"}})
    path = notebook_file(
        folder,
        new_markdown_cell("# Lesson"),
        new_code_cell("print('a', flush=True)\nprint('b')\nopen('here', 'w').close()"),
        stale,
        error,
        new_code_cell(WIDGET_CELL),
    )
    execute(path)
    return path


def code_cells(path: Path) -> list[nbformat.NotebookNode]:
    notebook = nbformat.read(path, as_version=4)
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def test_cells_count_from_one_and_an_empty_cell_is_not_counted(stored: Path) -> None:
    assert [cell.execution_count for cell in code_cells(stored)] == [1, None, 2, 3]


def test_a_notebook_runs_in_its_own_folder(stored: Path) -> None:
    assert (stored.parent / "here").exists()


def test_a_stored_run_is_nobodys_progress(tmp_path: Path) -> None:
    path = notebook_file(tmp_path, new_code_cell("import os; os.environ['MAILKIT_PROGRESS']"))
    execute(path)
    assert code_cells(path)[0].outputs[0].data["text/plain"] == "'off'"


def test_what_one_stream_says_is_one_output(stored: Path) -> None:
    assert [output.text for output in code_cells(stored)[0].outputs] == ["a\nb\n"]


def test_an_expected_error_is_stored_without_the_paths_of_its_traceback(stored: Path) -> None:
    (error,) = code_cells(stored)[2].outputs
    assert error.traceback == ["ZeroDivisionError: division by zero"]


def test_a_widget_is_stored_as_its_text_view(stored: Path) -> None:
    (output,) = code_cells(stored)[3].outputs
    assert output.data == {"text/plain": "Counter: 3"}


def test_no_time_and_no_python_version_is_stored(stored: Path) -> None:
    notebook = nbformat.read(stored, as_version=4)
    assert notebook.metadata.language_info == {"name": "python"}
    assert all("execution" not in cell.metadata for cell in notebook.cells)


def test_a_second_run_gives_the_same_bytes_and_ends_with_one_newline(stored: Path) -> None:
    first = stored.read_bytes()
    execute(stored)
    assert stored.read_bytes() == first
    assert first.endswith(b"}\n")


def test_a_cell_that_fails_is_named_and_the_file_is_left_as_it_was(tmp_path: Path) -> None:
    path = notebook_file(tmp_path, new_code_cell("x = 1"), new_code_cell("undefined_name"))
    before = path.read_bytes()
    with pytest.raises(ExecutionError, match=r"cell 2 \('undefined_name'\) raised NameError"):
        execute(path)
    assert path.read_bytes() == before


def test_the_command_fails_with_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = notebook_file(tmp_path, new_code_cell("import os; os._exit(3)"))
    assert main([str(path)]) == 1
    assert "cell 1 ('import os; os._exit(3)') ended its kernel; the file is left" in capsys.readouterr().err
