"""Run notebooks in place, storing only what is the same on every machine and every run.

A stored notebook is read without a kernel (on the web, by a screen reader) and compared cell by cell by
nbval, so left out are: times, the Python version, live widget views (dead without their kernel; their text
view stays), and tracebacks (full of paths). Whoever runs it may be a learner too: his progress stays out.

usage: python -m mailkit.course.execute NOTEBOOK...
"""

import argparse
import os
import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellControlSignal, CellExecutionError, CellTimeoutError, DeadKernelError
from nbformat import NotebookNode

WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
SECONDS_PER_CELL = 60
NOBODYS_PROGRESS = {"MAILKIT_PROGRESS": "off"}
USAGE = "Run notebooks in place and store their outputs."


class ExecutionError(Exception):
    """A notebook did not run to its end; the message names the cell and its error."""


def execute(path: Path) -> None:
    """Run the notebook from the top in a fresh kernel, in its own folder, and store it clean.

    Raises ExecutionError, leaving the file as it was, when a cell not tagged `raises-exception` fails.
    """
    notebook = nbformat.read(path, as_version=4)
    clear(notebook)
    # The cell's own count will not do: a kernel that ends at once never sends it.
    started = [0]
    client = NotebookClient(
        notebook,
        timeout=SECONDS_PER_CELL,
        kernel_name="python3",
        record_timing=False,
        store_widget_state=False,
        # How often a kernel flushes is chance; one block per stream is not.
        coalesce_streams=True,
        resources={"metadata": {"path": str(path.parent)}},
        on_cell_execute=lambda cell, cell_index: started.append(cell_index),
    )
    try:
        client.execute(env=os.environ | NOBODYS_PROGRESS)
    except (CellControlSignal, DeadKernelError) as error:
        raise ExecutionError(_failure(path, notebook, started[-1], error)) from error
    clean(notebook)
    path.write_text(nbformat.writes(notebook).rstrip("\n") + "\n", encoding="utf-8", newline="\n")


def clear(notebook: NotebookNode) -> None:
    """Take out what an earlier run stored, in cells without code as well, which no run touches."""
    for cell in _code_cells(notebook):
        cell.outputs = []
        cell.execution_count = None


def clean(notebook: NotebookNode) -> None:
    """Take out of an executed notebook what differs from run to run or machine to machine."""
    notebook.metadata.kernelspec = {"display_name": "Python 3", "language": "python", "name": "python3"}
    notebook.metadata.language_info = {"name": "python"}
    notebook.metadata.pop("widgets", None)
    for cell in _code_cells(notebook):
        cell.metadata.pop("execution", None)
        cell.outputs = [output for output in cell.outputs if _is_kept(output)]


def _code_cells(notebook: NotebookNode) -> list[NotebookNode]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def _is_kept(output: NotebookNode) -> bool:
    """Clean one output; false when nothing of it is left to store."""
    if output.output_type == "error":
        output.traceback = [f"{output.ename}: {output.evalue}"]
    if output.output_type in ("display_data", "execute_result"):
        output.data.pop(WIDGET_VIEW, None)
        return bool(output.data)
    return True


def _failure(path: Path, notebook: NotebookNode, started: int, error: Exception) -> str:
    """The sentence about the cell that was running; `started` is its place, text cells counted."""
    match error:
        case CellExecutionError():
            reason = f"raised {error.ename}: {error.evalue}"
        case CellTimeoutError():
            reason = f"ran longer than {SECONDS_PER_CELL} s"
        case _:
            reason = "ended its kernel"
    source = notebook.cells[started].source
    return (
        f"{path}: cell {started + 1} ({source.strip().splitlines()[0]!r}) {reason}; the file is left as it was. "
        "Mend the cell, or tag it 'raises-exception' if the error is the lesson."
    )


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m mailkit.course.execute", description="Run notebooks in place.")
    parser.add_argument("notebooks", nargs="+", type=Path, metavar="NOTEBOOK")
    failed = False
    for path in parser.parse_args(arguments).notebooks:
        try:
            execute(path)
        except ExecutionError as error:
            print(error, file=sys.stderr)
            failed = True
        else:
            print(f"{path}: ran from top to bottom and is stored.")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
