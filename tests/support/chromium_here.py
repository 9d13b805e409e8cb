"""The browser of the tests, of the benchmarks and of the documentation's pictures: where it is, how it is started."""

from pathlib import Path

from tests.support.courses import ROOT

CHROMIUM = Path("/usr/bin/chromium")
INSTALL = "sudo apt-get install chromium"
SCREENSHOTS = ROOT / "build" / "screenshots"
ARGUMENTS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
).split()
