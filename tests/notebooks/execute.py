"""Run the notebooks and save them with their outputs: ``python tests/notebooks/execute.py [FILE ...]``.

What changes from run to run without meaning anything (times, addresses, names of table cells) is taken out, so that a
notebook changes in git only where its text, code or results do. A cell with the tag ``varies`` has draws in it that are
others on another machine: the tests let its numbers be any.
"""

from __future__ import annotations

import base64
import io
import os
import re
import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbformat import NotebookNode

FOLDER = Path(__file__).resolve().parents[2] / "notebooks"
_METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
_INLINE = "module://matplotlib_inline.backend_inline"  # whatever this process draws with
_COLORS = 128  # of a figure: as many as the eye tells apart in it, at a third of the size


def notebooks() -> list[Path]:
    """The notebooks, in their order."""
    return sorted(FOLDER.glob("*.ipynb"))


def executed(path: Path) -> NotebookNode:
    """The notebook after a run in a fresh kernel, in its own folder, with clean outputs."""
    notebook = nbformat.read(path, as_version=4)
    client = NotebookClient(
        notebook, timeout=300, kernel_name="python3", record_timing=False, resources={"metadata": {"path": str(FOLDER)}}
    )
    client.execute(env={**os.environ, "MPLBACKEND": _INLINE})
    return clean(notebook)


def clean(notebook: NotebookNode) -> NotebookNode:
    """Without what is of one run or of one machine only."""
    notebook.metadata = nbformat.from_dict(_METADATA)
    for number, cell in enumerate(notebook.cells, 1):
        tags = cell.metadata.get("tags")
        cell.id, cell.metadata = f"cell-{number}", nbformat.from_dict({"tags": tags} if tags else {})
        for output in cell.get("outputs", []):
            _clean(output.get("data", {}))
    return notebook


def _clean(data: dict[str, str]) -> None:
    """One output: no addresses, small figures, and tables whose cells have no random names."""
    if "image/png" in data:
        data["image/png"] = _small(data["image/png"])
    if "text/plain" in data:
        data["text/plain"] = re.sub(r" at 0x[0-9a-f]+", "", data["text/plain"])
    if "text/html" in data:
        plain = re.sub(r' (id|class)="[^"]*"', "", data["text/html"])
        data["text/html"] = re.sub(r"<style[^>]*>.*?</style>\s*", "", plain, flags=re.DOTALL)


def _small(picture: str) -> str:
    from PIL import Image

    out = io.BytesIO()
    with Image.open(io.BytesIO(base64.b64decode(picture))) as image:
        image.convert("RGB").quantize(_COLORS, dither=Image.Dither.NONE).save(out, "PNG", optimize=True)
    return base64.b64encode(out.getvalue()).decode()


def main() -> None:
    """Run those named, else all."""
    for path in [Path(name) for name in sys.argv[1:]] or notebooks():
        nbformat.write(executed(path), path)
        print(f"{path.name}: {path.stat().st_size / 1024:.0f} KB")


if __name__ == "__main__":
    main()
