"""The inbox's pages, as strings: the list of mails, and one mail.

The HTML of a mail is untrusted. It has its own address with a policy that forbids scripts, and the page shows
it in an iframe whose sandbox forbids them as well.
"""

from html import escape

from devstack.inbox.store import Mail

PAGE_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; frame-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
MAIL_POLICY = (
    "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'self'"
)

_STYLE = """
:root { color-scheme: light dark; --line: #8884; --soft: #888; }
body { font: 15px/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 62rem; padding: 1.5rem; }
h1 { font-size: 1.3rem; margin: 0; }
header { display: flex; justify-content: space-between; align-items: center; }
table { border-collapse: collapse; width: 100%; margin-top: 1rem; }
td, th { text-align: left; padding: .45rem .6rem; border-bottom: 1px solid var(--line); vertical-align: top; }
th { color: var(--soft); font-weight: 500; } td.when { white-space: nowrap; color: var(--soft); }
td.to { overflow-wrap: anywhere; }
@media (max-width: 40rem) { th { display: none; } td { display: block; border: 0; padding: 0 0 .2rem; }
tr { display: block; padding: .7rem 0; border-bottom: 1px solid var(--line); } }
pre { white-space: pre-wrap; overflow-wrap: anywhere; border: 1px solid var(--line); padding: 1rem; }
iframe { width: 100%; height: max(34rem, 75vh); border: 1px solid var(--line); background: white; }
.empty { color: var(--soft); margin: 4rem 0; text-align: center; } details { margin-top: 1rem; }
button { font: inherit; padding: .3rem .9rem; }
"""


def _page(title: str, body: str, refresh: bool = False) -> str:
    every_five_seconds = '<meta http-equiv="refresh" content="5">' if refresh else ""
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8">{every_five_seconds}'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><title>{escape(title)}</title>'
        f"<style>{_STYLE}</style></head><body>{body}</body></html>"
    )


def list_page(mails: list[Mail], smtp_url: str) -> str:
    """Return the list of mails, newest first. The page reloads every five seconds."""
    if not mails:
        return _page(
            "Inbox",
            f"<h1>Inbox</h1><p class=empty>No mail yet. Mail to {escape(smtp_url)} appears here.</p>",
            refresh=True,
        )
    rows = "".join(
        f'<tr><td><a href="/messages/{mail.id}">{escape(mail.subject or "(no subject)")}</a></td>'
        f"<td class=to>{escape(', '.join(mail.recipients))}</td><td class=when>"
        f"<time>{mail.received_at:%Y-%m-%d %H:%M:%S} UTC</time></td></tr>"
        for mail in mails
    )
    delete = '<form method="post" action="/delete"><button>Delete all</button></form>'
    return _page(
        f"Inbox ({len(mails)})",
        f"<header><h1>Inbox ({len(mails)})</h1>{delete}</header><p>Mail sent to {escape(smtp_url)}.</p>"
        f"<table><tr><th>Subject</th><th>To</th><th>Received</th></tr>{rows}</table>",
        refresh=True,
    )


def mail_page(mail: Mail) -> str:
    """Return the page of one mail: HTML, text, headers."""
    headers = "\n".join(f"{name}: {value}" for name, value in mail.message.items())
    text, has_html = mail.body("plain"), mail.body("html") is not None
    frame = f'<iframe sandbox title="The mail" src="/messages/{mail.id}/html"></iframe>' if has_html else ""
    shown = "" if has_html else " open"
    parts = [
        f"<p><a href='/'>← Inbox</a></p><h1>{escape(mail.subject or '(no subject)')}</h1>",
        f"<p>To {escape(', '.join(mail.recipients))} · from {escape(mail.sender)} · ",
        f"{mail.received_at:%Y-%m-%d %H:%M:%S} UTC · <a href='/messages/{mail.id}/raw'>source</a></p>{frame}",
    ]
    if text is not None:
        parts.append(f"<details{shown}><summary>Text</summary><pre>{escape(text)}</pre></details>")
    parts.append(f"<details><summary>Headers</summary><pre>{escape(headers)}</pre></details>")
    return _page(mail.subject or "(no subject)", "".join(parts))
