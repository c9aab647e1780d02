"""`k8stui levels` and `k8stui check` from the command line: what they print, and their exit status."""

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner, Result

from k8stui.cli import cli
from tests.game.scenes import FIXED


@pytest.fixture
def run(tmp_path: Path):
    def call(*arguments: str, stdin: str = "") -> Result:
        environment = {"XDG_DATA_HOME": str(tmp_path / "data"), "XDG_CONFIG_HOME": str(tmp_path / "config")}
        return CliRunner().invoke(cli, arguments, input=stdin, env=environment)

    return call


@pytest.mark.parametrize("level", ["1.1", "1.2", "1.3", "2.1", "7.2"])
def test_the_start_fails_and_the_solution_passes(run, level: str):
    assert run("check", level).exit_code == 1
    assert run("check", level, "--solution").exit_code == 0


def test_files_are_applied_onto_the_start(run, tmp_path: Path):
    path = tmp_path / "service.yaml"
    path.write_text(FIXED)
    found = json.loads(run("check", "2.1", "-f", str(path), "-o", "json").stdout)
    assert found["passed"] and found["score"]["edits"] == 1 and found["storm"]["passed"]
    assert run("check", "2.1", "-f", "-", stdin=FIXED.replace("8080", "81")).exit_code == 1


def test_a_mistake_that_the_level_knows_is_told(run):
    wrong = FIXED.replace("port: 80, targetPort: 8080", "port: 8080")
    found = run("check", "2.1", "-f", "-", stdin=wrong)
    assert found.exit_code == 1 and "the Gull: Callers still knock at 80." in found.stdout


def test_junit_has_a_case_for_each_goal(run):
    root = ElementTree.fromstring(run("check", "2.1", "-o", "junit").stdout)
    assert [case.get("name") for case in root.iter("testcase")] == ["orders", "guests", "door", "storm"]
    assert len(list(root.iter("failure"))) == 4


@pytest.mark.parametrize(
    ("arguments", "stdin", "said"),
    [
        (("check", "9.9"), "", "there is no level '9.9'"),
        (("check", "missing.yaml"), "", "no such level file"),
        (("check", "2.1", "-f", "missing.yaml"), "", "does not exist"),
        (("check", "2.1", "-f", "-"), "a: [", "standard input:1:"),
        (("check", "2.1", "-f", "-"), FIXED.replace("port: 80", "prot: 80"), 'unknown field "spec.ports[0].prot"'),
        (("check", "2.1", "-f", "-"), "[" * 50_000, "standard input:1:"),
        (("check", "2.1", "--solution", "-f", "-"), "", "leave out -f"),
    ],
)
def test_bad_input_ends_with_two_and_a_place(run, arguments, stdin: str, said: str):
    result = run(*arguments, stdin=stdin)
    assert result.exit_code == 2 and said in result.stderr and "Traceback" not in result.output


def test_a_broken_level_file_is_bad_input(run, tmp_path: Path):
    path = tmp_path / "level.yaml"
    path.write_text('id: "1"\nversion: 1\nchapter: 1\nverb: debug\ntitle: {en: x}\n---\nfoo: 1\n')
    result = run("check", str(path))
    assert result.exit_code == 2 and "level.yaml:7:1: unknown field `foo`" in result.stderr


def test_a_locked_object_is_not_bad_input_but_not_solved_either(run):
    scaled = json.dumps({
        "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "backend", "namespace": "shop"},
        "spec": {"replicas": 1, "selector": {"matchLabels": {"app": "backend"}}, "template": {
            "metadata": {"labels": {"app": "backend"}}, "spec": {"containers": [{"name": "clerk", "image": "i"}]}}},
    })  # fmt: skip
    result = run("check", "2.1", "-f", "-", stdin=scaled)
    assert result.exit_code == 1 and "locked: The ticket office" in result.stderr


def test_the_list_of_levels(run):
    rows = json.loads(run("levels", "-o", "json").stdout)
    assert {"id": "1.2", "verb": "build", "solved": False, "stars": [False] * 3}.items() <= rows[1].items()
    assert "Door 80, desk 8080" in run("levels").stdout


def test_a_new_level_is_sound_and_passes_its_own_tools(run, tmp_path: Path):
    path = tmp_path / "sub" / "mine.yaml"
    assert run("levels", "new", str(path)).exit_code == 0
    assert run("levels", "new", str(path)).exit_code == 2, "nothing is overwritten"
    assert run("levels", "lint", str(path)).exit_code == 0
    proved = run("levels", "check", str(path), "-o", "json")
    assert proved.exit_code == 0 and json.loads(proved.stdout)[0]["par"] == {"edits": 1, "resources": 0}
    drawn = run("levels", "check", str(path), "--seed", "3")
    assert drawn.exit_code == 0 and "namespace: demo" not in run("levels", "preview", str(path), "--seed", "3").stdout
    assert "hint 3: In Service server set spec.selector.app to `server`." in run("levels", "preview", str(path)).stdout


def test_an_unsound_level_is_told(run, tmp_path: Path):
    path = tmp_path / "mine.yaml"
    run("levels", "new", str(path))
    path.write_text(path.read_text().replace("par: {edits: 1", "par: {edits: 3"))
    result = run("levels", "check", str(tmp_path))
    assert result.exit_code == 1 and "the best solution has edits 1" in result.stdout


