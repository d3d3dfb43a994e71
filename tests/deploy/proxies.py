"""The proxies of deploy/, as they stand there: only names, ports and certificates are put in."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import requests

from portal.demo.packages import program
from portal.demo.ports import HOST, Port
from portal.demo.processes import Child
from tests.live.processes import comes_true
from tests.live.test_tls import certificate

DEPLOY = Path(__file__).parents[2] / "deploy"
KEPT_BY_NGINX = ("client_body_temp", "proxy_temp", "fastcgi_temp", "uwsgi_temp", "scgi_temp")


@dataclass(frozen=True)
class Proxy:
    """``folder`` is all that it may write to."""

    url: str
    ca_file: str
    folder: Path

    def kept(self) -> list[Path]:
        """Bodies that it wrote into files of its own."""
        folders = [self.folder / name for name in KEPT_BY_NGINX]
        return [path for folder in folders for path in folder.rglob("*") if path.is_file()]


def https(port: Port) -> str:
    return f"https://{port.address}"


@contextmanager
def nginx(folder: Path, *, port: Port, portal: str) -> Iterator[Proxy]:
    plain = Port()
    ca_file = certificate(folder)
    site = (DEPLOY / "nginx.conf").read_text()
    for old, new in (
        ("server 127.0.0.1:8000;", f"server {portal};"),
        ("listen 80;", f"listen {plain.address};"),
        ("listen [::]:80;", ""),
        ("listen 443 ssl http2;", f"listen {port.address} ssl http2;"),
        ("listen [::]:443 ssl http2;", ""),
        ("images.example.org;", "127.0.0.1;"),
        ("/etc/ssl/images.example.org/fullchain.pem", str(ca_file)),
        ("/etc/ssl/images.example.org/key.pem", str(ca_file)),
        ("/var/log/nginx/access.log", f"{folder}/access.log"),
    ):
        assert old in site, old
        site = site.replace(old, new)
    temporary = "".join(f"{name}_path {folder}/{name};\n" for name in KEPT_BY_NGINX)
    (folder / "nginx.conf").write_text(
        f"daemon off; pid {folder}/pid; error_log stderr; events {{}}\n"
        f"http {{\naccess_log off;\n{temporary}{site}}}\n"
    )
    command = [program("nginx", "nginx-light"), "-p", str(folder), "-c", f"{folder}/nginx.conf"]
    with _running("nginx", command, folder, port, ca_file) as proxy:
        yield proxy
    plain.release()


@contextmanager
def caddy(folder: Path, *, port: Port, portal: str) -> Iterator[Proxy]:
    ca_file = certificate(folder)
    site = (DEPLOY / "Caddyfile").read_text()
    for old, new in (
        ("images.example.org {", f"{https(port)} {{\n\ttls {ca_file} {ca_file}"),
        ("reverse_proxy 127.0.0.1:8000 {", f"reverse_proxy {portal} {{"),
    ):
        assert old in site, old
        site = site.replace(old, new)
    settings = f"admin off\nauto_https disable_redirects\nskip_install_trust\ndefault_bind {HOST}\n"
    (folder / "Caddyfile").write_text(f"{{\n{settings}}}\n{site}")
    command = [program("caddy", "caddy"), "run", "--config", f"{folder}/Caddyfile"]
    with _running("caddy", [*command, "--adapter", "caddyfile"], folder, port, ca_file) as proxy:
        yield proxy


@contextmanager
def _running(
    name: str, command: list[str], folder: Path, port: Port, ca_file: Path
) -> Iterator[Proxy]:
    proxy = Proxy(https(port), str(ca_file), folder)
    paths = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": str(folder)}
    log = folder / f"{name}.log"
    with Child(name, command, env=paths, log=log) as child:
        assert comes_true(lambda: _answers(child, proxy)), log.read_text()
        yield proxy


def _answers(child: Child, proxy: Proxy) -> bool:
    child.check()
    try:
        return requests.get(f"{proxy.url}/healthz", verify=proxy.ca_file, timeout=5).ok
    except requests.ConnectionError:
        return False
