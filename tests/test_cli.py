"""The command line: exit statuses, messages for bad input, and what is printed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from k8stui.cli import cli

SHOP = """
apiVersion: v1
kind: Pod
metadata: {name: client, namespace: shop}
spec:
  containers: [{name: c, image: shop/client}]
---
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop, labels: {app: web}}
spec:
  containers: [{name: c, image: shop/web, ports: [{containerPort: 8080}]}]
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec:
  selector: {app: web}
  ports:
  - port: 80
    targetPort: PORT
"""


def run(*arguments: str, text: str | None = None) -> Result:
    return CliRunner().invoke(cli, arguments, input=text, catch_exceptions=False)


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    path = tmp_path / "shop.yaml"
    path.write_text(SHOP.replace("PORT", "8080"))
    return path


@pytest.fixture
def broken_shop(tmp_path: Path) -> Path:
    path = tmp_path / "broken.yaml"
    path.write_text(SHOP.replace("PORT", "80"))
    return path


def test_a_delivered_trace_exits_0_and_names_the_pod(shop: Path) -> None:
    result = run("trace", "-f", str(shop), "--from", "shop/client", "--to", "http://web")
    assert result.exit_code == 0
    assert "delivered by shop/web" in result.output


def test_a_refused_trace_exits_1_and_names_the_line_to_blame(broken_shop: Path) -> None:
    result = run("trace", "-f", str(broken_shop), "--from", "shop/client", "--to", "http://web")
    assert result.exit_code == 1
    line = 1 + broken_shop.read_text().splitlines().index("    targetPort: 80")
    assert f"broken.yaml:{line}  Service/shop/web spec.ports[0].targetPort" in result.output


def test_a_trace_as_json_is_the_same_trace(shop: Path) -> None:
    result = run("trace", "-f", str(shop), "--from", "shop/client", "--to", "http://web", "-o", "json")
    trace = json.loads(result.output)
    assert trace["outcome"] == "delivered"
    assert [hop["kind"] for hop in trace["hops"]][:1] == ["DNS"]


def test_a_look_up_shows_its_queries(shop: Path) -> None:
    result = run("dns", "-f", str(shop), "--from", "shop/client", "web")
    assert result.exit_code == 0
    assert "web.shop.svc.cluster.local" in result.output


def test_a_name_that_does_not_exist_exits_1(shop: Path) -> None:
    assert run("dns", "-f", str(shop), "--from", "shop/client", "nobody").exit_code == 1


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("trace", "--from", "a/b", "--to", "http://c"), "nothing to look at"),
        (("trace", "-f", "/no/such/file", "--from", "a/b", "--to", "http://c"), "does not exist"),
        (("reach", "-f", "/no/such/file"), "does not exist"),
        (("diff", "-f", "/no/such/file"), "-f BEFORE -f AFTER"),
    ],
)
def test_unusable_input_exits_2_and_says_why(arguments: tuple[str, ...], complaint: str) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert complaint in result.output


HOSTILE = {
    "open": "a: [",
    "deep": "[" * 50_000,
    "control": "\x00",
    "bomb": "a: &a [*a, *a]",
    "list": "- just\n- a list\n",
    "kindless": "kind: 3",
    "nameless": "apiVersion: v1\nkind: Namespace",
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile_manifests_are_refused_with_their_place(text: str) -> None:
    result = run("trace", "-f", "-", "--from", "a/b", "--to", "http://c", text=text)
    assert result.exit_code == 2
    assert "standard input:" in result.output


def test_an_end_that_is_not_there_is_named(shop: Path) -> None:
    result = run("trace", "-f", str(shop), "--from", "shop/nobody", "--to", "http://web")
    assert result.exit_code == 2
    assert "shop/nobody" in result.output


def test_reach_prints_classes_and_pairs(shop: Path) -> None:
    result = run("reach", "-f", str(shop), "--port", "8080", "-o", "csv")
    assert result.exit_code == 0
    assert "shop/client,shop/web" in result.output
    assert json.loads(run("reach", "-f", str(shop), "-o", "json").output)["version"] == 1


def test_diff_tells_what_a_policy_closes(shop: Path, tmp_path: Path) -> None:
    wall = """
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: wall, namespace: shop}
spec: {podSelector: {matchLabels: {app: web}}}
"""
    after = tmp_path / "after.yaml"
    after.write_text(shop.read_text() + wall)
    result = run("diff", "-f", str(shop), "-f", str(after))
    assert result.exit_code == 1
    assert "lose   shop/client → shop/web  - every port" in result.output
    assert run("diff", "-f", str(shop), "-f", str(shop)).exit_code == 0


def test_play_without_a_terminal_names_check() -> None:
    result = run("play")
    assert result.exit_code == 2
    assert result.output.count("\n") == 1
    assert "k8stui check" in result.output


def test_a_dump_without_kube_system_still_resolves_names_and_says_so(shop: Path, tmp_path: Path) -> None:
    from k8stui import Cluster

    cluster = Cluster()
    cluster.ensure_namespaces(cluster.read(shop.read_text()))
    cluster.apply(shop.read_text())
    cluster.come_up()
    kinds = ("Pod", "Service", "EndpointSlice")
    items = [obj.to_wire() for kind in kinds for obj in cluster.list(kind, "shop")]
    items.append({"apiVersion": "example.com/v1", "kind": "Widget", "metadata": {"name": "x"}})
    dump = tmp_path / "dump.json"
    dump.write_text(json.dumps({"apiVersion": "v1", "kind": "List", "items": items}))
    result = run("trace", "-f", str(dump), "--from", "shop/client", "--to", "http://web")
    assert result.exit_code == 0
    assert "a DNS server that works is assumed" in result.output
    assert "not looked at: 1 example.com/v1 Widget" in result.output


def test_reach_tells_which_term_of_which_policy_keeps_a_pair_apart(shop: Path, tmp_path: Path) -> None:
    wall = """
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: wall, namespace: shop}
spec:
  podSelector: {matchLabels: {app: web}}
  ingress:
  - from:
    - podSelector: {matchLabels: {app: nobody}}
"""
    walled = tmp_path / "walled.yaml"
    walled.write_text(shop.read_text() + wall)
    arguments = ("reach", "-f", str(walled), "--why", "shop/client", "shop/web")
    result = run(*arguments, "--port", "8080")
    assert result.exit_code == 1
    line = 1 + walled.read_text().splitlines().index("    - podSelector: {matchLabels: {app: nobody}}")
    assert f"walled.yaml:{line}  spec.ingress[0].from[0].podSelector.matchLabels.app" in result.output
    verdicts = json.loads(run(*arguments, "--port", "8080", "-o", "json").output)
    assert [verdict["allowed"] for verdict in verdicts] == [True, False]
    assert run(*arguments).exit_code == 2
