"""The picture of docs/performance.md: how the time of each call grows with the records."""

from __future__ import annotations

import io
from typing import Any, Final

import matplotlib as mpl
from matplotlib.figure import Figure

from tests.benchmarks.calls import CALLS, LIST
from tests.benchmarks.contenders import CONTENDERS, FLOORS
from tests.benchmarks.figures import Figures

_DRAWN: Final = [call for call in CALLS if call != LIST]
_COLOURS: Final = ("C0", "C1", "C2", "C3", "C4", "C5", "C6", "C8")  # C7 is the grey of the floors
_SETTINGS: Final[dict[str, Any]] = {
    "svg.hashsalt": "tokenstore-conformance",
    "svg.fonttype": "none",
    "font.family": "sans-serif",
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
}


def as_svg(figures: Figures) -> str:
    """Return the picture. It is the same for the same figures and version of matplotlib."""
    with mpl.rc_context({**mpl.rcParamsDefault, **_SETTINGS}):
        picture = Figure(figsize=(10, 7), layout="constrained")
        panels = picture.subplots(2, 3, sharex=True, sharey=True)
        for axes, call in zip(panels.flat, _DRAWN, strict=True):
            _draw(axes, figures, call)
        for axes in panels[:, 0]:
            axes.set_ylabel("seconds")
        for axes in panels[-1]:
            axes.set_xlabel("records")
        handles, labels = panels[0, 0].get_legend_handles_labels()
        picture.legend(handles, labels, loc="outside lower center", ncols=4, frameon=False)
        file = io.StringIO()
        picture.savefig(file, format="svg", metadata={"Date": None, "Creator": None})
    return "".join(f"{line.rstrip()}\n" for line in file.getvalue().splitlines())


def _draw(axes: Any, figures: Figures, call: str) -> None:
    axes.set_title(call)
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.minorticks_off()
    axes.grid(alpha=0.3)
    for place, (name, contender) in enumerate(CONTENDERS.items()):
        points = [(size, figures.seconds(name, call, size)) for size in figures.sizes]
        shown = [(size, seconds) for size, seconds in points if seconds is not None]
        if shown:
            is_floor = contender in FLOORS
            axes.plot(
                *zip(*shown, strict=True),
                label=name,
                color="0.5" if is_floor else _COLOURS[place - len(FLOORS)],
                linestyle=("-", "--", "-.", ":")[place] if is_floor else "-",
                marker=None if is_floor else "os^vDPX*"[place - len(FLOORS)],
                markersize=4,
                linewidth=1.2,
            )
