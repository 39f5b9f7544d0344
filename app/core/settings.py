"""The settings, read from the environment: `PSTN_…`, and `DATABASE_URL`."""

import base64
import os
import secrets
from contextlib import suppress
from email.utils import parseaddr
from functools import lru_cache
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from app.core.sealing import KeyRing

ENCRYPTION_KEY_BYTES = 32


class Settings(BaseSettings):
    """Every setting with its default; a process reads them once, at its start."""

    model_config = SettingsConfigDict(
        env_prefix="PSTN_",
        extra="ignore",
        populate_by_name=True,
        hide_input_in_errors=True,  # addresses may hold passwords
        use_attribute_docstrings=True,
    )

    home: Path = Path(".data")
    """The folder of everything that is kept: database, files, mail, keys, `demo.json`."""
    host: str = "127.0.0.1"
    """The address to listen on."""
    port: int = Field(8000, validation_alias="PORT", ge=1, le=65535)
    """The port to listen on."""
    database_url: str | None = Field(None, validation_alias="DATABASE_URL")
    """A PostgreSQL, 15 or later, and the login of the service there; with none, one is started in
    the home."""
    migration_database_url: str | None = None
    """The owner's login, for migrations; with none, `DATABASE_URL` must own its database."""
    database_pool_size: int = Field(20, ge=1)
    """The most connections to the database that each process keeps open."""
    api_processes: int = Field(1, ge=1)
    """Processes that answer requests."""
    worker_processes: int = Field(1, ge=1)
    """Processes that do jobs: orders at the carrier, mail, webhooks, timers."""
    block_sizes: tuple[int, ...] = (10, 50, 100)
    """The sizes of blocks of consecutive numbers; as JSON: `[10, 50, 100]`."""
    simulator: bool = True
    """A simulated carrier on a clock that can be advanced, in the place of a real carrier."""
    simulator_latency_seconds: float = Field(0, ge=0, le=60)
    """How long the simulated carrier takes for an answer, after it did what it was asked."""
    demo: bool = True
    """Demo organisations and stock are made at the first start."""
    rate_limit_per_minute: int = Field(3000, ge=1)
    """Requests a minute, for each credential and API process."""
    event_stream_seconds: int = Field(900, ge=1, le=3600)
    """How long a stream of events lasts; then its reader opens another one, and goes on."""
    event_ping_seconds: float = Field(10, gt=0, le=15)
    """How often a silent stream of events gives a sign of life, and its caller's rights are looked
    at again."""
    storage_url: str | None = None
    """Where uploads go (`file:///…`, `s3://bucket/prefix`); with none, a folder of the home."""
    mail_url: str | None = None
    """The mail server: `smtp://user:password@host:587`, or `smtps://…`; with none, mail is written
    as files in the home's folder `mail`."""
    mail_from: str = "Cisco PSTN <pstn@localhost>"
    """Who sends the mail: an address, or `Name <address>`."""
    webhook_allow_loopback: bool = False
    """For development: webhooks may call `http` and any port, on this machine's loopback alone."""
    webhook_timeout_seconds: float = Field(15, gt=0, le=30)
    """How long an attempt to deliver a webhook may take as a whole."""
    public_url: str | None = None
    """The service's address as its users write it; with none, taken from each request."""
    secret_key: str | None = None
    """Keys the fingerprints of requests; with none, made once and kept in the home."""
    encryption_keys: dict[str, str] = Field(default_factory=dict)
    """Keys of secrets at rest by id, 32 bytes each in base64, as JSON: the first encrypts, all of
    them decrypt, so a new key is put in front. With none, one is made and kept in the home."""
    oidc_issuer: str | None = None
    """The OpenID Connect issuer whose JWTs are taken beside our own tokens."""
    oidc_audience: str | None = None
    """The audience that such a JWT has to name."""
    oidc_jwks_url: str | None = None
    """Where the keys of the issuer are; a JWT is taken once issuer, audience and this are set."""
    log_level: str = "INFO"
    """The least severe lines that are logged: `DEBUG`, `INFO`, `WARNING`, `ERROR`."""
    max_body_bytes: int = 1024 * 1024
    """The largest body of a request without a file."""
    max_upload_bytes: int = 64 * 1024 * 1024
    """The largest body of a request with a file."""

    @field_validator("database_url", "migration_database_url")
    @classmethod
    def _name_the_driver(cls, url: str | None) -> str | None:
        if not url:
            return None
        for scheme in ("postgresql://", "postgres://"):
            if url.startswith(scheme):
                return "postgresql+asyncpg://" + url.removeprefix(scheme)
        if not url.startswith("postgresql+asyncpg://"):
            raise ValueError("a database address starts with postgresql+asyncpg://")
        return url

    @field_validator("mail_url")
    @classmethod
    def _name_the_mail_server(cls, url: str | None) -> str | None:
        if not url:
            return None
        parts = urlsplit(url)
        if parts.scheme not in ("smtp", "smtps") or not parts.hostname:
            raise ValueError("a mail server's address is like smtp://user:password@host:587")
        if bool(parts.username) != bool(parts.password):
            raise ValueError("a login at the mail server takes user and password, or neither")
        return url

    @field_validator("mail_from")
    @classmethod
    def _name_the_sender(cls, sender: str) -> str:
        local, _, domain = parseaddr(sender)[1].rpartition("@")
        if not (local and domain and sender.isascii() and sender.isprintable()):
            raise ValueError("a sender is like Cisco PSTN <pstn@example.com>, in ASCII")
        return sender

    @field_validator("home")
    @classmethod
    def _whole_path(cls, home: Path) -> Path:
        return home.expanduser().absolute()

    def prepared_home(self) -> Path:
        """The home folder, made if absent, closed to others."""
        self.home.mkdir(mode=0o700, parents=True, exist_ok=True)
        return self.home

    @field_validator("encryption_keys")
    @classmethod
    def _check_keys(cls, keys: dict[str, str]) -> dict[str, str]:
        for key_id, key in keys.items():
            is_short = 1 <= len(key_id.encode()) <= 255
            if not is_short or len(base64.b64decode(key, validate=True)) != ENCRYPTION_KEY_BYTES:
                raise ValueError("an encryption key has an id, and 32 bytes in base64")
        return keys

    def secret(self) -> bytes:
        """The key of HMAC fingerprints."""
        if self.secret_key:
            return self.secret_key.encode()
        return self._kept_key("secret.key")

    def key_ring(self) -> KeyRing:
        """The keys of secrets at rest."""
        if self.encryption_keys:
            return KeyRing({i: base64.b64decode(key) for i, key in self.encryption_keys.items()})
        return KeyRing({"home": self._kept_key("encryption.key")})

    def _kept_key(self, name: str) -> bytes:
        path = self.prepared_home() / name
        if not path.exists():
            # Linked into place whole: of two processes that start at once, one key wins.
            draft = path.with_suffix(f".{os.getpid()}")
            draft.touch(mode=0o600)
            draft.write_bytes(secrets.token_bytes(32))
            with suppress(FileExistsError):
                os.link(draft, path)
            draft.unlink()
        return path.read_bytes()


@lru_cache
def get_settings() -> Settings:
    """The settings of this process."""
    return Settings()
