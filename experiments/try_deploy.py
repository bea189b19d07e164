"""docs/deploy.md tried: the Dockerfile's steps in an empty folder, then visitors through nginx and Caddy.

    python -m experiments.try_deploy DIR [--python python3.11] [--environment DIR] [--idle 70]

DIR is empty or new. The Dockerfile's COPY, pip and CMD lines are carried out there, with a virtual environment in place
of the image (`--environment`: one that exists); what needs an image is named and left. Each proxy that is installed
gets the project's own configuration, with other ports. Prints one JSON object; status 1 where something is not as
docs/deploy.md says.
"""

import argparse
import asyncio
import contextlib
import json
import os
import re
import shlex
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from experiments.deploy_visitors import CODE, LARGE, TOO_LARGE, looked_at, told_apart, visited

ROOT = Path(__file__).resolve().parents[1]
DEPLOY = ROOT / "deploy"
MADE = shutil.ignore_patterns("__pycache__", "*.pyc")
PORT = "8501"  # in every file of deploy/
CLASS = {"EDC_CLASS_CODE": CODE, "EDC_TEACHER_CODE": "chalk-1234"}
STRANGER = "127.0.0.9"  # a proxy elsewhere, as a container sees the one on its host
CONTAINER = "told apart in a container, {} FORWARDED_ALLOW_IPS"


def instructions(text: str) -> list[tuple[str, str]]:
    """A Dockerfile as (instruction, the rest of its line), continued lines joined."""
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    whole = re.sub(r"\\\n\s*", "", "\n".join(lines))
    return [(name, rest) for name, _, rest in (line.partition(" ") for line in whole.splitlines())]


class Image:
    """What the Dockerfile makes, as a folder and a virtual environment."""

    def __init__(self, folder: Path, environment: Path | None, python: str) -> None:
        self.folder, self.lab = folder, folder / "lab"
        self.bin = (environment or folder / "venv") / "bin"
        self.variables = {"PATH": f"{self.bin}{os.pathsep}{os.environ['PATH']}"}
        self.left: list[str] = []  # what needs an image
        self.command: list[str] = []
        self.health: list[str] = []
        self.lab.mkdir(parents=True)
        if environment is None:
            subprocess.run([python, "-m", "venv", str(folder / "venv")], check=True)
        for name, rest in instructions((DEPLOY / "Dockerfile").read_text(encoding="utf-8")):
            self._take(name, rest, install=environment is None)

    def _take(self, name: str, rest: str, install: bool) -> None:
        if name == "COPY":
            *sources, target = shlex.split(rest)
            for source in sources:
                _copy(ROOT / source, self.lab / target)
        elif name == "RUN" and "pip install" in rest:
            if install:
                subprocess.run(["bash", "-c", rest], cwd=self.lab, env=os.environ | self.variables, check=True)
        elif name in ("ARG", "ENV"):
            self.variables |= dict(pair.split("=", 1) for pair in shlex.split(rest))
        elif name == "CMD":
            self.command = json.loads(rest)
        elif name == "HEALTHCHECK":
            self.health = json.loads(rest.partition("CMD ")[2])
        else:
            self.left.append(f"{name} {rest}")

    def environment(self, home: Path, **variables: str) -> dict[str, str]:
        return os.environ | self.variables | {"EDC_HOME": str(home)} | variables

    @contextlib.contextmanager
    def served(self, **variables: str) -> Iterator[str]:
        """The CMD line on a free port and a new home, as healthy as the HEALTHCHECK line says; gives its address."""
        port, home = free_port(), self.folder / f"data-{time.monotonic_ns()}"
        command, health = ([word.replace(PORT, port) for word in words] for words in (self.command, self.health))
        environment = self.environment(home, **variables)
        server = subprocess.Popen(
            [str(self.bin / command[0]), *command[1:]], cwd=self.lab, env=environment, stdout=subprocess.DEVNULL
        )
        try:
            waiting = [str(self.bin / health[0]), *health[1:]]
            until(lambda: subprocess.run(waiting, capture_output=True, env=environment).returncode == 0)
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()
            server.wait(15)
            shutil.rmtree(home, ignore_errors=True)


def _copy(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, target, ignore=MADE)
    else:
        shutil.copy(source, target)


def free_port() -> str:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return str(free.getsockname()[1])


