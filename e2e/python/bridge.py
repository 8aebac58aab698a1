"""A bridge for clients that know no TCP: it looks like UDP to them and speaks frames (RFC 4571) with the server.

Each address that sends to it gets a TCP connection of its own.
"""

import asyncio
import re

# a=candidate:FOUNDATION COMPONENT TRANSPORT PRIORITY ADDRESS PORT typ host …
CANDIDATE = re.compile(r"a=candidate:(\S+) (\d+) (\w+) (\d+) (\S+) (\d+) typ host\S*(.*)\r\n")


def candidates(answer):
    """Transport, address and port of each candidate, in the order of the answer."""
    found = [(one[2].lower(), one[4], int(one[5])) for one in CANDIDATE.findall(answer)]
    return list(dict.fromkeys(found))


def with_only(answer, address, port):
    """The answer with that UDP candidate and no other."""
    line = f"a=candidate:1 1 udp 2130706431 {address} {port} typ host\r\n"
    head, *sections = re.split(r"(?=^m=)", CANDIDATE.sub("", answer), flags=re.MULTILINE)
    return head + "".join(section + line for section in sections)


class Bridge(asyncio.DatagramProtocol):
    """The bridge to one address of the server."""

    def __init__(self, server):
        self.server = server
        self.lines = {}
        self.tasks = set()
        self.transport = None

    @classmethod
    async def open(cls, server):
        """A bridge that is open."""
        loop = asyncio.get_running_loop()
        _, bridge = await loop.create_datagram_endpoint(lambda: cls(server), local_addr=("127.0.0.1", 0))
        return bridge

    @property
    def address(self):
        """Where clients send to."""
        return self.transport.get_extra_info("sockname")

    def connection_made(self, transport):
        self.transport = transport

    def datagram_received(self, data, client):
        if client not in self.lines:
            self.lines[client] = asyncio.Queue()
            task = asyncio.get_running_loop().create_task(self._carry(client))
            self.tasks.add(task)
            task.add_done_callback(self.tasks.discard)
        self.lines[client].put_nowait(data)

    async def _carry(self, client):
        reader, writer = await asyncio.open_connection(*self.server)

        async def go():
            while True:
                data = await self.lines[client].get()
                writer.write(len(data).to_bytes(2, "big") + data)
                await writer.drain()

        going = asyncio.get_running_loop().create_task(go())
        try:
            while True:
                length = int.from_bytes(await reader.readexactly(2), "big")
                self.transport.sendto(await reader.readexactly(length), client)
        except (asyncio.IncompleteReadError, ConnectionError):
            self.lines.pop(client, None)
        finally:
            going.cancel()
            writer.close()

    async def close(self):
        """Ends all connections."""
        for task in list(self.tasks):
            task.cancel()
        self.transport.close()
