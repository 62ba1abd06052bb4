"""Settings that reporting reads from the environment."""

from __future__ import annotations

from pydantic import Field

from servicekit.settings import DatabaseSettings, ServiceSettings


class Settings(ServiceSettings, DatabaseSettings):
    """HOST, PORT (8005), LOG_*, CORS_ORIGINS, DATABASE_URL. The roles that need Kafka or JWT settings read
    these themselves."""

    port: int = Field(default=8005, ge=0, le=65535)
