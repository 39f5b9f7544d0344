"""The embedded PostgreSQL with real servers and real processes. Starts at `Sharer`."""

import asyncio
import contextlib
import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from app.core import embedded_postgres
from app.core.embedded_postgres import Cluster, EmbeddedPostgresError, attach

SERVICE_ROOT = Path(__file__).parents[2]
TIMEOUT_SECONDS = 30.0

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="PostgreSQL refuses root only")


class Sharer:
    """Another process with a share of the server; it detaches when told to."""

    SCRIPT = """
import sys
from pathlib import Path
from app.core.embedded_postgres import attach
cluster = attach(Path(sys.argv[1]))
print(cluster.socket_directory, flush=True)
sys.stdin.readline()
cluster.detach()
"""

    def __init__(self, home: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", self.SCRIPT, str(home)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=SERVICE_ROOT,
            text=True,
        )

    def socket_directory(self) -> Path:
        assert self.process.stdout is not None
        answer = self.process.stdout.readline().strip()
        assert answer, "the process did not attach"
        return Path(answer)

    def detach(self) -> None:
        self.process.communicate("\n", timeout=TIMEOUT_SECONDS)
        assert self.process.returncode == 0

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate()


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path / "home"
    _end_server(tmp_path / "home")


@pytest.fixture
def share(home: Path) -> Iterator[Callable[[], Sharer]]:
    sharers: list[Sharer] = []

    def start() -> Sharer:
        sharers.append(Sharer(home))
        return sharers[-1]

    yield start
    for sharer in sharers:
        sharer.kill()


@contextlib.contextmanager
def attached(home: Path) -> Iterator[Cluster]:
    cluster = attach(home)
    try:
        yield cluster
    finally:
        cluster.detach()


def server_pids(home: Path) -> list[int]:
    """Every living postmaster over this home's data, whatever its pid file says."""
    listing = subprocess.check_output(["ps", "-eww", "-o", "pid=,ppid=,args="], text=True)
    option = f"-D {home.resolve()}/postgres/data "
    found = [line.split(maxsplit=2) for line in listing.splitlines() if option in line]
    parents = {int(pid): int(parent) for pid, parent, _ in found}
    # A fresh child of the server has the server's command line for a moment.
    return [pid for pid, parent in parents.items() if parent not in parents]


def _end_server(home: Path) -> None:
    for pid in server_pids(home):
        os.kill(pid, signal.SIGQUIT)
    assert eventually(lambda: not server_pids(home))


