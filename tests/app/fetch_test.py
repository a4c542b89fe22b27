"""`hikaku data fetch` against a server of its own: fetch_test.py HIKAKU

The archive is small: the experiment's 400 ids and a few more, all with one generated scene."""

import hashlib
import http.server
import io
import os
import pathlib
import re
import resource
import shutil
import signal
import subprocess
import sys
import tarfile
import tempfile
import threading
import time
import unittest

PROGRAM = os.path.abspath(sys.argv.pop(1))
ROOT = "VOCdevkit/VOC2012/"
# Of the experiment's own lists, as they were published.
TRAIN_SUM = "02c80767f7e94ad87e34ff605e594b90292bb7be9af761b41556341c11e6554a"
VAL_SUM = "a485caea3d1d3e9b5384575670517bb67fe9ebf8f8800246ed06362e3db5330d"


def run(*words, **more):
    environment = {k: v for k, v in os.environ.items() if not k.lower().endswith("_proxy")}
    return subprocess.run([PROGRAM, *words, "--lang", "en"], capture_output=True, text=True, timeout=120,
                          env=environment, **more)


class Server(http.server.ThreadingHTTPServer):
    """Serves `content`; what a client asks for first says how: /good/x.tar, /broken/x.tar, ..."""

    daemon_threads = True

    def __init__(self, content):
        super().__init__(("127.0.0.1", 0), Handler)
        self.content = content
        self.ranges = []  # the first byte that each request asked for
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def handle_error(self, *_):
        pass  # a client that leaves

    def url(self, kind):
        return f"http://127.0.0.1:{self.server_port}/{kind}/voc.tar"


