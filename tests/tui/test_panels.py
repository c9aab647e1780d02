"""What the drawer says, as rows."""

from __future__ import annotations

from k8stui.tui.paint import text_of, width
from k8stui.tui.panels import trace
from k8stui.tui.view import HopLine, TraceSheet


def test_every_address_that_a_packet_carries_can_be_read() -> None:
    """At a node's door both ends are rewritten: four addresses, more than a narrow drawer has room for."""
    carried = "to 172.18.0.11:43918 → 198.51.100.7:43918, from 10.244.2.3:8080 → 172.18.0.11:31080"
    hop = HopLine("Proxy", "the answer comes back", True, addresses=carried)
    sheet = TraceSheet("external:198.51.100.7", "172.18.0.11:31080", "answered", True, (hop,))
    for columns in (60, 71, 120):
        rows = trace(sheet, columns)
        assert all(width(row) <= columns for row in rows)
        said = " ".join(text_of(row).replace("┃", " ") for row in rows).split()
        assert carried in " ".join(said)
