"""A certificate authority of one's own, as a house makes it with openssl."""

import subprocess
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Certificate:
    """PEM files: the certificate, its key, and the authority's certificate."""

    file: Path
    key: Path
    authority: Path

    @property
    def listener(self) -> list[str]:
        """Lines for mosquitto's configuration."""
        return [f"cafile {self.authority}", f"certfile {self.file}", f"keyfile {self.key}"]


class Authority:
    """Signs certificates for brokers."""

    def __init__(self, folder: Path, *, usage: bool = True) -> None:
        """Makes its key and certificate in ``folder``; without ``usage`` as recipes of long ago do."""
        folder.mkdir(parents=True)
        self._folder, self.file = folder, folder / "ca.pem"
        extension = ("-addext", "keyUsage=critical,keyCertSign,cRLSign") if usage else ()
        files = ("-keyout", self._key("ca"), "-out", str(self.file))
        _openssl("req", "-x509", *_NEW, *extension, "-days", "2", "-subj", f"/CN={folder.name}", *files)

    def certificate(self, name: str = "IP:127.0.0.1", *, days: int = 2) -> Certificate:
        """One for a server's name, as ``DNS:localhost``; with negative ``days`` it has expired."""
        stem = f"{name.replace(':', '-')}{days}"
        request, names, made = (self._folder / f"{stem}.{end}" for end in ("csr", "names", "pem"))
        _openssl("req", *_NEW, "-subj", "/CN=broker", "-keyout", self._key(stem), "-out", str(request))
        names.write_text(f"subjectAltName={name}\nauthorityKeyIdentifier=keyid\n")
        _openssl("x509", "-req", "-in", str(request), "-CA", str(self.file), "-CAkey", self._key("ca"),
                 "-CAcreateserial", "-days", str(days), "-extfile", str(names), "-out", str(made))  # fmt: skip
        Path(self._key(stem)).chmod(0o644)
        return Certificate(made, Path(self._key(stem)), self.file)

    def _key(self, stem: str) -> str:
        return str(self._folder / f"{stem}.key")


_NEW = ("-newkey", "rsa:2048", "-nodes")


def _openssl(*words: str) -> None:
    subprocess.run(["openssl", *words], check=True, capture_output=True)
