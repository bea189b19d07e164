"""Commands for work outside the web server: worker, serve."""

import json
import logging
import os
import secrets
import socket
import subprocess
import sys
from typing import Annotated

import typer

from edc_core import jobs
from edc_core.cli.options import Home, app, home_of, parse_int
from edc_core.console import streams
from edc_core.data.known_datasets import absolute_places
from edc_core.environment import DEFAULT_UPLOAD_MIB, ROOT, upload_mib
from edc_core.errors import SettingsError

FIRST_PORT, PORTS = 8501, 20  # Streamlit's own, and how many are tried after it
SHORTEST_CODE = 4


@app.command()
def worker(
    home: Home = None,
    idle: Annotated[
        float | None, typer.Option(help="stop after this many seconds with an empty queue (default: 60)")
    ] = None,
) -> None:
    """Process queued runs one at a time. One worker per device: a second one ends at once."""
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(asctime)s %(message)s")
    done = jobs.work(home_of(home), idle)
    print(json.dumps({"worker": os.getpid(), "runs": done or 0, "elsewhere": done is None}), flush=True)


@app.command()
def serve(
    class_code: Annotated[
        str | None,
        typer.Option(
            "--class", metavar="CODE", help=f"code that the class types in, at least {SHORTEST_CODE} characters"
        ),
    ] = None,
    teacher_code: Annotated[
        str | None, typer.Option(metavar="CODE", help="your own code as the teacher (default: a new one)")
    ] = None,
    port: Annotated[
        int | None, typer.Option(parser=parse_int, metavar="N", help="port (default: the first free one from 8501)")
    ] = None,
    home: Home = None,
) -> None:
    """Serve the app on the network, to a class with --class; prints the address to write on the board."""
    port = free_port(port)
    address = f"http://{lan_address()}:{port}"
    own = {"EDC_HOME": str(home_of(home))} | absolute_places() | class_environment(class_code, teacher_code)
    print(f"Address for the board:  {address}")
    if code := own.get("EDC_CLASS_CODE"):
        print(f"Code of the class:      {code}")
        print(f"Code of the teacher:    {own['EDC_TEACHER_CODE']}  (yours alone)")
    elif not jobs.read_only():
        print("Without --class CODE, everybody who can reach this address may start and delete runs.")
    print("End it with Ctrl-C; runs that are at work go on.", flush=True)
    command = app_command(port)
    os.chdir(ROOT)  # where the theme is found
    if os.name == "posix":
        os.execve(command[0], command, os.environ | own)
    sys.exit(subprocess.call(command, env=os.environ | own))


def app_command(port: int) -> list[str]:
    """What starts the app for the network, with uploads as large as `EDC_UPLOAD_MIB` says.

    Raises:
        SettingsError: `EDC_UPLOAD_MIB` is no such number.
    """
    options = {
        "address": "0.0.0.0",
        "port": port,
        "headless": "true",
        "maxUploadSize": max(DEFAULT_UPLOAD_MIB, upload_mib()),
    }
    command = [sys.executable, "-m", streams.__name__, "streamlit", "run", str(ROOT / "app.py")]
    command += [f"--server.{name}={value}" for name, value in options.items()]
    return [*command, f"--browser.serverAddress={lan_address()}"]


def class_environment(class_code: str | None, teacher_code: str | None) -> dict[str, str]:
    """The codes for the app's environment; nothing where there is no class.

    Raises:
        SettingsError: a code that cannot be typed or guessed too easily, or both the same.
    """
    given = {"--class": class_code, "--teacher-code": teacher_code}
    for option, code in given.items():
        if code is not None and (len(code.strip()) < SHORTEST_CODE or not code.isprintable()):
            raise SettingsError(f"{option} is '{code}': give at least {SHORTEST_CODE} printable characters.")
    code = class_code or os.environ.get("EDC_CLASS_CODE", "").strip()
    if not code:
        if teacher_code:
            raise SettingsError(f"--teacher-code is '{teacher_code}', but there is no class: give --class CODE.")
        return {}
    teacher = teacher_code or os.environ.get("EDC_TEACHER_CODE", "").strip() or f"teacher-{secrets.token_hex(4)}"
    if teacher.strip() == code.strip():
        raise SettingsError(f"--teacher-code is '{teacher}', as the class's: give the teacher a code of their own.")
    return {"EDC_CLASS_CODE": code.strip(), "EDC_TEACHER_CODE": teacher.strip()}


def free_port(wanted: int | None) -> int:
    """The wanted port, else the first free one from Streamlit's own.

    Raises:
        SettingsError: it is taken, or no port.
    """
    if wanted is not None and not 1 <= wanted <= 65535:
        raise SettingsError(f"--port is {wanted}: choose one from 1 to 65535.")
    for port in [wanted] if wanted else range(FIRST_PORT, FIRST_PORT + PORTS):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("0.0.0.0", port))
                return port
            except OSError as error:
                reason = error.strerror
    raise SettingsError(f"--port {wanted or FIRST_PORT} cannot be opened ({reason}): choose another.")


def lan_address() -> str:
    """This machine's address in its network, as others reach it; nothing is sent to find it."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # an address kept for documentation: only the route is asked for
            return probe.getsockname()[0]
        except OSError:
            return "127.0.0.1"
