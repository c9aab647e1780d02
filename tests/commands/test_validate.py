"""`k8stui validate`: places, exit status and the JSON answer."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from k8stui.cli import cli
from tests.api.texts import POLICY, SERVICE


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "good.yaml").write_text(f"{SERVICE}---\n{POLICY.replace('default', 'shop')}")
    (tmp_path / "typo.yaml").write_text(SERVICE.replace("selector", "selectors").replace("backend", "other"))
    (tmp_path / "tab.yaml").write_text("kind: Pod\nmetadata:\n\tname: x\n")
    return tmp_path


def run(*arguments: str, text: str | bytes | None = None) -> tuple[int, str, str]:
    result = CliRunner().invoke(cli, ["validate", *arguments], input=text)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.stdout, result.stderr


@pytest.mark.usefixtures("folder")
def test_accepted_files_exit_with_0_refused_ones_with_1_unreadable_ones_with_2() -> None:
    assert run("-f", "good.yaml") == (0, "2 of 2 objects accepted\n", "")
    assert run("-f", "typo.yaml") == (
        1,
        'typo.yaml:8:3: error: unknown field "spec.selectors"\n0 of 1 object accepted\n',
        "",
    )
    code, out, _ = run("-f", "tab.yaml")
    assert code == 2
    assert "tab.yaml:3:1: error: found character that cannot start any token" in out


def test_a_folder_stands_for_the_manifests_in_it_and_one_bad_file_hides_no_other(folder: Path) -> None:
    code, out, _ = run("-f", str(folder))
    assert code == 2
    assert [line.rpartition("/")[2].partition(":")[0] for line in out.splitlines()[:-1]] == ["tab.yaml", "typo.yaml"]
    assert out.endswith("2 of 3 objects accepted\n")


def test_standard_input_and_json() -> None:
    code, out, _ = run("-f", "-", "-o", "json", text=SERVICE.replace("NodePort", "Nope"))
    answer = json.loads(out)
    assert (code, answer["accepted"], answer["objects"][0]["accepted"]) == (1, False, False)
    (problem,) = answer["problems"]
    assert (problem["line"], problem["column"], problem["path"], problem["severity"]) == (7, 3, "spec.type", "error")
    assert problem["message"].startswith('spec.type: Unsupported value: "Nope": supported values: "ClusterIP"')


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(
    ("arguments", "text", "words"),
    [
        ((), None, "nothing to validate"),
        (("-f", "missing.yaml"), None, 'the path "missing.yaml" does not exist'),
        (("-f", "-"), "# nothing\n", "no objects in there"),
        (("-f", "-"), b"a: \xff\xfe\n", "the file is not UTF-8"),
        (("-f", "-"), "[" * 50_000, "nesting depth"),
    ],
    ids=["nothing", "missing", "empty", "bytes", "deep"],
)
def test_bad_input_is_a_message_and_exit_2(arguments: tuple[str, ...], text: str | bytes | None, words: str) -> None:
    code, out, err = run(*arguments, text=text)
    assert code == 2
    assert words in out + err
    assert "Traceback" not in out + err
