"""The room board: the rooms of a campus on a day or in a week, with set-up and take-down drawn."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from flask import Blueprint, render_template, request, url_for
from sqlalchemy import exists, select

from eventsvc.core import clock
from eventsvc.core.db import db
from eventsvc.core.times import Span, days_span, local_day
from eventsvc.domain.directory import lookup as directory
from eventsvc.domain.directory.models import Campus, Room
from eventsvc.interfaces import requests
from eventsvc.interfaces.web import board_rows, words
from eventsvc.interfaces.web.away_now import away_now
from eventsvc.interfaces.web.board_axis import Axis, axis_of, hours_shown
from eventsvc.interfaces.web.board_rows import Planning
from eventsvc.interfaces.web.board_words import Words, legend_of
from eventsvc.interfaces.web.days import A_WEEK, day_named, first_of_week
from eventsvc.interfaces.web.frame import is_planner
from eventsvc.interfaces.web.private_calendars_page import page_for
from eventsvc.workflows import show_board
from eventsvc.workflows.show_board import RoomBoard

A_DAY = timedelta(days=1)


def add_routes(blueprint: Blueprint) -> None:
    """Add the board."""
    blueprint.add_url_rule("/board", view_func=board)


def board() -> str:
    """`?campus=` with `&day=` or `&week=`, today without either; refuses NotFound for a campus nobody knows."""
    campuses = _campuses_with_rooms()
    slug = request.args.get("campus", "")
    if not slug and len(campuses) != 1:
        return render_template("board/choose.html", campuses=campuses)
    campus = directory.get(Campus, slug) if slug else campuses[0]
    today = local_day(clock.now(), campus.zone)
    shared = {"campus": campus, "campuses": campuses, "today": today, "zone": words.zone_name(campus.zone)}
    if is_planner():
        shared["away"] = away_now()
    if "week" in request.args:
        return _week(campus, day_named(request.args["week"]), shared)
    return _day(campus, day_named(request.args.get("day") or today.isoformat()), shared)


def _campuses_with_rooms() -> list[Campus]:
    has_rooms = exists().where(Room.campus_id == Campus.id, Room.retired_on.is_(None))
    return list(db.session.scalars(select(Campus).where(Campus.retired_on.is_(None), has_rooms).order_by(Campus.name)))


def _day(campus: Campus, day: date, shared: dict[str, Any]) -> str:
    window = days_span(day, 1, campus.zone)
    shown, said, planning = _looked_at(campus, window)
    first, last = _hours_of(shown)
    axis = axis_of(window, first, last, campus.zone)
    rows = [(row, list(board_rows.day_cells(row, window, axis, said, planning))) for row in shown.rows]
    return render_template(
        "board/day.html",
        day=day,
        rows=rows,
        axis=axis,
        legend=legend_of({cell.part for _, cells in rows for cell in cells}),
        calendars=_calendars(shown),
        earlier=_to(campus, day=day - A_DAY),
        later=_to(campus, day=day + A_DAY),
        **shared,
    )


def _week(campus: Campus, day: date, shared: dict[str, Any]) -> str:
    first_day = first_of_week(day)
    days = [first_day + timedelta(days=number) for number in range(7)]
    shown, said, planning = _looked_at(campus, days_span(first_day, 7, campus.zone))
    windows = [days_span(one, 1, campus.zone) for one in days]
    axes = _axes(shown, windows)
    rows = [(row, list(board_rows.week_cells(row, axes, said, planning))) for row in shown.rows]
    return render_template(
        "board/week.html",
        day=day,
        days=days,
        rows=rows,
        legend=legend_of({one.part for _, cells in rows for cell in cells for one in cell.strip}),
        calendars=_calendars(shown),
        earlier=_to(campus, week=first_day - A_WEEK),
        later=_to(campus, week=first_day + A_WEEK),
        **shared,
    )


def _calendars(shown: RoomBoard) -> list[tuple[str, str]]:
    """Name and page of the private calendars of each room that somebody may have one of."""
    actor = requests.actor()
    return [(row.room.name, page) for row in shown.rows if (page := page_for(row.room, actor))]


def _axes(shown: RoomBoard, windows: list[Span]) -> list[tuple[Span, Axis]]:
    first, last = _hours_of(shown)
    return [(window, axis_of(window, first, last, shown.campus.zone)) for window in windows]


def _hours_of(shown: RoomBoard) -> tuple[int, int]:
    booked = (one for row in shown.rows for one in row.stretches)
    return hours_shown(booked, shown.window, shown.campus.zone)


def _looked_at(campus: Campus, window: Span) -> tuple[RoomBoard, Words, Planning]:
    now = clock.now()
    shown = show_board.of_campus(campus, window, actor=requests.actor(), now=now)
    said = Words(campus.zone, shown.holders, for_planner=is_planner())
    return shown, said, Planning(shown, now, may_plan=is_planner())


def _to(campus: Campus, *, day: date | None = None, week: date | None = None) -> str:
    return url_for("pages.board", campus=campus.slug, day=day, week=week)
