"""Why a connection failed, in words."""

import asyncio
import socket
import ssl
import subprocess
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from ems.runtime import network


def self_signed(folder: Path) -> tuple[Path, Path]:
    key, cert = folder / "key", folder / "cert"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=other", "-days", "2"]
    subprocess.run([*command, "-keyout", str(key), "-out", str(cert)], check=True, capture_output=True)
    return key, cert


async def failure(url: str, tls: ssl.SSLContext | bool = True) -> BaseException:
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=3)) as http:
        with pytest.raises((aiohttp.ClientError, OSError, TimeoutError)) as caught:
            await http.get(url, ssl=tls)
    return caught.value


async def test_a_name_that_cannot_be_resolved_is_said_as_such() -> None:
    assert network.reason(await failure("http://nowhere.invalid:7070")) == network.UNRESOLVED


async def test_a_closed_port_is_said_as_such(unused_tcp_port: int) -> None:
    assert "connection refused" in (network.reason(await failure(f"http://127.0.0.1:{unused_tcp_port}")) or "")


async def test_a_port_that_speaks_no_tls_is_said_as_such() -> None:
    async with TestServer(web.Application(), host="127.0.0.1") as server:
        assert network.reason(await failure(f"https://127.0.0.1:{server.port}")) == network.NO_TLS


async def test_what_answers_something_else_than_http_is_said_as_such() -> None:
    async def greet(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"SSH-2.0-OpenSSH_9.9\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(greet, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        assert network.reason(await failure(f"http://127.0.0.1:{port}")) == network.NO_HTTP


async def test_a_certificate_that_is_not_trusted_is_said_with_what_to_set(tmp_path: Path) -> None:
    key, cert = self_signed(tmp_path)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(cert, key)
    server = TestServer(web.Application(), host="127.0.0.1", scheme="https")
    await server.start_server(ssl=context)
    url = f"https://127.0.0.1:{server.port}"
    trusting = ssl.create_default_context(cafile=cert)
    assert "ca_file" in (network.reason(await failure(url)) or "")
    assert "for another" in (network.reason(await failure(url, trusting)) or "")
    await server.close()


def test_what_is_inside_counts_and_an_unknown_error_has_no_words() -> None:
    inner = socket.gaierror(-2, "Name or service not known")
    outer = RuntimeError("wrapped")
    outer.__cause__ = inner
    assert network.reason(ExceptionGroup("many", [outer])) == network.UNRESOLVED
    assert network.reason(ValueError("what")) is None