def test_a_class_is_graded_by_replay(run, tmp_path: Path):
    from k8stui.game.attempt import Attempt
    from tests.game.scenes import shipped

    for student, port in (("ada", 8080), ("ben", 81)):
        attempt = Attempt(shipped("2.1"))
        attempt.hint()
        attempt.apply({"service-backend.yaml": FIXED.replace("8080", str(port))})
        attempt.ship()
        (tmp_path / student).mkdir()
        (tmp_path / student / "2.1.json").write_text(json.dumps(attempt.log()))
    forged = {"level": "2.1", "format": 1, "levelVersion": 1, "seed": 0, "actions": 3}
    (tmp_path / "ben" / "forged.json").write_text(json.dumps(forged))
    result = run("grade", str(tmp_path), "-o", "json")
    rows = {(row["student"], row["file"]): row for row in json.loads(result.stdout)}
    assert result.exit_code == 1
    assert rows["ada", "2.1.json"]["stars"] == [True, True, True] and rows["ada", "2.1.json"]["hints"] == 1
    assert not rows["ben", "2.1.json"]["solved"] and "cannot be replayed" in rows["ben", "forged.json"]["error"]
    assert "★★★" in run("grade", str(tmp_path)).stdout
    suites = ElementTree.fromstring(run("grade", str(tmp_path), "-o", "junit").stdout)
    assert [(s.get("failures"), s.get("errors")) for s in suites] == [("0", "0"), ("1", "1")]
    assert run("grade", str(tmp_path / "nobody")).exit_code == 2


def test_files_are_applied_to_the_act_that_they_belong_to(run, tmp_path: Path):
    sketch = str(Path(__file__).parent / "mechanisms" / "7.11-red-team.yaml")
    you, vault = tmp_path / "a-vault.yaml", tmp_path / "b-you.yaml"
    meta = "{name: you, namespace: guest, labels: {role: teller}}"
    you.write_text(f"apiVersion: v1\nkind: Pod\nmetadata: {meta}\nspec: {{containers: [{{name: main, image: i}}]}}\n")
    half = run("check", sketch, "-f", str(you), "-o", "json")
    assert half.exit_code == 1 and json.loads(half.stdout)["act"] == 2 and not json.loads(half.stdout)["passed"]
    peers = "".join(
        f"    - namespaceSelector: {{matchLabels: {{kubernetes.io/metadata.name: {name}}}}}\n"
        "      podSelector: {matchLabels: {role: teller}}\n"
        for name in ("bank", "branch")
    )
    vault.write_text(
        "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: vault, namespace: bank}\n"
        f"spec:\n  podSelector: {{matchLabels: {{app: vault}}}}\n  ingress:\n"
        f"  - from:\n{peers}    ports: [{{port: 443}}]\n"
    )
    won = run("check", sketch, "-f", str(tmp_path))
    assert won.exit_code == 0 and "act 2 of 2" in won.stdout and "★★★  edits 4 (par 4)" in won.stdout
    alone = run("check", sketch, "-f", str(vault))
    assert alone.exit_code == 1 and "act 1 of 2" in alone.stdout
    assert "act 2 of 2 · lock" in run("levels", "preview", sketch).stdout


def test_a_drawn_level_is_judged_and_graded_with_its_seed(run, tmp_path: Path):
    from k8stui.game.attempt import Attempt
    from k8stui.game.catalogue import find
    from k8stui.game.level import load

    assert run("check", "1.3", "--solution", "--seed", "7", "-o", "json").exit_code == 0
    assert "tier: api" in run("levels", "preview", "1.3", "--seed", "7").stdout
    proved = run("levels", "check", "1.3", "--seed", "7", "-o", "json")
    assert proved.exit_code == 0 and json.loads(proved.stdout)[0]["ok"]
    level = load(find("1.3").path, 7)
    attempt = Attempt(level)
    name = next(name for name in attempt.files if name.startswith("service"))
    fixed = attempt.files[name].replace("tier: api", "tier: API")
    manifest = tmp_path / "service.yaml"
    manifest.write_text(fixed)
    assert run("check", "1.3", "-f", str(manifest), "--seed", "7").exit_code == 0
    assert run("check", "1.3", "-f", str(manifest)).exit_code != 0, "the plain level has other names"
    attempt.apply({name: fixed})
    attempt.ship()
    (tmp_path / "class" / "ada").mkdir(parents=True)
    (tmp_path / "class" / "ada" / "1.3.json").write_text(json.dumps(attempt.log()))
    graded = json.loads(run("grade", str(tmp_path / "class"), "-o", "json").stdout)
    assert graded[0]["solved"] and graded[0]["seed"] == 7
    assert run("grade", str(tmp_path / "class"), "--seed", "7").exit_code == 0
    other = run("grade", str(tmp_path / "class"), "--seed", "8")
    assert other.exit_code == 1 and "made with seed 7 of the level; the class was given seed 8" in other.stdout


def test_a_seed_is_for_one_level(run, tmp_path: Path):
    for which in ([], [str(tmp_path)]):
        refused = run("play", *which, "--seed", "2")
        assert refused.exit_code == 2 and "a seed is for one level" in refused.output
