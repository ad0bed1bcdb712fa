"""
Small charts as inline SVG.

No script and no inline style (a strict CSP allows them), themed by CSS classes,
described for screen readers, and the same on a printed page. Positions in percent let
them take the width of their card.
"""

from collections.abc import Sequence
from typing import TypeAlias

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

Point: TypeAlias = tuple[str, float]
Part: TypeAlias = tuple[str, str, float]


def bars(points: Sequence[Point], *, title: str, height: int = 44, gap: float = 0.28) -> SafeString:
    """Draw one bar per (label, value); the last one is highlighted."""
    top = max((float(value) for _, value in points), default=0.0) or 1.0
    step = 100 / max(len(points), 1)
    rects = []
    for index, (label, value) in enumerate(points):
        tall = max(2.0, float(value) / top * height)
        rects.append(
            (
                "bar bar--now" if index == len(points) - 1 else "bar",
                f"{index * step + step * gap / 2:.2f}",
                f"{height - tall:.1f}",
                f"{step * (1 - gap):.2f}",
                f"{tall:.1f}",
                label,
                f"{value:,.2f}".removesuffix(".00"),
            )
        )
    body = format_html_join(
        "",
        '<rect class="{}" x="{}%" y="{}" width="{}%" height="{}" rx="1.5">'
        "<title>{}: {}</title></rect>",
        rects,
    )
    return _svg("chart", title, height, body)


def stacked(parts: Sequence[Part], *, title: str, height: int = 10) -> SafeString:
    """Draw one horizontal bar of shares. A part is (tone, label, value)."""
    total = sum(float(value) for *_, value in parts) or 1.0
    rects, x = [], 0.0
    for tone, label, value in parts:
        width = float(value) / total * 100
        if width:
            rects.append(
                (tone, f"{x:.2f}", f"{max(width - 0.6, 0.4):.2f}", height, label, f"{value:,.0f}")
            )
        x += width
    body = format_html_join(
        "",
        '<rect class="seg seg--{}" x="{}%" width="{}%" height="{}" rx="2">'
        "<title>{}: {}</title></rect>",
        rects,
    )
    return _svg("chart", title, height, body)


def stacked_columns(
    rows: Sequence[tuple[str, Sequence[Part]]], *, title: str, height: int = 160, gap: float = 0.3
) -> SafeString:
    """Draw one column of shares per row (label, parts), all on one scale."""
    top = max((sum(float(v) for *_, v in parts) for _, parts in rows), default=0.0) or 1.0
    step = 100 / max(len(rows), 1)
    rects = []
    for index, (column, parts) in enumerate(rows):
        y = float(height)
        for tone, label, value in parts:
            tall = float(value) / top * height
            if tall:
                y -= tall
                rects.append(
                    (
                        tone,
                        f"{index * step + step * gap / 2:.2f}",
                        f"{y:.1f}",
                        f"{step * (1 - gap):.2f}",
                        f"{max(tall - 1, 0.5):.1f}",
                        column,
                        label,
                        f"{value:,.2f}".removesuffix(".00"),
                    )
                )
    body = format_html_join(
        "",
        '<rect class="seg seg--{}" x="{}%" y="{}" width="{}%" height="{}" rx="1">'
        "<title>{}, {}: {}</title></rect>",
        rects,
    )
    return _svg("chart", title, height, body)


def line(points: Sequence[Point], *, title: str, height: int = 120) -> SafeString:
    """Draw (label, value) as a line over its area, from zero."""
    top = max((float(value) for _, value in points), default=0.0) or 1.0
    step = 100 / max(len(points) - 1, 1)
    places = [
        f"{index * step:.2f},{height - float(value) / top * (height - 4):.2f}"
        for index, (_, value) in enumerate(points)
    ]
    path = " ".join(places)
    rules = format_html_join(
        "",
        '<line class="rule" x1="0" x2="100" y1="{0}" y2="{0}"/>',
        ((f"{height * share:.1f}",) for share in (0.25, 0.5, 0.75, 1)),
    )
    return format_html(
        '<svg class="chart" role="img" aria-label="{}" width="100%" height="{}"'
        ' viewBox="0 0 100 {}" preserveAspectRatio="none">{}'
        '<polygon class="area" points="0,{} {} 100,{}"/><polyline class="line" points="{}"/></svg>',
        title,
        height,
        height,
        rules,
        height,
        path,
        height,
        path,
    )


def meter(value: float, full: float, *, width: int = 72, height: int = 4) -> SafeString:
    """Draw a share as a thin bar; decorative, the numbers stand beside it."""
    share = min(float(value) / float(full), 1.0) if full else 0.0
    tone = "full" if share >= 1 else "part"
    return format_html(
        '<svg class="meter meter--{}" aria-hidden="true" width="{}" height="{}">'
        '<rect class="meter__track" width="100%" height="{}" rx="2"/>'
        '<rect class="meter__fill" width="{}" height="{}" rx="2"/></svg>',
        tone,
        width,
        height,
        height,
        f"{share * width:.1f}",
        height,
    )


def span(left: int, days: int, *, title: str, height: int = 8, tone: str = "csp") -> SafeString:
    """Draw how much of a period of `days` days is left: its last `left` days."""
    share = min(max(left / days, 0.0), 1.0) * 100 if days else 0.0
    body = format_html(
        '<rect class="meter__track" width="100%" height="{}" rx="3"/>'
        '<rect class="seg seg--{}" x="{}%" width="{}%" height="{}" rx="3"/>',
        height,
        tone,
        f"{100 - share:.1f}",
        f"{share:.1f}",
        height,
    )
    return _svg("chart", title, height, body)


def timeline(marks: Sequence[tuple[int, str, str]], *, days: int, title: str) -> SafeString:
    """Put marks (day, tone, label) on a line of `days` days; close ones stand above."""
    ticks = format_html_join(
        "",
        '<line class="tick" x1="{0}%" x2="{0}%" y1="18" y2="22"/>',
        ((f"{1 + day * 98 / days:.2f}",) for day in range(0, days + 1, max(days // 6, 1))),
    )
    dots = []
    for index, (day, tone, label) in enumerate(marks):
        near = min(sum(1 for other, *_ in marks[:index] if abs(other - day) < 2), 1)  # noqa: PLR2004 -- two dots of 6 px touch
        dots.append((tone, f"{1 + day * 98 / days:.2f}", 20 - 13 * near, label))
    body = format_html(
        '<line class="axis" x1="1%" x2="99%" y1="20" y2="20"/>{}{}',
        ticks,
        format_html_join(
            "",
            '<circle class="dot seg--{}" cx="{}%" cy="{}" r="6"><title>{}</title></circle>',
            dots,
        ),
    )
    return _svg("chart timeline", title, 28, body)


def _svg(css: str, title: str, height: int, body: SafeString) -> SafeString:
    return format_html(
        '<svg class="{}" role="img" aria-label="{}" width="100%" height="{}">{}</svg>',
        css,
        title,
        height,
        body,
    )
