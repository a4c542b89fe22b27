"""The report in a real browser: browser_test.py HIKAKU RESULTS, the folder of recorded results.

Both languages, on a desktop, a phone and paper, light and dark: nothing sticks out, nothing is asked of
the network, nothing is said on the console, and what page_checks.js asks for holds. Status 77 where
there is no Chromium."""

import itertools
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

import browser

PROGRAM, RESULTS = map(os.path.abspath, (sys.argv.pop(1), sys.argv.pop(1)))
CHECKS = (pathlib.Path(__file__).parent / "page_checks.js").read_text()
DESKTOP, PHONE = (1280, 900), (390, 844)
A4_BETWEEN_MARGINS = (688, 1016)  # pixels of 1/96 inch
PIXEL = ("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==")


def hostile(result):
    """Names that mean harm, or have no place to be broken at, and pictures."""
    script = "\"'><script>document.title='harm'</script><img src=x onerror=\"document.title='harm'\">"
    long_name = "W" * 200
    result["machine"]["cpu"]["model"] = script
    result["machine"]["gpus"][0]["name"] = long_name
    result["command"] = ["hikaku", script, long_name]
    result["caveats"] = [{"id": script, "subject": long_name, "text": script, "remedy": long_name}]
    result["matmul"][0]["implementation"] = long_name
    result["classes"] = [{"name": script, "colour": "#808080"}, {"name": long_name, "colour": "#101010"}]
    image = {key: PIXEL for key in ("picture_jpeg", "truth_png", "prediction_png", "overlay_jpeg")}
    result["pictures"] = [{"device": "cpu", "precision": "f32", "name": name, **image,
                           "truth_classes": [0, 1], "prediction_classes": [0]} for name in (script, long_name)]
    return result


def results():
    """Files of results by the name of their case."""
    gpu, folder = os.path.join(RESULTS, "gpu"), tempfile.mkdtemp()
    bad = os.path.join(folder, "hostile.json")
    with open(os.path.join(gpu, "h100-compare.json"), encoding="utf-8") as good:
        pathlib.Path(bad).write_text(json.dumps(hostile(json.load(good))), encoding="utf-8")
    return {"two devices": [os.path.join(gpu, "h100-compare.json")],
            "no GPU, a record beside": [os.path.join(RESULTS, "scenes-128-8-epochs.json")],
            "several machines": [os.path.join(gpu, "h100-compare.json"),
                                 os.path.join(gpu, "h100-step-tf32.json"),
                                 os.path.join(RESULTS, "scenes-128-8-epochs.json")],
            "hostile names": [bad]}


class Report(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.pages = {}
        for i, (case, files) in enumerate(results().items()):
            cls.pages[case] = os.path.join(cls.folder.name, f"{i}.html")
            subprocess.run([PROGRAM, "report", *files, "-o", cls.pages[case], "--quiet"], check=True, timeout=60)
        cls.browser = browser.Browser()

    @classmethod
    def tearDownClass(cls):
        cls.browser.close()
        cls.folder.cleanup()

    def views(self):
        """Each page in each language on each ground, opened, with all that is folded unfolded."""
        grounds = [(size, dark, False) for size in (DESKTOP, PHONE) for dark in (False, True)]
        grounds.append((A4_BETWEEN_MARGINS, True, True))
        for case, language, (size, dark, paper) in itertools.product(self.pages, ("en", "ja"), grounds):
            self.browser.show(*size, dark=dark, paper=paper)
            self.browser.open(self.pages[case])
            self.browser.ask(f"document.getElementById('lang-{language}').click()")
            self.browser.ask("for (const folded of document.querySelectorAll('details')) folded.open = true")
            yield {"case": case, "language": language, "width": size[0], "dark": dark, "paper": paper}

    def test_holds_in_every_view(self):
        for view in self.views():
            with self.subTest(**view):
                self.assertEqual(self.browser.ask(f"({CHECKS})('{view['language']}')"), [])
                self.assertTrue(self.browser.ask("document.title").startswith("hikaku"))
                self.expect_silence(f"file://{self.pages[view['case']]}")
                if view["paper"]:
                    self.expect_paper()

    def expect_silence(self, address):
        """Nothing on the console, nothing asked of the network but the page itself."""
        noises = ("Runtime.consoleAPICalled", "Runtime.exceptionThrown", "Log.entryAdded")
        said = [event["params"] for event in self.browser.events if event["method"] in noises]
        self.assertEqual(said, [])
        asked = [event["params"]["request"]["url"] for event in self.browser.events
                 if event["method"] == "Network.requestWillBeSent"]
        self.assertEqual([url for url in asked if not url.startswith("data:")], [address])

    def expect_paper(self):
        """White; no chart is longer than a page, and no table wider: they would be cut."""
        self.assertEqual(self.browser.ask("getComputedStyle(document.body).backgroundColor"), "rgb(255, 255, 255)")
        heights = self.browser.ask("[...document.querySelectorAll('figure')].map(f => f.offsetHeight)")
        self.assertLess(max(heights), A4_BETWEEN_MARGINS[1])
        self.assertEqual(self.browser.ask("[...document.querySelectorAll('.scroll')].filter(box => "
                                          "box.scrollWidth > box.clientWidth).map(box => box.innerText)"), [])

    def test_prints(self):
        self.browser.show(*DESKTOP)
        self.browser.open(self.pages["two devices"])
        self.assertTrue(self.browser.pdf().startswith(b"%PDF"))


if __name__ == "__main__":
    if browser.CHROMIUM is None:
        print("skipped: Chromium was not found")
        sys.exit(77)
    unittest.main()
