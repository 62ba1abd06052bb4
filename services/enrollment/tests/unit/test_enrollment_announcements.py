"""What the neighbours are told keeps the contract."""

from enrollment_stories import DAY, Story, at

from enrollment.announcements import duplicate_detected, enrollment_changed
from schemas.events import Cause, DuplicateDetected, EnrollmentChanged, Source, parse_event


def test_a_change_is_the_whole_state_as_the_contract_has_it():
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


def test_a_course_that_no_grant_is_about_any_more_is_told_too():
    sent = enrollment_changed("user_1", "python", None, 8, at(DAY), new_cause=True)
    told = parse_event(sent.type, sent.value)
    assert isinstance(told, EnrollmentChanged)
    assert (told.access, told.state, told.source, told.version) == (False, "none", None, 8)


def test_ids_depend_on_what_is_said_and_on_nothing_else():
    first = enrollment_changed("user_1", "python", None, 8, at(0), new_cause=True)
    again = enrollment_changed("user_1", "python", None, 8, at(DAY), new_cause=False)
    later = enrollment_changed("user_1", "python", None, 9, at(0), new_cause=True)
    assert first.id == again.id != later.id


def test_a_duplicate_has_one_id_a_version():
    story = Story().purchase("ord_1", ("python", 3000)).purchase("ord_2", ("python", 3000), t=DAY)
    (grant,) = [grant for grant in story.decide().grants if grant.duplicate_of]
    one, again, two = (duplicate_detected("user_1", grant, version, at(DAY)) for version in (1, 1, 2))
    assert one.id == again.id != two.id
    told = parse_event(one.type, one.value)
    assert isinstance(told, DuplicateDetected)
    assert (told.order_id, told.first_order_id, told.course_id) == ("ord_2", "ord_1", "python")
