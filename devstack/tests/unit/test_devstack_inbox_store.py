"""The inbox drops the oldest mails when a limit is exceeded."""

from email.message import EmailMessage

from devstack.inbox.store import Mails


def _mail(subject: str, body: str = "hello") -> bytes:
    message = EmailMessage()
    message["Subject"] = subject
    message.set_content(body)
    return message.as_bytes()


def test_the_oldest_mails_are_dropped_when_there_are_too_many() -> None:
    mails = Mails(max_messages=2)
    for subject in ("one", "two", "three"):
        mails.add("a@example.com", ("b@example.com",), _mail(subject))
    assert [mail.subject for mail in mails.newest_first()] == ["three", "two"]
    assert mails.get(1) is None


def test_the_oldest_mails_are_dropped_by_size_but_never_the_newest() -> None:
    mails = Mails(max_bytes=1000)
    mails.add("a@example.com", ("b@example.com",), _mail("small"))
    mails.add("a@example.com", ("b@example.com",), _mail("large", "x" * 5000))
    assert [mail.subject for mail in mails.newest_first()] == ["large"]


def test_addresses_are_case_insensitive() -> None:
    mails = Mails()
    mails.add("a@example.com", ("Asha@Example.com", "ops@example.com"), _mail("one"))
    assert [mail.subject for mail in mails.newest_first("asha@example.com")] == ["one"]
    assert mails.newest_first("ash@example.com") == []


def test_encoded_subjects_and_unknown_charsets_are_readable() -> None:
    raw = b"Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\nContent-Type: text/plain; charset=nonsense\r\n\r\nplain"
    mail = Mails().add("a@example.com", ("b@example.com",), raw)
    assert mail.subject == "Grüße"
    assert (mail.body("plain") or "").strip() == "plain"
    assert mail.body("html") is None
