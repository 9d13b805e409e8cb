"""How fast do explorers follow a slider in JupyterLab? Run by `make bench-explorers`.

For each explorer and its ordinary slider, and for `interact` with inline matplotlib drawing the same kind of picture:
milliseconds from a key press to changed pixels (median and 95th percentile), the same with drawing ahead switched off
(so every picture is drawn after the key press), new pictures shown during a drag of two seconds, and milliseconds from
the end of the drag until the last picture stands. All in one run of one browser, so that ratios hold on a busy machine too. A change of pixels is a change of the <img>'s `src`, decoded, and painted in
the animation frame after that.

Prints a table, and writes build/bench_explorers.json.
"""

import argparse
import json
import os
import statistics
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from playwright.sync_api import sync_playwright  # noqa: E402

from helpers.explorers import EXPLORERS  # noqa: E402
from tests.support.chromium_here import ARGUMENTS, CHROMIUM  # noqa: E402
from tests.support.opening import open_and_run, write_notebook  # noqa: E402
from tests.support.servers import Lab  # noqa: E402

INTERACT = """
import numpy as np, matplotlib.pyplot as plt
from ipywidgets import interact, FloatSlider
from helpers.descent import gradient_descent
def show(rate):
    fig, (left, right) = plt.subplots(1, 2, figsize=(9, 3.6), dpi=100)
    side = np.linspace(-3, 3, 121)
    a, b = np.meshgrid(side, side)
    left.contourf(a, b, np.sqrt(a**2 + 10 * b**2), levels=14, cmap="Blues", alpha=0.5)
    path = gradient_descent(lambda w: w * [1, 10], [-2.5, 1.0], rate, 30)
    left.plot(*path.T, "o-")
    right.semilogy((path**2 * [1, 10]).sum(axis=1) / 2, "o-")
    right.set(xlabel="step", ylabel="loss")
    plt.show()
interact(show, rate=FloatSlider(min=0.01, max=0.18, step=0.005, value=0.05, description="rate"));
"""
CELLS = {"interact": (INTERACT, "rate")}  # name -> (cell, slider)
CELLS |= {explorer.name: (explorer.call(explorer.timed[0]), explorer.timed[1]) for explorer in EXPLORERS}
NOTHING_AHEAD = """
import helpers.live.ahead
helpers.live.ahead.AHEAD = 0
redraw = helpers.live.Live.redraw
def forgetful(self):  # nor is what was shown before kept
    self.forget()
    redraw(self)
helpers.live.Live.redraw = forgetful
"""
WATCH = """
(root) => {  // notes the time at which each new picture has been decoded and painted
    window.painted = [];
    let last = null;
    const look = async () => {
        const image = root.querySelector('.nn-picture img, .jp-OutputArea-output img, .jupyter-widgets-output-area img');
        if (!image || image.src === last) return;
        last = image.src;
        try { await image.decode(); } catch { return; }  // already replaced by the next
        requestAnimationFrame(() => setTimeout(() => window.painted.push(performance.now())));
    };
    look();
    new MutationObserver(look).observe(root, {subtree: true, childList: true, attributes: true, attributeFilter: ['src']});
    document.addEventListener('keydown', () => { window.pressed = performance.now(); }, true);
}
"""


