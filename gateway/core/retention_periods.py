"""When a period of years ends. A year from 29 February ends on 1 March where there is no such day."""

from datetime import date, datetime


def cutoff(now: datetime, years: int | None) -> datetime:
    """Whatever was made before this is older than so many years; 0 for None."""
    return _move(now, -(years or 0), back=True)


def due_at(made: datetime, years: int | None) -> datetime:
    """When something made then is so many years old."""
    return _move(made, years or 0, back=False)


def birthday(born: date, years: int) -> date:
    """The day on which somebody is so many years old."""
    try:
        return born.replace(year=born.year + years)
    except ValueError:
        return date(born.year + years, 3, 1)


def _move(moment: datetime, years: int, *, back: bool) -> datetime:
    try:
        return moment.replace(year=moment.year + years)
    except ValueError:  # 29 February
        month, day = (2, 28) if back else (3, 1)
        return moment.replace(year=moment.year + years, month=month, day=day)
