"""What the README shows can be typed: its commands exist, and its Python runs."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from k8stui.cli import cli

README = (Path(__file__).parent.parent / "README.md").read_text()
SHOP = """
apiVersion: v1
kind: Namespace
metadata: {name: shop}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: backend, namespace: shop}
spec:
  selector: {matchLabels: {app: backend}}
  template:
    metadata: {labels: {app: backend}}
    spec: {containers: [{name: c, image: i, ports: [{containerPort: 80}]}]}
---
apiVersion: v1
kind: Pod
metadata: {name: frontend, namespace: shop}
spec: {containers: [{name: c, image: i}]}
---
apiVersion: v1
kind: Service
metadata: {name: backend, namespace: shop}
spec: {selector: {app: backend}, ports: [{port: 80}]}
"""


def test_every_command_exists() -> None:
    named = set(re.findall(r"^ {4}(?:.*&& )?(?:uv run )?k8stui ([a-z]+)", README, re.MULTILINE))
    assert named
    assert named <= set(cli.commands)


def test_the_python_example_runs(capsys: pytest.CaptureFixture[str]) -> None:
    (code,) = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    exec(code.replace('open("shop.yaml").read()', "SHOP"), {"SHOP": SHOP})
    assert capsys.readouterr().out.startswith("delivered")
