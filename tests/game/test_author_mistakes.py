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


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("selector: {app: servers}", "selectr: {app: servers}", ":39:7: the start cannot be built: Service in version"),
        ("{port: 80, targetPort", "{port: 800000, targetPort", ":41:10: the start cannot be built: Service"),
        (
            "apiVersion: v1\n    kind: Pod",
            "apiVersion: v2\n    kind: Pod",
            ":31:5: the start cannot be built: resource",
        ),
        ("app: servers}", "app: server}", ":52:1: the start is solved already"),
        (f"hint:\n  merge: {FIX}", "hint: {}", ":56:1: the third hint does not win"),
        ("- name: label\n", "- name: label\n  merge: {}\n- name: b\n", ":59:3: solution `label` does not win"),
        ("app: serve}", "app: server}", ":62:3: trap `nobody` should turn red calls; red are: none"),
        ("edits: 1", "edits: 0", ":71:1: par is edits 0"),
        (
            "- {kind: Service, namespace: demo, name: server}",
            "- {kind: Service, namespace: demo, name: srver}",
            "in no file that the player may edit",
        ),
        ("demo/client: {listens", "demo/cleint: {listens", ":44:5: `demo/cleint` is no pod or workload of this level"),
        ("from: demo/client", "from: demo/cleint", ":46:17: `demo/cleint` is no pod or workload of this level"),
        ('"reach demo/client ->', '"reach demo/cleint ->', ":53:3: `demo/cleint` is no pod or workload of this level"),
        ("servers}\n", "servers}\n  # targets\n", ""),
        ("\nworld:", "\nteaches: [nonsense]\nworld:", ":20:11: the field guide has no fact `nonsense`"),
        ('"my.1"', '"1.1"', ":3:1: the id `1.1` is that of a level that comes with k8stui"),
        ("What belongs together.", "Set app=server.", ":16:7: hint 2 gives the fix away: `app=server`"),
        (
            "calls: callers are",
            "calls: where selector.app is server callers are",
            ":18:7: the text of check `calls` gives the fix away",
        ),
        ("What somebody", "With app to server what somebody", ":12:5: the story gives the fix away: `app to server`"),
    ],
)
def test_a_level_that_is_not_sound_says_where(checked, old: str, new: str, said: str):
    found = checked(old, new)
    assert said in found.stdout
    assert found.exit_code == (1 if said else 0)
    assert all(line.startswith("    my.yaml:") for line in found.stdout.splitlines() if line.startswith("  "))
    assert "drawn anew" not in found.stdout or "start cannot" not in found.stdout, "once is enough"


def test_what_stands_twice_or_happens_to_nobody_is_found(checked):
    pod = "    spec: {containers: [{name: main, image: demo/client}]}\n"
    again = f"  - apiVersion: v1\n    kind: Pod\n    metadata: {{name: client, namespace: demo}}\n{pod}"
    assert ":35:5: Pod/demo/client stands here twice" in checked(pod, pod + again).stdout
    script = "- {at: 1, do: {scale: demo/sever, replicas: 3}}"
    gone = f'\ntimeline:\n{script}\nchecks:\n  slow: "timeline 0-5 calls: fail <= 99"\n  calls'
    assert ":52:1: at second 1 this is not possible: " in checked("\nchecks:\n  calls", gone).stdout
    silent = 'checks:\n  quiet: "timeline 0-5 cals: fail <= 0"\n'
    found = checked("checks:\n  calls", f"{silent}  calls").stdout
    assert ":53:3: there is no flow `cals`; did you mean `calls`?" in found


def test_two_levels_of_a_folder_have_ids_of_their_own(checked, tmp_path: Path):
    checked("My level", "My level")
    (tmp_path / "other.yaml").write_text(TEMPLATE.read_text())
    for command in ("check", "lint"):
        found = CliRunner().invoke(cli, ["levels", command, "."])
        assert found.exit_code == 1 and "other.yaml:3:1: my.yaml has the id my.1 too; choose another" in found.stdout
    assert CliRunner().invoke(cli, ["levels", "check", "my.yaml", "./my.yaml"]).exit_code == 0, "it is the same file"


def test_a_preview_of_a_level_that_cannot_be_built_says_where(checked):
    found = checked("selector: {app: servers}", "selectr: {app: servers}", "preview")
    assert found.exit_code == 2 and "error: my.yaml:39:7: the start cannot be built" in found.stderr