def key_presses(page, handle, presses):
    """Milliseconds from key press to painted picture, one per press; the slider walks to and fro."""
    times = []
    for i in range(presses):
        before = page.evaluate("window.painted.length")
        key = "ArrowRight" if (i // 8) % 2 == 0 else "ArrowLeft"
        handle.focus()
        page.keyboard.press(key)
        try:
            page.wait_for_function("n => window.painted.length > n", arg=before, timeout=10_000, polling=5)
        except Exception:  # a picture that is the same (the slider was at its end) shows no change
            continue
        times.append(page.evaluate("n => window.painted[n] - window.pressed", before))
        page.wait_for_timeout(120)
    return times


def drag(page, handle, track):
    """(pictures painted in a drag of two seconds, milliseconds from its end to the last picture)."""
    start, rail = handle.bounding_box(), track.bounding_box()
    y = start["y"] + start["height"] / 2
    page.mouse.move(start["x"] + start["width"] / 2, y)
    page.mouse.down()
    before = page.evaluate("window.painted.length")
    begin = page.evaluate("performance.now()")
    while (now := page.evaluate("performance.now()") - begin) <= 2000:
        there = abs((now / 500) % 2 - 1)  # to and fro, twice
        page.mouse.move(rail["x"] + there * rail["width"], y)
        page.wait_for_timeout(12)
    page.mouse.move(rail["x"] + 0.5 * rail["width"], y)
    end = page.evaluate("performance.now()")
    frames = page.evaluate("n => window.painted.length - n", before)
    page.mouse.up()
    page.wait_for_timeout(2500)
    last = page.evaluate("window.painted.at(-1)")
    return frames, max(0.0, last - end)


def show(page, lab, name, ahead=True):
    """Open the explorer in a notebook. Returns the slider's handle and track."""
    cell, label = CELLS[name]
    path = lab.notebooks / f"{name}.ipynb"
    cells = [cell if name == "interact" else f"from helpers.explorers import *\n{cell}"]
    if not ahead:
        cells.insert(0, NOTHING_AHEAD)
    write_notebook(path, cells)
    open_and_run(page, lab, path)
    slider = page.locator(f".widget-hslider:has(label:text-is('{label}'))")
    slider.wait_for(timeout=120_000)
    root = page.locator(".nn-explorer, .widget-interact").first
    root.locator("img").first.wait_for(timeout=120_000)
    page.wait_for_timeout(2000)
    handle, track = slider.locator("[role=slider]"), slider.locator(".noUi-base")
    handle.scroll_into_view_if_needed()
    root.evaluate(WATCH)
    page.wait_for_timeout(300)
    key_presses(page, handle, 4)  # warm
    page.wait_for_timeout(1000)
    return handle, track


def measure(browser, lab, name, presses):
    """The figures of one explorer."""
    times = {}
    for ahead in (True, False) if name != "interact" else (True,):
        context = browser.new_context(viewport={"width": 1400, "height": 1000})
        page = context.new_page()
        handle, track = show(page, lab, name, ahead)
        times[ahead] = sorted(key_presses(page, handle, presses))
        if ahead:
            drags = [drag(page, handle, track) for _ in range(3)]
        context.close()
        lab.shut_kernels_down()
    return {
        "median_ms": round(statistics.median(times[True]), 1),
        "p95_ms": round(_p95(times[True]), 1),
        "presses": len(times[True]),
        "not_ahead_median_ms": round(statistics.median(times.get(False, times[True])), 1),
        "not_ahead_p95_ms": round(_p95(times.get(False, times[True])), 1),
        "frames_in_2_s": statistics.median(frames for frames, _ in drags),
        "settles_ms": round(statistics.median(settled for _, settled in drags), 1),
    }


def _p95(times):
    return times[min(len(times) - 1, round(0.95 * (len(times) - 1)))]


def table(results):
    """The results as Markdown."""
    slow = results.get("interact", {}).get("median_ms")
    lines = [
        "| explorer | key → pixels, median / p95 ms | × quicker than interact | without drawing ahead, ms "
        "| frames in a 2 s drag | settles, ms |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for name, r in results.items():
        ratio = f"{slow / r['median_ms']:.1f}" if slow else "–"
        timing = f"{r['median_ms']:.0f} / {r['p95_ms']:.0f}"
        drawn = f"{r['not_ahead_median_ms']:.0f} / {r['not_ahead_p95_ms']:.0f}"
        lines.append(f"| {name} | {timing} | {ratio} | {drawn} | {r['frames_in_2_s']:.0f} | {r['settles_ms']:.0f} |")
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--presses", type=int, default=40, help="key presses per explorer")
    parser.add_argument("names", nargs="*", default=list(CELLS), help="explorers to measure, and interact")
    options = parser.parse_args()
    if not CHROMIUM.exists():
        sys.exit(f"no Chromium at {CHROMIUM}: apt-get install chromium")

    results = {}
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        lab = Lab(Path(folder) / "lab")
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=ARGUMENTS)
        try:
            for name in options.names:
                results[name] = measure(browser, lab, name, options.presses)
                print(name, results[name], flush=True)
        finally:
            browser.close()
            lab.stop()
    load = os.getloadavg()[0]
    build = ROOT / "build"
    build.mkdir(exist_ok=True)
    report = {"load": load, "cpus": os.cpu_count(), "results": results}
    (build / "bench_explorers.json").write_text(json.dumps(report, indent=2) + "\n")
    print(f"\n{table(results)}\n\n{os.cpu_count()} CPUs, load {load:.1f}; build/bench_explorers.json")


if __name__ == "__main__":
    main()
