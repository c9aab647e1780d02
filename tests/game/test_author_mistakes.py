"""Every mistake of somebody who writes a level is told with its place, what is wrong, and what would be right."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from k8stui.cli import cli

TEMPLATE = Path(__file__).resolve().parents[2] / "k8stui" / "game" / "template.yaml"
FIX = "{Service/demo/server: {spec: {selector: {app: server}}}}"


@pytest.fixture
def checked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)

    def check(old: str, new: str, command: str = "check") -> Result:
        text = TEMPLATE.read_text()
        assert old in text
        Path("my.yaml").write_text(text.replace(old, new, 1))
        return CliRunner().invoke(cli, ["levels", command, "my.yaml"])

    return check


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("world:", "wrld:", ":20:1: unknown field `wrld`; did you mean `world`?"),
        ("world:", "wrld:", ":10:1: the field `world` is missing"),
        ("version: 1\n", "", ":1:1: "),
        ("perSecond", "persecond", "did you mean `perSecond`?"),
        ("par: {edits: 1", "par: {cuts: 1", "unknown field `cuts`; there are edits, resources, misses, everyApply"),
        (
            "locked:",
            "create: [NetworkPolicy]\nlocked:",
            "an object with kind, namespace, most, not `Net",
        ),
        ("locked:", "create: [NetworkPolicy]\nlocked:", ":50:10: `create.0`"),
        ("verb: debug", "verb: fix", "`verb` must be 'build', 'debug'"),
        ("verb: debug", "verb: fix", "not `fix`"),
        ('"my.1"', '"my level!"', "letters, digits, dots and hyphens"),
        ('"my.1"', "1.1", "`id` must be a text: put it in quotes"),
        ('{en: "My level"}', "My level", "`title` must be an object, not `My level`"),
        ("    - What belongs together.\n", "", "`hints` needs at least 2 entries and has 1"),
        ("hint:\n  merge: " + FIX, "hint: set it", "`hint` must be an object with merge, create,"),
        ("version: 1", "version: one", "`version` must be a whole number, not `one`"),
        ("perSecond: 2", "perSecond: -2", "`perSecond` must be greater than 0, not `-2`"),
        ("gate: false", "gate: maybe", "`gate` must be true or false, not `maybe`"),
        ("  en:\n", "\ten:\n", "a tab; indent with spaces"),
        ("app: servers}\n", "app: servers\n", "opens in line 39 and is not closed"),
        ("    metadata: {name: client", "   metadata: {name: client", "indented like no line of the block"),
        ('"My level"', '"My level', "opens in line 8 and is not closed"),
        ("calls: callers are answered", "calls: callers: answered", "put it in quotes"),
        ("\nworld:", "\n---\nworld:", ":21:1: a third document"),
        ("---\n", "", "two documents with `---` between them"),
        ('"My level"', '"My \\e[31mlevel"', "control character"),
        ("\nhint:", "\nhint: &a", "write it out"),
    ],
)
def test_a_file_that_cannot_be_read_says_where_and_what_would_be_right(checked, old: str, new: str, said: str):
    for command in ("check", "lint"):
        found = checked(old, new, command)
        assert found.exit_code == 2, "the input cannot be used"
        assert said in found.stdout and "my.yaml:" in found.stdout
    assert "Input should" not in found.stdout


def test_bytes_that_are_no_text_are_told_with_their_line(checked, tmp_path: Path):
    checked("My level", "M\u00fc level")
    (tmp_path / "my.yaml").write_bytes((tmp_path / "my.yaml").read_text().encode("latin-1"))
    found = CliRunner().invoke(cli, ["levels", "check", "my.yaml"])
    assert found.exit_code == 2 and "my.yaml:8:15: this is not UTF-8; save the file as UTF-8" in found.stdout
