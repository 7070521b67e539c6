"""Runs a program for each connection, with the connection as its input and output: ``listener.py KIND command ...``.

KIND is tcp or ws. The port is the first line of its output; the programs' ids are the others.
"""

from __future__ import annotations

import contextlib
import socket
import subprocess
import sys
import threading


def start(command: list[str], **streams: object) -> subprocess.Popen[bytes]:
    process = subprocess.Popen(command, **streams)  # type: ignore[call-overload]
    print(process.pid, flush=True)
    return process


def listen_tcp(command: list[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        print(server.getsockname()[1], flush=True)
        while True:
            connection, _ = server.accept()
            with connection:
                start(command, stdin=connection, stdout=connection)


def listen_websocket(command: list[str]) -> None:
    from websockets.exceptions import ConnectionClosed
    from websockets.sync.server import serve

    def handle(connection) -> None:
        process = start(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        threading.Thread(target=forward, args=(process, connection), daemon=True).start()
        with contextlib.suppress(ConnectionClosed), process.stdin:
            while True:
                process.stdin.write(connection.recv().encode() + b"\n")
                process.stdin.flush()

    def forward(process, connection) -> None:
        with contextlib.suppress(ConnectionClosed):
            while line := process.stdout.readline():
                connection.send(line, text=True)
        connection.close()

    with serve(handle, "127.0.0.1", 0, max_size=None, compression=None) as server:
        print(server.socket.getsockname()[1], flush=True)
        server.serve_forever()


if __name__ == "__main__":
    {"tcp": listen_tcp, "ws": listen_websocket}[sys.argv[1]](sys.argv[2:])
