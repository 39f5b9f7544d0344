"""The store of uploaded files, by generated names; a thin door to obstore."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import obstore
from obstore.store import LocalStore, ObjectStore, from_url

CHUNK_BYTES = 1 << 20


class FileStore:
    """Streams files in and out."""

    def __init__(self, url: str | None, folder: Path) -> None:
        """In the store of that address, or in a folder that is made if absent."""
        self._store: ObjectStore = from_url(url) if url else LocalStore(prefix=folder, mkdir=True)

    async def put(self, key: str, chunks: AsyncIterator[bytes]) -> None:
        """Store a file under a new name."""
        await obstore.put_async(self._store, key, chunks)

    async def chunks(self, key: str) -> AsyncIterator[bytes]:
        """The file, a megabyte at a time. Raises `FileNotFoundError`."""
        async for chunk in await self.opened(key):
            yield chunk

    async def opened(self, key: str) -> AsyncIterator[bytes]:
        """The same, found before the first of it is asked for. Raises `FileNotFoundError`."""
        found = await obstore.get_async(self._store, key)
        return _bytes(found)

    async def lines(self, key: str) -> AsyncIterator[bytes]:
        """The file, a line at a time; of one of over a megabyte the beginning."""
        rest = b""
        async for chunk in self.chunks(key):
            *lines, rest = (rest + chunk).split(b"\n")
            for line in lines:
                yield line
            rest = rest[:CHUNK_BYTES]
        if rest:
            yield rest

    async def delete(self, key: str) -> None:
        """Remove a file, if it is there."""
        with suppress(FileNotFoundError):
            await obstore.delete_async(self._store, key)


async def _bytes(found: obstore.GetResult) -> AsyncIterator[bytes]:
    async for chunk in found.stream(min_chunk_size=CHUNK_BYTES):
        yield bytes(chunk)
