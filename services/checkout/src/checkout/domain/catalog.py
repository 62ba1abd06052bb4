"""What is on sale: courses, bundles of courses, and plans. Prices are in minor units, by currency."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Course:
    """A course as the catalog lists it. `version` grows with every change."""

    course_id: str
    title: str
    category: str | None
    description: str
    prices: Mapping[str, int]
    access_days: int | None
    active: bool
    version: int


@dataclass(frozen=True, slots=True)
class Bundle:
    """Several courses for one price. Each of its courses becomes one line of an order."""

    bundle_id: str
    title: str
    courses: tuple[Course, ...]
    prices: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Plan:
    """A subscription that opens courses for as long as it is paid."""

    plan_id: str
    title: str
    prices: Mapping[str, int]


Offer = Course | Bundle | Plan
