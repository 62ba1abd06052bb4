"""The SMTP server. It accepts mail for any address, up to a maximum size."""

import asyncio

from aiosmtpd.smtp import SMTP, Envelope, Session

from devstack.inbox.store import Mails

MAX_MAIL_BYTES = 10 * 1024 * 1024


class _Catch:
    def __init__(self, mails: Mails) -> None:
        self._mails = mails

    async def handle_DATA(  # noqa: N802 - the name that aiosmtpd calls
        self, _server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        content = envelope.content or b""
        raw = content if isinstance(content, bytes) else content.encode("utf-8", "surrogateescape")
        mail = self._mails.add(envelope.mail_from or "", tuple(envelope.rcpt_tos), raw)
        return f"250 caught as {mail.id}"


async def listen(mails: Mails, host: str, port: int) -> asyncio.Server:
    """Start an SMTP server on the running event loop."""

    def protocol() -> SMTP:
        return SMTP(
            _Catch(mails),
            data_size_limit=MAX_MAIL_BYTES,
            enable_SMTPUTF8=True,
            hostname="inbox",
            ident="inbox",
        )

    return await asyncio.get_running_loop().create_server(protocol, host, port)
