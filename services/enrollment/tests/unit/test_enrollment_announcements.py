"""The announcements follow their contracts."""

from enrollment_messages import DAY, at
from enrollment_stories import Story

from enrollment.announcements import duplicate_detected, enrollment_changed
from schemas.events import Cause, DuplicateDetected, EnrollmentChanged, Source, parse_event


def test_a_change_announces_the_full_state_as_in_the_contract():
    (access,) = Story().purchase("ord_1", ("python", 3000), days=30).decide(DAY).access
    sent = enrollment_changed("user_1", "python", access, 7, at(DAY), new_cause=True)
    assert parse_event(sent.type, sent.value) == EnrollmentChanged(
        user_id="user_1",
        course_id="python",
        access=True,
        state="active",
        source=Source(kind="order", id="ord_1"),
        since=at(60),
        until=at(60 + 30 * DAY),
        cause=Cause(event_id="evt_0005", type="checkout.session.completed"),
        version=7,
    )
    assert (sent.topic, sent.key) == ("enrollments", "user_1")


def test_a_course_without_a_grant_is_announced_with_the_state_none():
    sent = enrollment_changed("user_1", "python", None, 8, at(DAY), new_cause=True)
    announced = parse_event(sent.type, sent.value)
    assert isinstance(announced, EnrollmentChanged)
    assert (announced.access, announced.state) == (False, "none")
    assert (announced.source, announced.version) == (None, 8)


def test_the_id_depends_on_user_course_and_version_only():
    first = enrollment_changed("user_1", "python", None, 8, at(0), new_cause=True)
    again = enrollment_changed("user_1", "python", None, 8, at(DAY), new_cause=False)
    later = enrollment_changed("user_1", "python", None, 9, at(0), new_cause=True)
    assert first.id == again.id != later.id


def test_a_duplicate_has_one_id_per_version():
    story = Story().purchase("ord_1", ("python", 3000)).purchase("ord_2", ("python", 3000), t=DAY)
    (grant,) = [grant for grant in story.decide().grants if grant.duplicate_of]
    one, again, two = (duplicate_detected("user_1", grant, version, at(DAY)) for version in (1, 1, 2))
    assert one.id == again.id != two.id
    announced = parse_event(one.type, one.value)
    assert isinstance(announced, DuplicateDetected)
    assert (announced.order_id, announced.first_order_id, announced.course_id) == ("ord_2", "ord_1", "python")