def eventually(is_so: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + TIMEOUT_SECONDS
    while not is_so() and time.monotonic() < deadline:
        time.sleep(0.02)
    return is_so()


async def run_sql(cluster: Cluster, *statements: str) -> list[object]:
    """Runs the statements in one transaction; the rows' first column of the last one."""
    engine = create_async_engine(cluster.url(user=cluster.superuser, database="postgres"))
    try:
        async with engine.begin() as connection:
            for statement in statements:
                result = await connection.execute(text(statement))
            return [row[0] for row in result] if result.returns_rows else []
    finally:
        await engine.dispose()


async def test_a_second_start_finds_the_rows_of_the_first(home: Path) -> None:
    with attached(home) as cluster:
        await run_sql(cluster, "CREATE TABLE t (n int)", "INSERT INTO t VALUES (1), (2)")
    assert server_pids(home) == []

    with attached(home) as cluster:
        assert await run_sql(cluster, "SELECT n FROM t ORDER BY n") == [1, 2]


async def test_the_server_is_durable_and_reached_by_its_private_socket_only(home: Path) -> None:
    with attached(home) as cluster:
        shown = [
            (await run_sql(cluster, f"SHOW {name}"))[0]
            for name in ("fsync", "listen_addresses", "max_connections", "data_checksums")
        ]
        assert shown == ["on", "", "200", "on"]
        assert await run_sql(cluster, "SELECT lower('ŻÓŁĆ')") == ["żółć"]
        assert stat.S_IMODE(cluster.socket_directory.stat().st_mode) == 0o700
        assert stat.S_IMODE((cluster.socket_directory / ".s.PGSQL.5432").stat().st_mode) == 0o700


def test_the_environment_of_the_service_does_not_reach_the_server(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGPORT", "6000")
    monkeypatch.setenv("PSTN_TEST_SECRET", "open sesame")
    with attached(home) as cluster:
        assert (cluster.socket_directory / ".s.PGSQL.5432").exists()
        [server] = server_pids(home)
        assert "sesame" not in subprocess.check_output(["ps", "eww", str(server)], text=True)


def test_the_second_share_of_one_process_keeps_the_server(home: Path) -> None:
    first, second = attach(home), attach(home)
    first.detach()
    first.detach()
    assert len(server_pids(home)) == 1
    second.detach()
    assert server_pids(home) == []


def test_of_two_processes_the_last_one_out_stops_the_server(
    home: Path, share: Callable[[], Sharer]
) -> None:
    other = share()
    other.socket_directory()
    servers = server_pids(home)

    with attached(home):
        assert server_pids(home) == servers
        other.detach()
        assert server_pids(home) == servers
    assert server_pids(home) == []


def test_a_child_process_holds_no_share(home: Path) -> None:
    cluster = attach(home)
    child = subprocess.Popen(["sleep", "60"], close_fds=False)
    try:
        cluster.detach()
        assert server_pids(home) == []
        with attached(home):
            pass
        assert server_pids(home) == []
    finally:
        child.kill()
        child.wait()


def test_a_fork_does_not_give_its_parents_share_away(home: Path) -> None:
    with attached(home) as cluster:
        child = os.fork()
        if child == 0:
            cluster.detach()
            os._exit(0)
        os.waitpid(child, 0)
        with attached(home):
            pass
        assert len(server_pids(home)) == 1
    assert server_pids(home) == []


async def test_the_server_of_a_killed_process_is_adopted_and_stopped(
    home: Path, share: Callable[[], Sharer]
) -> None:
    killed = share()
    killed.socket_directory()
    servers = server_pids(home)
    killed.kill()
    assert server_pids(home) == servers

    with attached(home) as cluster:
        assert server_pids(home) == servers
        assert await run_sql(cluster, "SELECT 1") == [1]
    assert server_pids(home) == []


async def test_a_killed_server_starts_again_with_every_committed_row(
    home: Path, share: Callable[[], Sharer]
) -> None:
    other = share()  # its child the server stays a zombie: the pid still exists
    other.socket_directory()
    with attached(home) as cluster:
        await run_sql(cluster, "CREATE TABLE t AS SELECT n FROM generate_series(1, 1000) n")
        [killed] = server_pids(home)
        os.kill(killed, signal.SIGKILL)

        with attached(home) as again:
            assert await run_sql(again, "SELECT count(*) FROM t") == [1000]
            [server] = server_pids(home)
            assert server != killed
        assert server_pids(home) == [server]
    other.detach()
    assert server_pids(home) == []


def test_a_reused_pid_is_neither_taken_for_the_server_nor_signalled(
    home: Path, share: Callable[[], Sharer]
) -> None:
    crashed = share()
    directory = crashed.socket_directory()
    crashed.kill()
    os.kill(server_pids(home)[0], signal.SIGKILL)
    assert eventually(lambda: not server_pids(home))
    innocent = subprocess.Popen(["sleep", "60"])
    try:
        for name in (home / "postgres/data/postmaster.pid", directory / ".s.PGSQL.5432.lock"):
            lines = name.read_text().splitlines(keepends=True)
            name.write_text("".join([f"{innocent.pid}\n", *lines[1:]]))

        with attached(home):
            assert len(server_pids(home)) == 1
        assert server_pids(home) == []
        assert innocent.poll() is None
    finally:
        innocent.kill()
        innocent.wait()


def test_five_processes_at_once_get_one_server(home: Path, share: Callable[[], Sharer]) -> None:
    sharers = [share() for _ in range(5)]
    assert len({sharer.socket_directory() for sharer in sharers}) == 1
    assert len(server_pids(home)) == 1
    for sharer in sharers:
        assert len(server_pids(home)) == 1
        sharer.detach()
    assert server_pids(home) == []


def test_processes_that_come_and_go_always_find_a_server(
    home: Path, share: Callable[[], Sharer]
) -> None:
    for _ in range(3):
        sharers = [share() for _ in range(4)]
        for sharer in sharers:
            sharer.socket_directory()
            sharer.detach()
    assert server_pids(home) == []


async def test_two_homes_have_a_server_each(home: Path, tmp_path: Path) -> None:
    with attached(home) as first, attached(tmp_path / "home2") as second:
        await run_sql(first, "CREATE TABLE t (n int)")
        await run_sql(second, "CREATE TABLE t (n int)")
        assert first.socket_directory != second.socket_directory
    assert server_pids(home) == server_pids(tmp_path / "home2") == []


@pytest.mark.parametrize(
    ("name", "has_socket"),
    [('with "space" %40@?&', True), ("long-" * 20, False), ("with,comma", False)],
)
async def test_any_folder_can_be_home(name: str, has_socket: bool) -> None:
    with tempfile.TemporaryDirectory() as short:
        home = Path(short, name)
        with attached(home) as cluster:
            assert await run_sql(cluster, "SELECT 1") == [1]
            assert len(os.fsencode(cluster.socket_directory / ".s.PGSQL.5432")) <= 103
            assert cluster.socket_directory.is_relative_to(home) == has_socket
        assert server_pids(home) == []
        assert not cluster.socket_directory.exists()


def test_a_server_started_under_another_tmpdir_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / ("long-" * 20)
    with attached(home) as cluster:
        other = Path(tempfile.mkdtemp())
        monkeypatch.setattr(tempfile, "tempdir", str(other))
        with attached(home) as found:
            assert found.socket_directory == cluster.socket_directory
        monkeypatch.undo()
        other.rmdir()


@pytest.mark.parametrize("trap", ["link", "open"])
def test_a_socket_folder_that_is_not_ours_alone_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, trap: str
) -> None:
    home = tmp_path / ("long-" * 20)
    temporary = Path(tempfile.mkdtemp())
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    try:
        with attached(home) as cluster:
            directory = cluster.socket_directory
        assert directory.parent == temporary
        if trap == "link":
            (temporary / "elsewhere").mkdir(mode=0o700)
            directory.symlink_to(temporary / "elsewhere")
        else:
            directory.mkdir()
            directory.chmod(0o755)
        with pytest.raises(EmbeddedPostgresError, match="not a private folder"):
            attach(home)
        assert server_pids(home) == []
    finally:
        shutil.rmtree(temporary)


async def test_parents_closed_to_others_stay_closed(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    home = closed / "inner" / "home"
    home.parent.mkdir(mode=0o700)
    with attached(home) as cluster:
        assert await run_sql(cluster, "SELECT 1") == [1]
    assert [stat.S_IMODE(path.stat().st_mode) for path in (closed, home.parent)] == [0o700, 0o700]


def test_data_of_another_major_version_is_refused(home: Path) -> None:
    with attached(home):
        pass
    (home / "postgres/data/PG_VERSION").write_text("99\n")
    with pytest.raises(EmbeddedPostgresError, match=r"no PostgreSQL 99 .*PSTN_PG_BIN"):
        attach(home)


def test_a_folder_that_is_no_data_directory_is_left_alone(home: Path) -> None:
    (home / "postgres/data").mkdir(parents=True)
    (home / "postgres/data/precious").touch()
    with pytest.raises(EmbeddedPostgresError, match="no PostgreSQL data directory"):
        attach(home)
    assert (home / "postgres/data/precious").exists()


def test_a_server_that_cannot_start_says_why_at_once(home: Path) -> None:
    with attached(home):
        pass
    (home / "postgres/data/postgresql.conf").write_text("nonsense = on\n")
    started = time.monotonic()
    with pytest.raises(EmbeddedPostgresError, match='parameter "nonsense"'):
        attach(home)
    assert time.monotonic() - started < 5


def test_a_half_made_data_directory_is_replaced(home: Path) -> None:
    half_done = home / "postgres" / "initdb-killed"
    half_done.mkdir(parents=True)
    (half_done / "PG_VERSION").write_text("18\n")
    with attached(home):
        assert not half_done.exists()


def test_a_wrong_binaries_folder_is_an_error(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PSTN_PG_BIN", "/nonexistent")
    with pytest.raises(EmbeddedPostgresError, match="PSTN_PG_BIN=/nonexistent"):
        attach(home)


def test_missing_binaries_are_an_error(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PSTN_PG_BIN", raising=False)
    monkeypatch.setattr(sys, "path", [])
    monkeypatch.setenv("PATH", str(_only_unshare(home)))
    monkeypatch.setattr(embedded_postgres, "_SYSTEM_BINARIES", Path("/nonexistent"))
    with pytest.raises(EmbeddedPostgresError, match=r"found: none.*DATABASE_URL"):
        attach(home)


@pytest.mark.skipif(
    not list(Path("/usr/lib/postgresql").glob("15/bin/initdb")), reason="needs another major"
)
async def test_the_binaries_follow_the_data_not_the_order(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PSTN_PG_BIN", "/usr/lib/postgresql/15/bin")
    with attached(home) as cluster:
        assert await run_sql(cluster, "SELECT lower('ŻÓŁĆ')") == ["żółć"]
    monkeypatch.delenv("PSTN_PG_BIN")
    with attached(home) as cluster:
        [version] = await run_sql(cluster, "SHOW server_version_num")
    assert str(version).startswith("15")


@needs_root
def test_root_without_user_namespaces_runs_the_server_as_another_user(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    open_home = Path(tempfile.mkdtemp())
    open_home.chmod(0o755)
    try:
        with monkeypatch.context() as without_unshare:
            without_unshare.setenv("PATH", "/nonexistent")
            with attached(open_home):
                pass
        owner = (open_home / "postgres" / "data").stat().st_uid
        assert owner != 0
        with attached(open_home):
            [server] = server_pids(open_home)
            assert Path(f"/proc/{server}").stat().st_uid == owner
            os.kill(server, signal.SIGKILL)
            with attached(open_home) as cluster:
                assert asyncio.run(run_sql(cluster, "SELECT 1")) == [1]
        assert server_pids(open_home) == []
    finally:
        _end_server(open_home)
        shutil.rmtree(open_home)


@needs_root
def test_root_with_neither_way_open_is_told_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tmp_path.chmod(0o700)
    monkeypatch.setenv("PATH", "/nonexistent")
    with pytest.raises(EmbeddedPostgresError, match=r"ordinary user.*PSTN_HOME.*DATABASE_URL"):
        attach(tmp_path / "home")


def _only_unshare(home: Path) -> Path:
    folder = home.parent / "bin"
    folder.mkdir()
    if unshare := shutil.which("unshare"):
        (folder / "unshare").symlink_to(unshare)
    if true := shutil.which("true"):
        (folder / "true").symlink_to(true)
    return folder
