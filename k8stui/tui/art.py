"""The pictures of the menu: the name, the wheel and the harbour, drawn from half blocks."""

from __future__ import annotations

import math

from k8stui.tui.paint import Canvas

_NAME = (
    "██      ▄█▀▀█▄         ██          ▀▀",
    "██ ▄█▀  ▀█▄▄█▀ ▄█▀▀▀▀ ▀██▀▀ ██  ██ ██",
    "██▀█▄   ██  ██  ▀▀▀█▄  ██   ██  ██ ██",
    "██  ▀█▄ ▀█▄▄█▀ ▄▄▄▄█▀  ▀█▄▄ ▀█▄▄██ ██",
)
_SHIP = (
    "       ▄██▄  ▄",
    "    ▄██████████▄",
    "▀████████████████▀",
)
_PORTHOLES = (5, 7, 9, 11, 13)
WHEEL = 26


def name(canvas: Canvas, x: int, y: int) -> None:
    """Draw the program's name, 37 columns by 4 lines; the dot of the i is lit."""
    for line, text in enumerate(_NAME):
        canvas.put(x, y + line, text, "service")
    canvas.put(x + 35, y, "▀▀", "traffic")


def wheel(canvas: Canvas, x: int, y: int) -> None:
    """Draw the ship's wheel, 26 columns by 13 lines."""
    for line in range(WHEEL // 2):
        for column in range(WHEEL):
            upper, lower = _tone(column, 2 * line), _tone(column, 2 * line + 1)
            if upper and lower:
                style = upper if upper == lower else f"{upper} on {lower}"
                canvas.put(x + column, y + line, "█" if upper == lower else "▀", style)
            elif upper or lower:
                canvas.put(x + column, y + line, "▀" if upper else "▄", f"{upper or lower} on page")


def _tone(column: int, pixel: int) -> str:
    """Return the colour of a pixel of the wheel, empty where there is none."""
    half = (WHEEL - 1) / 2
    dx, dy = column - half, pixel - half
    radius = math.hypot(dx, dy)
    angle = math.degrees(math.atan2(dy, dx)) % 45
    off_spoke = radius * math.sin(math.radians(min(angle, 45 - angle)))
    if 7.6 <= radius < 9.4 or 1.2 <= radius < 2.6:
        return "service-mid"
    if radius < 13 and off_spoke < 0.9:
        if radius >= 11.2:
            return "service-mid"
        return "service-line" if radius >= 9.4 else "service-soft"
    return ""


def harbour(canvas: Canvas, y: int) -> None:
    """Draw the water over the whole width, six lines from `y`, with the ferry and the quay lights above it."""
    width = canvas.columns
    ship = max(width * 2 // 5 - 4, 0)
    for column in range(width):
        height = 3 + round(math.sin(column / 5.5) * 1.2 + math.sin(column / 13) * 1.2)
        canvas.put(column, y + 3, "▁▂▃▄▅▆"[min(max(height, 0), 5)], "service-line on page", rank=1)
    canvas.fill(0, y + 4, width, 2, "text on service-soft", rank=1)
    for column in range(4, width - 4, 13):
        canvas.put(column, y + 4, "▁▂▂▁", "service-line on service-soft", rank=2)
        if column + 10 < width:
            canvas.put(column + 6, y + 5, "▁▂▂▁", "service-line on service-soft", rank=2)
    for line, text in enumerate(_SHIP):
        for offset, char in enumerate(text):
            if char != " ":
                tone = "line" if line == 2 else "soft"
                canvas.put(ship + offset, y + 1 + line, char, f"{tone} on page", rank=3)
    for offset in _PORTHOLES:
        canvas.put(ship + offset, y + 2, "▄", "traffic on soft", rank=4)
        canvas.put(ship + offset, y + 4, "▀", "traffic-line on service-soft", rank=3)
    for light in range(3):
        column = width - 20 + 6 * light
        canvas.put(column, y + 1, "●", "pod on page", rank=3)
        canvas.put(column, y + 2, "┃", "line on page", rank=3)
        canvas.put(column, y + 3, "┃", "line on page", rank=3)
        canvas.put(column, y + 4, "▀", "pod-line on service-soft", rank=3)