class Handler(http.server.BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def do_GET(self):
        kind, content = self.path.split("/")[1], self.server.content
        asked = self.headers.get("Range")
        first = int(asked.removeprefix("bytes=").rstrip("-")) if asked else 0
        self.server.ranges.append(first)
        if kind == "missing":
            return self.send_error(404)
        if kind == "norange":
            first, asked = 0, None
        if first >= len(content):
            return self.send_error(416)
        self.send_response(206 if asked else 200)
        if asked:
            self.send_header("Content-Range", f"bytes {first}-{len(content) - 1}/{len(content)}")
        self.send_header("Content-Length", str(len(content) - first))
        self.end_headers()
        # A line that breaks every so often, or at once, or gets slow behind a while.
        most = {"broken": len(content) // 3, "dead": 0, "slow": len(content) // 2}.get(kind, len(content))
        self.wfile.write(content[first:first + most])
        if kind == "slow":
            self.wfile.flush()
            time.sleep(20)


def member(tar, name, content, **fields):
    entry = tarfile.TarInfo(name)
    entry.size = len(content)
    for key, value in fields.items():
        setattr(entry, key, value)
    tar.addfile(entry, io.BytesIO(content))


def sample_ids():
    """Those that the program has in it: expect_good() compares its lists with the published ones."""
    text = (pathlib.Path(__file__).parents[2] / "src/data/voc_sample.cpp").read_text()
    return [re.findall(r"\d{4}_\d{6}", part) for part in text.split("val =")]


def archive(scene, change=None, leave_out="", padding=b""):
    """The bytes of a tar in VOC's layout; `change` may add to it, `padding` makes one picture large."""
    train, val = sample_ids()
    lists = {"train": train + ["more_1", "more_2"], "val": val + ["more_3"]}
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as tar:
        member(tar, ROOT + "JPEGImages/of_no_list.jpg", b"x")
        for name, ids in lists.items():
            member(tar, f"{ROOT}ImageSets/Segmentation/{name}.txt", "\n".join(ids).encode())
            for number in ids:
                if number != leave_out:
                    more = padding if number == "more_2" else b""
                    member(tar, f"{ROOT}JPEGImages/{number}.jpg", scene[0] + more)
                member(tar, f"{ROOT}SegmentationClass/{number}.png", scene[1])
        if change:
            change(tar)
    return file.getvalue()


class Fetch(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp(prefix="hikaku_fetch_")
        scenes = pathlib.Path(cls.folder, "scenes")
        assert run("data", "synth", str(scenes), "--train", "1", "--val", "1").returncode == 0
        cls.scene = [(scenes / part).read_bytes()[:] for part in
                     ("JPEGImages/scene_000001.jpg", "SegmentationClass/scene_000001.png")]
        cls.good = archive(cls.scene)

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.folder)

    def setUp(self):
        self.out = pathlib.Path(self.folder, self.id())
        self.content = self.good

    def words(self, kind, sum_of=None):
        self.server = Server(self.content)
        self.addCleanup(self.server.server_close)
        self.addCleanup(self.server.shutdown)
        digest = hashlib.sha256(self.content if sum_of is None else sum_of).hexdigest()
        return ("data", "fetch", self.server.url(kind), "--sha256", digest, "--out", str(self.out))

    def fetch(self, kind, sum_of=None, **more):
        return run(*self.words(kind, sum_of), **more)

    def expect_refusal(self, outcome, status, *said):
        self.assertEqual(outcome.returncode, status, outcome.stderr)
        lines = [line for line in outcome.stderr.splitlines() if not line.startswith("note: ")]
        self.assertEqual([line.split(":")[0] for line in lines], ["error", "fix"], outcome.stderr)
        for text in said:
            self.assertIn(text, outcome.stderr)
        self.assertFalse((self.out / "VOCdevkit").exists())

    def expect_good(self, outcome, kept=()):
        self.assertEqual(outcome.returncode, 0, outcome.stderr)
        full, sample = self.out / "VOCdevkit/VOC2012", self.out / "VOCdevkit/VOC2012_sample"
        self.assertEqual(sorted(path.name for path in self.out.iterdir()), ["VOCdevkit", *kept])
        for name, total in (("train_list_300.txt", TRAIN_SUM), ("val_list_100.txt", VAL_SUM)):
            text = (sample / "listfile" / name).read_bytes()
            self.assertEqual(hashlib.sha256(text).hexdigest(), total)
        self.assertEqual(len(list((sample / "JPEGImages").iterdir())), 400)
        self.assertEqual(len(list((full / "JPEGImages").iterdir())), 403)
        self.assertIn("302 pictures to train on and 101 to evaluate on", outcome.stdout)

    def test_both_data_sets_are_made_and_good(self):
        self.expect_good(self.fetch("good"))
        for name, pairs in (("VOC2012", 403), ("VOC2012_sample", 400)):
            check = run("data", "check", str(self.out / "VOCdevkit" / name))
            self.assertEqual(check.returncode, 0, check.stderr[-300:])
            self.assertIn(f"{pairs} pairs read, 0 findings", check.stdout)
        # A second one does not touch what is there.
        again = self.fetch("good")
        self.assertEqual(again.returncode, 2)
        self.assertIn("VOC2012: is there already", again.stderr)
        self.assertEqual(self.server.ranges, [])

    def test_a_broken_connection_is_taken_up_where_it_broke(self):
        self.expect_good(self.fetch("broken"))
        self.assertEqual(len(self.server.ranges), 4)  # thirds, and what rounding left
        self.assertEqual(sorted(set(self.server.ranges)), self.server.ranges)

    def test_a_download_goes_on_behind_a_stop(self):
        with subprocess.Popen([PROGRAM, *self.words("slow")], stderr=subprocess.PIPE) as process:
            part = self.out / "voc.tar.part"
            while not part.exists() or part.stat().st_size < len(self.good) // 2:
                time.sleep(0.05)
            process.send_signal(signal.SIGTERM)
            self.assertEqual(process.wait(10), 143)
            process.stderr.read()
        self.expect_good(self.fetch("good"))
        self.assertEqual(self.server.ranges, [len(self.good) // 2])

    def test_a_complete_part_is_not_downloaded_again(self):
        self.out.mkdir()
        (self.out / "voc.tar.part").write_bytes(self.good)
        (self.out / "VOCdevkit").touch()
        self.assertEqual(self.fetch("good").returncode, 4)  # it cannot be unpacked, and stays
        (self.out / "VOCdevkit").unlink()
        self.expect_good(self.fetch("good"))
        self.assertEqual(self.server.ranges, [len(self.good)])

    def test_a_server_without_ranges_sends_the_whole_again(self):
        self.out.mkdir()
        (self.out / "voc.tar.part").write_bytes(self.good[:1000])
        self.expect_good(self.fetch("norange"))

    def test_an_archive_that_lies_there_is_used(self):
        self.out.mkdir()
        (self.out / "voc.tar").write_bytes(self.good)
        self.expect_good(self.fetch("missing"), kept=["voc.tar"])
        self.assertEqual(self.server.ranges, [])

    def test_a_wrong_checksum_is_refused_and_removed(self):
        self.expect_refusal(self.fetch("good", b"other"), 4, "its SHA-256 is", "it must be")
        self.assertEqual(list(self.out.iterdir()), [])
        # Not what the user put there.
        (self.out / "voc.tar").write_bytes(b"mine")
        self.expect_refusal(self.fetch("good"), 4, "voc.tar: its SHA-256 is", "remove it")
        self.assertEqual((self.out / "voc.tar").read_bytes(), b"mine")

    def test_a_dead_line_and_a_missing_file_are_errors(self):
        self.expect_refusal(self.fetch("dead"), 4, "0 bytes have come, all are needed")
        self.assertEqual(len(self.server.ranges), 3)
        self.expect_refusal(self.fetch("missing"), 4, "404")
        self.assertEqual(len(self.server.ranges), 1)

    def refuse(self, change, *said):
        shutil.rmtree(self.out, ignore_errors=True)
        self.content = archive(self.scene, change)
        self.expect_refusal(self.fetch("good"), 4, *said)

    def test_no_member_leads_out_of_the_folder(self):
        for name in ("../evil.txt", ROOT + "../../../evil.txt", str(self.out) + "/evil.txt"):
            self.refuse(lambda tar: member(tar, name, b"evil"), f"has the member {name}")
        self.assertFalse(list(pathlib.Path(self.folder).rglob("evil.txt")))

    def test_links_are_no_pictures_and_lead_nowhere(self):
        picture = ROOT + "JPEGImages/more_3.jpg"
        target = self.out.parent / "outside"
        target.mkdir()

        def change(tar):
            member(tar, picture, b"", type=tarfile.SYMTYPE, linkname=str(target))
            member(tar, picture + "/evil.txt", b"evil")

        self.refuse(change, "voc.tar.part: ")
        self.assertEqual(list(target.iterdir()), [])
        self.refuse(lambda tar: member(tar, picture, b"", type=tarfile.SYMTYPE, linkname="/etc/passwd"),
                    "more_3.jpg is not a regular file")

    def test_what_is_not_voc_is_refused(self):
        self.content = b"no tar at all" * 1000
        self.expect_refusal(self.fetch("good"), 4, "no good archive")
        shutil.rmtree(self.out)
        self.content = archive(self.scene, leave_out="2007_000175")
        self.expect_refusal(self.fetch("good"), 4,
                            "1 of 806 files are not in it, first VOCdevkit/VOC2012/JPEGImages/2007_000175.jpg")

    def limited(self, most):
        return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))

    def test_a_full_disk_is_named_and_the_download_goes_on_later(self):
        outcome = self.fetch("good", preexec_fn=self.limited(100_000))
        self.expect_refusal(outcome, 4, "voc.tar.part: could not be written behind 100000 bytes", "make room")
        self.expect_good(self.fetch("good"))
        self.assertEqual(self.server.ranges, [100_000])

    def test_a_full_disk_while_unpacking_is_named(self):
        self.out.mkdir()
        self.content = archive(self.scene, padding=bytes(300_000))
        (self.out / "voc.tar").write_bytes(self.content)
        outcome = self.fetch("good", preexec_fn=self.limited(200_000))
        self.expect_refusal(outcome, 4, "could not be unpacked below", "more_2.jpg")
        self.expect_good(self.fetch("good"), kept=["voc.tar"])

    def test_a_disk_that_is_really_full_is_named(self):
        self.out.mkdir()
        alone = ["unshare", "-rm", "sh", "-c", 'mount -t tmpfs -o size=1m none "$0" && exec "$@"', str(self.out)]
        if subprocess.run([*alone, "true"], capture_output=True).returncode != 0:
            self.skipTest("no disk can be mounted here")
        outcome = subprocess.run([*alone, PROGRAM, *self.words("good"), "--lang", "en"], capture_output=True,
                                 text=True, timeout=60)
        self.expect_refusal(outcome, 4, "voc.tar.part: could not be written behind ", "make room")
        # Of the published archive the size is known.
        outcome = subprocess.run([*alone, PROGRAM, "data", "fetch", "--out", str(self.out), "--lang", "en"],
                                 capture_output=True, text=True, timeout=60)
        self.expect_refusal(outcome, 4, "1 MiB are free; 2257 are needed")

    def test_usage(self):
        for words, said in ((("http://127.0.0.1:1/x.tar",), "--sha256: found ''"),
                            (("--sha256", "12"), "64 hexadecimal digits")):
            self.expect_refusal(run("data", "fetch", *words, "--out", str(self.out)), 2, said)

    def test_without_curl_it_says_what_to_install(self):
        words = self.words("good")
        environment = dict(os.environ, PATH="/nowhere")
        outcome = subprocess.run([PROGRAM, *words], capture_output=True, text=True, env=environment)
        self.expect_refusal(outcome, 3, "curl: there is no such program", "apt-get install curl")


if __name__ == "__main__":
    if shutil.which("curl") is None:
        print("skipped: curl is not here")
        sys.exit(77)
    unittest.main()
