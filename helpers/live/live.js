// A picture, the words beside it and the line of Python below, which follow the controls above them. The other half is
// widget.py and ahead.py.
//
// The kernel sends all three for a place: one number or choice per control. While nobody moves anything it
// also sends those of places that are a key press away. When a control moves, what belongs to its new place is shown
// at once if it is here, and otherwise as soon as it arrives.

const MOST = 400; // places that are kept; the kernel counts on the newest 300
const NARROW = 500; // pixels: below this the kernel draws upright pictures, whose letters stay readable on a phone
const WIDE = 540; // and from this on the wide ones again; a scroll bar that comes or goes must not change the picture

function render({ model, el }) {
    const picture = document.createElement("div");
    const image = document.createElement("img");
    const beside = document.createElement("div");
    const words = document.createElement("div");
    const code = document.createElement("div");
    const line = lineOfPython(code);
    el.classList.add("nn-view");
    picture.className = "nn-picture";
    beside.className = "nn-beside";
    words.className = "nn-words";
    words.setAttribute("role", "status");
    picture.append(image);
    beside.append(words);
    el.append(picture, beside, code);

    const kept = new Map(); // place → {url, words, line}
    let controls = [];
    let shown = null;
    let narrow = null; // not known yet

    const here = () => JSON.stringify(controls.map(placeOf));

    // Within one edition a place always has the same picture, so the first one stays.
    function keep({ place, words, line }, bytes) {
        const key = JSON.stringify(place);
        const url = () => URL.createObjectURL(new Blob([bytes], { type: "image/jpeg" }));
        const entry = kept.get(key) ?? { url: url(), words, line };
        kept.delete(key);
        kept.set(key, entry); // as the newest
        if (kept.size > MOST) {
            const [oldest] = kept.keys();
            const old = kept.get(oldest);
            kept.delete(oldest);
            release(old);
        }
        return entry;
    }

    function release(entry) {
        if (entry && entry !== shown) URL.revokeObjectURL(entry.url);
    }

    function show(entry) {
        if (!entry || entry === shown) return;
        const before = shown;
        shown = entry;
        image.src = entry.url;
        words.innerHTML = entry.words;
        line.value = entry.line;
        if (before && ![...kept.values()].includes(before)) URL.revokeObjectURL(before.url);
    }

    function moved() {
        show(kept.get(here()));
    }

    function arrived() {
        const state = { place: model.get("place"), words: model.get("words"), line: model.get("line") };
        const entry = keep(state, model.get("value"));
        show(kept.get(here()) ?? entry); // a control may have gone on since
    }

    function noted() {
        if (model.get("note")) words.innerHTML = model.get("note");
        else if (shown) words.innerHTML = shown.words;
    }

    function forget() {
        for (const entry of kept.values()) release(entry);
        kept.clear();
    }

    function sent(content, buffers) {
        if (content.edition !== model.get("edition")) return;
        keep(content, buffers[0]);
        moved();
    }

    function clicked(event) {
        if (!model.get("clickable")) return;
        const box = image.getBoundingClientRect();
        const x = (event.clientX - box.left) / box.width;
        const y = 1 - (event.clientY - box.top) / box.height;
        model.send({ kind: "click", x, y });
    }

    function describe() {
        image.alt = model.get("alt");
        image.style.cursor = model.get("clickable") ? "pointer" : "";
    }

    function measured() {
        const width = el.clientWidth;
        if (!width) return; // hidden
        const now = narrow ? width < WIDE : width < NARROW;
        if (now === narrow) return;
        narrow = now;
        el.classList.toggle("nn-narrow", narrow);
        model.send({ kind: "width", narrow });
    }

    const names = nameSliders(el);
    const widths = new ResizeObserver(measured);
    describe();
    window.addEventListener("keydown", keepArrows, true);
    image.addEventListener("click", clicked);
    model.on("change:alt", describe);
    model.on("change:edition", forget);
    model.on("change:value change:words change:line", soon(arrived));
    model.on("change:note", noted);
    model.on("msg:custom", sent);
    if (model.get("value").byteLength) arrived();
    Promise.all(model.get("watched").map((id) => model.widget_manager.get_model(id))).then((found) => {
        controls = found;
        for (const control of controls) control.on("change:value change:index", moved);
        model.send({ kind: "ready" });
        widths.observe(el);
    });

    return () => {
        for (const control of controls) control.off("change:value change:index", moved);
        window.removeEventListener("keydown", keepArrows, true);
        names.disconnect();
        widths.disconnect();
        forget();
    };
}

// The line that brings this view back, to be read and copied.
function lineOfPython(code) {
    const label = document.createElement("label");
    const line = document.createElement("input");
    const copy = document.createElement("button");
    code.className = "nn-code";
    label.textContent = "This view as Python ";
    line.type = "text";
    line.readOnly = true;
    line.spellcheck = false;
    line.title = "Put this line into a cell to get this view again";
    line.addEventListener("focus", () => line.select());
    copy.type = "button";
    copy.textContent = "Copy";
    copy.addEventListener("click", async () => {
        line.focus();
        try {
            await navigator.clipboard.writeText(line.value);
        } catch {
            document.execCommand("copy"); // where a page may not write to the clipboard itself
        }
        copy.textContent = "Copied";
        setTimeout(() => (copy.textContent = "Copy"), 1500);
    });
    label.append(line);
    code.append(label, copy);
    return line;
}

function placeOf(control) {
    const index = control.get("index");
    if (index !== undefined) return index;
    const value = control.get("value");
    if (typeof value !== "number") return value;
    return Math.floor(((value - control.get("min")) / control.get("step")) * 1000 + 0.5);
}

// Several parts of one message change one after the other: call `what` once, when all are there.
function soon(what) {
    let waiting = false;
    return () => {
        if (waiting) return;
        waiting = true;
        queueMicrotask(() => {
            waiting = false;
            what();
        });
    };
}

// Notebook 7 goes from cell to cell with the arrow keys, even when a slider has the focus: not while they are ours.
function keepArrows(event) {
    const { target, key } = event;
    if (!(target instanceof Element) || !target.closest(".nn-explorer")) return;
    target.toggleAttribute("data-lm-suppress-shortcuts", key.startsWith("Arrow"));
}

const PLAYER = { "fa-play": "Play or pause", "fa-pause": "Play or pause", "fa-stop": "Stop", "fa-retweet": "Repeat" };

// The handles of ipywidgets' sliders have no names: give each that of its label, whenever new ones appear; and to the
// buttons of a player, which show only a sign, what they do.
function nameSliders(el) {
    const name = () => {
        const root = el.closest(".nn-explorer");
        for (const slider of root?.querySelectorAll(".widget-hslider") ?? []) {
            const text = slider.querySelector("label")?.textContent;
            const handle = slider.querySelector("[role=slider]:not([aria-label])");
            if (!text || !handle) continue;
            handle.setAttribute("aria-label", text);
            slider.setAttribute("role", "group");
            slider.setAttribute("aria-label", text);
            const number = slider.querySelector(".widget-readout");
            number?.setAttribute("role", "textbox");
            number?.setAttribute("aria-label", `${text}, as a number`);
        }
        for (const [sign, text] of Object.entries(PLAYER)) {
            root?.querySelector(`.widget-play button:has(.${sign})`)?.setAttribute("aria-label", text);
        }
    };
    const observer = new MutationObserver(name);
    const start = () => {
        const root = el.closest(".nn-explorer");
        if (!root) return void setTimeout(start, 50);
        name();
        observer.observe(root, { childList: true, subtree: true });
    };
    start();
    return observer;
}

export default { render };