def until(is_so, seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > end:
            raise TimeoutError(f"nothing answered within {seconds:.0f} s")
        time.sleep(0.2)


def nginx_files(folder: Path, upstream: str, port: str, source: str) -> list[str]:
    """The project's server block inside a least nginx.conf; gives the command."""
    block = (DEPLOY / "nginx.conf").read_text(encoding="utf-8").replace(PORT, upstream).replace("80;", f"{port};", 1)
    block = block.replace("proxy_pass", f"proxy_bind {source};\n        proxy_pass", 1)
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    paths = "".join(f"{kind}_temp_path {folder}/{kind};" for kind in kinds)
    (folder / "nginx.conf").write_text(
        f"daemon off; pid {folder}/pid; error_log {folder}/errors;\n"
        f"events {{}}\nhttp {{ access_log off; {paths}\n{block}}}\n",
        encoding="utf-8",
    )
    return ["nginx", "-e", f"{folder}/errors", "-c", f"{folder}/nginx.conf"]


def caddy_files(folder: Path, upstream: str, port: str, source: str) -> list[str]:
    """The project's Caddyfile for this machine's address, without TLS; gives the command."""
    text = (DEPLOY / "Caddyfile").read_text(encoding="utf-8").replace(PORT, upstream)
    text = text.replace("lab.example.org", f"http://127.0.0.1:{port}", 1)
    (folder / "Caddyfile").write_text("{\n\tadmin off\n}\n" + text, encoding="utf-8")
    return ["caddy", "run", "--config", f"{folder}/Caddyfile"]


PROXIES = {"nginx": nginx_files, "caddy": caddy_files}


@contextlib.contextmanager
def proxied(name: str, folder: Path, address: str, source: str = "127.0.0.1") -> Iterator[str]:
    """A proxy before the server of that address; gives the proxy's address."""
    port, place = free_port(), folder / f"{name}-{time.monotonic_ns()}"
    place.mkdir()
    command = PROXIES[name](place, address.rpartition(":")[2], port, source)
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        until(lambda: answers(f"http://127.0.0.1:{port}"))
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(15)


def answers(address: str) -> bool:
    with contextlib.suppress(OSError):
        return urllib.request.urlopen(f"{address}/_stcore/health", timeout=5).status == 200
    return False


def tried(image: Image, idle: float) -> dict[str, dict]:
    """Every trial of every proxy that is installed."""
    found: dict[str, dict] = {}
    for name in filter(shutil.which, PROXIES):
        with image.served(**CLASS) as address, proxied(name, image.folder, address) as front:
            found[name] = asyncio.run(visited(front, idle)) | {"told apart": asyncio.run(told_apart(front))}
        with image.served(EDC_READ_ONLY="1") as address, proxied(name, image.folder, address) as front:
            found[name] |= {"look-only": asyncio.run(looked_at(front))}
    if "nginx" in found:  # an address of the proxy that is not 127.0.0.1
        for trusted in ({}, {"FORWARDED_ALLOW_IPS": "*"}):
            with (
                image.served(**CLASS, **trusted) as address,
                proxied("nginx", image.folder, address, STRANGER) as front,
            ):
                said = "with" if trusted else "without"
                found["nginx"][f"told apart in a container, {said} FORWARDED_ALLOW_IPS"] = asyncio.run(
                    told_apart(front)
                )
    return found


def as_documented(found: dict, idle: float) -> bool:
    wanted = {"before entering": 403, f"{LARGE} MiB": 204, f"{TOO_LARGE} MiB": 413, "told apart": True}
    wanted |= {f"alive after {idle:.0f} s": True, "look-only": {"Launch": False, "upload": 403, "errors": []}}
    for name, results in found.items():
        more = {CONTAINER.format("without"): False, CONTAINER.format("with"): True} if name == "nginx" else {}
        if results != wanted | more:
            return False
    return bool(found)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, metavar="DIR")
    parser.add_argument("--python", default="python3.11", help="makes the virtual environment")
    parser.add_argument("--environment", type=Path, metavar="DIR", help="one that has the requirements already")
    parser.add_argument("--idle", type=float, default=70, help="seconds of a visitor's silence")
    options = parser.parse_args()
    folder = options.folder.absolute()
    if folder.exists() and any(folder.iterdir()):
        sys.exit(f"DIR is {folder}, but it is not empty: name a new folder.")
    started = time.monotonic()
    image = Image(folder, options.environment and options.environment.absolute(), options.python)
    built = time.monotonic() - started
    found = tried(image, options.idle)
    print(json.dumps({"built in s": round(built), "left to Docker": image.left, **found}, indent=1))
    sys.exit(not as_documented(found, options.idle))


if __name__ == "__main__":
    main()
