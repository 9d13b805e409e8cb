// The playground's tabs, and a word when its Python process is gone.
//
// Each panel holds a button that makes its explorer (helpers/playground). It is pressed here when its tab is first
// shown, or as soon as it is there and alive. The address names the tab, so that a tab can be linked to.

const CHECK = 20000; // milliseconds between two looks whether the Python process is still there
const SLOW = 90000; // milliseconds after which something must be wrong

const tabs = () => [...document.querySelectorAll("[role=tab]")];
const panelOf = (tab) => document.getElementById(tab.getAttribute("aria-controls"));

function chosen() {
    return tabs().find((tab) => `#${tab.getAttribute("aria-controls")}` === location.hash) ?? tabs()[0];
}

function show(tab) {
    for (const other of tabs()) {
        other.setAttribute("aria-selected", String(other === tab));
        other.tabIndex = other === tab ? 0 : -1;
        const panel = panelOf(other);
        if (panel) panel.hidden = other !== tab;
    }
    make();
}

// Make the explorer of the panel that is shown, if its button is there by now.
function make() {
    const panel = panelOf(chosen());
    if (!panel) return;
    const button = panel.querySelector(".nn-show:not([disabled])");
    if (button && !button.dataset.pressed) {
        button.dataset.pressed = "yes";
        button.click();
    }
    const waiting = panel.querySelector(".waiting");
    if (waiting && panel.querySelector(".nn-explorer, [role=alert]")) waiting.remove();
}

function choose(tab) {
    history.replaceState(null, "", `#${tab.getAttribute("aria-controls")}`);
    show(tab);
    tab.focus();
}

function keyed(event) {
    if (event.target.getAttribute("role") !== "tab" || event.ctrlKey || event.altKey || event.metaKey) return;
    const all = tabs();
    const at = all.indexOf(event.target);
    const to = { ArrowRight: at + 1, ArrowDown: at + 1, ArrowLeft: at - 1, ArrowUp: at - 1, Home: 0, End: all.length - 1 };
    if (!(event.key in to)) return;
    event.preventDefault();
    choose(all[(to[event.key] + all.length) % all.length]);
}

function notice(text) {
    const place = document.querySelector(".notice[role=alert]");
    place.textContent = text;
    place.hidden = !text;
}

function settings() {
    return JSON.parse(document.getElementById("jupyter-config-data").textContent);
}

// End the Python process of this visit. The server wants to see a cookie repeated in the request, which only a page
// of its own can do.
function leave(event) {
    if (event.persisted) return; // the browser keeps the page, for when the visitor comes back
    const { baseUrl, kernelId } = settings();
    const known = document.cookie.match(/(?:^|; )_xsrf=([^;]+)/)?.[1];
    const random = Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0"));
    const token = known ?? random.join("");
    if (!known) document.cookie = `_xsrf=${token}; path=${baseUrl}; samesite=strict`;
    const form = new FormData();
    form.append("_xsrf", token);
    navigator.sendBeacon(`${baseUrl}voila/api/shutdown/${kernelId}`, form);
}

async function check() {
    const config = settings();
    try {
        const answer = await fetch(`${config.baseUrl}api/kernels/${config.kernelId}`);
        notice(answer.ok ? "" : "The playground fell asleep, because nobody was here. Reload the page to wake it.");
    } catch {
        notice("The playground has been stopped. Start it again (make play), then reload this page.");
    }
}

document.addEventListener("DOMContentLoaded", () => {
    const list = document.querySelector("[role=tablist]");
    list.addEventListener("click", (event) => event.target.closest("[role=tab]") && choose(event.target));
    list.addEventListener("keydown", keyed);
    window.addEventListener("hashchange", () => show(chosen()));
    window.addEventListener("pagehide", leave);
    new MutationObserver(make).observe(document.querySelector("main"), {
        childList: true,
        subtree: true,
        attributeFilter: ["class"], // a widget gets its class after it has been put in its place
    });
    show(chosen());
    setInterval(check, CHECK);
    setTimeout(() => {
        if (!document.querySelector(".nn-explorer")) notice("The playground did not start. Reload the page to try again.");
    }, SLOW);
});
