"""The forecast of `imagenet.py` as Markdown, with what it assumes."""

from typing import Any


def markdown(found: dict[str, Any]) -> str:
    """Tables of hours and memory, of the networks' unit costs, and of bytes; the assumptions after them."""
    return "\n".join([*_headline(found), *_stages(found), *_networks(found), *_bytes(found), *_assumptions(found)])


def _headline(found: dict[str, Any]) -> list[str]:
    about, card = found["about"], found["card"]
    one, four = (sum(stage[kind] for stage in found["stages"]) for kind in ("hours", "hours_on_four"))
    synthesis = next(stage["hours_on_four"] for stage in found["stages"] if stage["name"] == "synthesise")
    peak = max(found["stages"], key=lambda stage: stage["memory"])
    fits = "fits" if peak["memory"] <= card["memory"] else "DOES NOT FIT"
    return [
        f"**A forecast, not a measurement: nothing here ran on a GPU.** EDC on ImageNet-1k at IPC {about['ipc']}"
        f" ({about['iterations']:,} iterations of {about['synthesis_batch']} images, {about['epochs']} epochs of batch"
        f" {about['batch']}, {about['student']}) would take {one:.1f} hours on one {card['name']}, and {four:.1f} on"
        f" four if its independent parts were spread. For synthesis alone, on four RTX 4090, the paper reports"
        f" {found['paper_hours_on_four']} hours, a figure of its own; here it would take {synthesis:.1f}."
        f" The most memory is that of {peak['name']}, {peak['memory'] / 2**30:.1f} GiB:"
        f" it {fits} a card of {card['memory'] / 2**30:.0f} GiB.",
        "",
    ]


def _stages(found: dict[str, Any]) -> list[str]:
    lines = [
        "| stage | work | GiB on the card | hours on one | hours on four | hours at the bound, on one |",
        "|---" * 6 + "|",
    ]
    for stage in found["stages"]:
        hours = " | ".join(f"{stage[kind]:.2f}" for kind in ("hours", "hours_on_four", "least_hours"))
        lines.append(f"| {stage['name']} | {stage['work']} | {stage['memory'] / 2**30:.1f} | {hours} |")
    return [*lines, ""]


def _networks(found: dict[str, Any]) -> list[str]:
    kinds = ("forward", "moments", "observe", "train")
    lines = [
        f"| network | GFLOP an image | columns of moments | times the bound: {', '.join(kinds)} | operations of a step"
        " | MB an image that synthesis keeps |",
        "|---" * 6 + "|",
    ]
    for name, unit in found["networks"].items():
        ratios = ", ".join(f"{unit['ratio'][kind]:.1f}" if kind in unit["ratio"] else "-" for kind in kinds)
        calls = ", ".join(f"{unit['calls'][kind]:,}" if kind in unit["calls"] else "-" for kind in kinds)
        kept = f"{unit['kept']['observe'] / 1e6:.0f}" if "observe" in unit["kept"] else "-"
        lines.append(f"| {name} | {unit['operations'] / 1e9:.2f} | {unit['columns']:,} | {ratios} | {calls} | {kept} |")
    return [*lines, ""]


def _bytes(found: dict[str, Any]) -> list[str]:
    lines = ["| on the disk | bytes |", "|---|---|"]
    return lines + [f"| {name} | {size:,} |" for name, size in found["bytes"].items()] + [""]


def _assumptions(found: dict[str, Any]) -> list[str]:
    card = found["card"]
    return [
        "Counted: operations of each network at 224 px (torch's FlopCounterMode), columns of moments, steps, views and"
        " bytes, from the settings themselves. Measured here, in float32: how many times longer each kind of step takes"
        f" than the processor's own matrix products ({found['processor_gigaflops']:,.0f} GFLOP/s with"
        f" {found['about']['threads']} threads) allow, and the bytes that a gradient keeps.",
        "",
        f"Assumed: an {card['name']} multiplies {card['operations'] / 1e12:,.0f} TFLOP/s (published: dense bfloat16,"
        f" summed in float32), and is handed an operation in {card['launch'] * 1e6:g} microseconds; a step is as many"
        " times above the bound as it is here, but no shorter than its handing over, once for all of a label giver's"
        " (a CUDA graph). Nobody has measured either on such a card with this code: one that is kept half as busy takes"
        " twice as long. Pictures are decoded and read as"
        " fast as they are wanted; cards never wait for one another. Memory is counted with activations in float32"
        " (bfloat16 keeps about half), without what torch itself holds. Four cards: statistics by observer, starts by"
        " class, synthesis by batch; labels and the student on one. Today a run has one card to itself, and four cards"
        " take four runs at once.",
    ]
