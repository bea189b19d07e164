"""Sections of a Markdown file that commands write themselves, each between two markers, with where it comes from."""

import os
import platform
import re
import time
from pathlib import Path
from typing import Any

from edc_core.errors import SettingsError, StoreError
from edc_core.networks.runtime import resolve_runtime
from edc_core.pipeline.prepare import versions
from edc_core.store.files import write_bytes
from edc_core.torch_utils.device import device_display_name, has_fast_bfloat16


def circumstances() -> dict[str, Any]:
    """What a measurement holds for."""
    runtime = resolve_runtime({})
    return {
        "machine": f"{platform.system()} {platform.release().partition('-')[0]}, {platform.machine()}",
        "processor": titled(runtime.device),
        "cores": os.cpu_count(),
        "device": runtime.device,
        "threads": runtime.threads,
        "versions": versions(),
        "date": time.strftime("%Y-%m-%d"),
    }


def titled(device: str) -> str:
    """What computes, and whether a processor multiplies bfloat16 by itself, which its name does not tell."""
    units = " with bfloat16 units" if device == "cpu" and has_fast_bfloat16(device) else ""
    return device_display_name() + units


CONTENTS = "contents"  # the section that lists a document's headings


def checked_section(name: str) -> str:
    """The name of a section.

    Raises:
        SettingsError: it would not stand in a marker, or is the list of contents.
    """
    if name == CONTENTS:
        raise SettingsError(f"--section is '{name}', where a document's headings are listed: choose another.")
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,40}", name):
        raise SettingsError(f"--section is '{name}': give small letters, digits and hyphens, like growth.")
    return name


def with_section(text: str, name: str, body: str) -> str:
    """A document with a section's body replaced, or put at its end where it has none of that name.

    Raises:
        SettingsError: the section begins and does not end.
    """
    start, end = f"<!-- {name} -->", f"<!-- /{name} -->"
    section = f"{start}\n{body.strip()}\n{end}"
    if start not in text:
        return f"{text.rstrip()}\n\n{section}\n" if text.strip() else f"{section}\n"
    before, _, rest = text.partition(start)
    if end not in rest:
        raise SettingsError(f"section '{name}' begins with {start} and has no {end}: put it where the section ends.")
    return before + section + rest.partition(end)[2]


def headings(text: str) -> list[str]:
    """A document's headings of the second level, in order."""
    return re.findall(r"^## (.+)$", re.sub(r"^```.*?^```", "", text, flags=re.M | re.S), re.M)


def anchor(heading: str) -> str:
    """Where a link to a heading leads, as GitHub names it."""
    return re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")


def with_contents(text: str) -> str:
    """A document whose list of contents, where it has one, names its headings as they are now."""
    if f"<!-- {CONTENTS} -->" not in text:
        return text
    return with_section(text, CONTENTS, "\n".join(f"- [{name}](#{anchor(name)})" for name in headings(text)))


def write_section(path: Path, name: str, title: str, command: str, markdown: str, about: dict[str, Any]) -> None:
    """Replace a section of a file by a heading, the command that made it, where and when, and what it found.

    Raises:
        SettingsError: the section does not end.
        StoreError: the file cannot be read or written.
    """
    made = ", ".join(f"{package} {version}" for package, version in about["versions"].items())
    place = f"{about['processor']}, {about['cores']} cores, {about['threads']} threads ({about['machine']})"
    body = f"## {title}\n\n`{command}`\n\n{about['date']}; {place}; {made}.\n\n{markdown}"
    try:
        text = path.read_text(encoding="utf-8") if path.exists() else ""
        write_bytes(path, with_contents(with_section(text, name, body)).encode())
    except (OSError, UnicodeDecodeError) as error:
        raise StoreError(f"'{path}' cannot be read or written ({error}): give --update-section another file.") from None
