"""Script sessions without a browser: a websocket client that speaks Streamlit's protocol.

It holds a session as a browser tab does: runs the script, keeps its elements, obeys the timers of
polling fragments, presses buttons and opens pages. For classrooms of thirty on two cores.
"""

import asyncio
import contextlib
import time
from urllib.parse import urlencode

import websockets

from tests.support.streamlit_private import BackMsg, ForwardMsg, WidgetState, WidgetStates


class Session:
    """One visitor. `await session.open("recipe", preset="G")`, then press, read, wait."""

    def __init__(
        self, address: str, cookies: str = "", headers: dict[str, str] | None = None, source: str | None = None
    ) -> None:
        """`source`: the address of this machine that it comes from, of 127.0.0.0/8."""
        self.url = address.replace("http", "ws", 1) + "/_stcore/stream"
        self.headers = (headers or {}) | ({"Cookie": cookies} if cookies else {})
        self.source = (source, 0) if source else None
        self.elements: dict[tuple[int, ...], object] = {}
        self.cached: dict[str, ForwardMsg] = {}
        self.widgets: dict[str, WidgetState] = {}
        self.timers: dict[str, asyncio.Task] = {}
        self.page = self.query = self.id = ""
        self.runs = 0  # finished script and fragment runs
        self.latencies: list[float] = []  # seconds from each request to its end
        self.idle = asyncio.Event()
        self.alive = True

    async def open(self, page: str = "", **query: str) -> None:
        """Connect and open a page by its address."""
        self.socket = await websockets.connect(
            self.url,
            subprotocols=["streamlit"],
            max_size=2**26,
            additional_headers=self.headers,
            ping_interval=None,
            local_addr=self.source,
        )
        self.listener = asyncio.create_task(self._listen())
        self.page, self.query = page, urlencode(query)
        await self.rerun()

    async def close(self) -> None:
        self.alive = False
        for timer in self.timers.values():
            timer.cancel()
        self.listener.cancel()
        with contextlib.suppress(Exception):
            await self.socket.close()

    async def rerun(self, fragment: str = "", trigger: WidgetState | None = None, timeout: float = 60) -> None:
        """One script (or fragment) run, to its end."""
        self.idle.clear()
        started = time.monotonic()
        await self._send(fragment, trigger)
        await asyncio.wait_for(self.idle.wait(), timeout)
        self.latencies.append(time.monotonic() - started)

    async def _send(self, fragment: str = "", trigger: WidgetState | None = None, automatic: bool = False) -> None:
        message = BackMsg()
        state = message.rerun_script
        state.query_string, state.page_name = self.query, self.page
        state.is_auto_rerun = automatic
        if fragment:
            state.fragment_id = fragment
        widgets = [*self.widgets.values()] + ([trigger] if trigger else [])
        state.widget_states.CopyFrom(WidgetStates(widgets=widgets))
        await self.socket.send(message.SerializeToString())

    async def _listen(self) -> None:
        async for raw in self.socket:
            message = ForwardMsg.FromString(raw)
            if message.WhichOneof("type") == "ref_hash":
                metadata, message = message.metadata, self.cached[message.ref_hash]
                message = ForwardMsg.FromString(message.SerializeToString())
                message.metadata.CopyFrom(metadata)
            elif message.hash:
                self.cached[message.hash] = message
            self._take(message)

    def _take(self, message: ForwardMsg) -> None:
        kind = message.WhichOneof("type")
        if kind == "delta" and message.delta.WhichOneof("type") == "new_element":
            self.elements[tuple(message.metadata.delta_path)] = message.delta.new_element
        elif kind == "new_session":
            self.id = message.new_session.initialize.session_id
            if not message.metadata.run.fragment_ids:
                self.elements.clear()
                for timer in self.timers.values():
                    timer.cancel()
                self.timers.clear()
        elif kind == "page_info_changed":
            self.query = message.page_info_changed.query_string
        elif kind == "auto_rerun":
            found = message.auto_rerun
            if found.fragment_id not in self.timers:
                self.timers[found.fragment_id] = asyncio.create_task(self._poll(found.fragment_id, found.interval))
        elif kind == "stop_auto_rerun":
            for fragment in message.stop_auto_rerun.fragment_ids:
                if fragment in self.timers:
                    self.timers.pop(fragment).cancel()
        elif kind == "script_finished":
            self.runs += 1
            if message.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN:
                self.idle.set()

    async def _poll(self, fragment: str, interval: float) -> None:
        """A polling fragment's timer, as the browser keeps it."""
        while self.alive:
            await asyncio.sleep(interval)
            await self._send(fragment, automatic=True)

    # What is on the page ------------------------------------------------------------------------

    def texts(self) -> str:
        """All that stands on the page, in order."""
        parts = []
        for _, element in sorted(self.elements.items()):
            kind = element.WhichOneof("type")
            body = getattr(element, kind) if kind else None
            for name in ("body", "label", "text", "message"):
                if value := getattr(body, name, ""):
                    parts.append(str(value))
        return "\n".join(parts)

    def everything(self) -> str:
        """All that was sent for the page, as it was sent."""
        return "\n".join(str(element) for element in self.elements.values())

    def exceptions(self) -> list[str]:
        return [
            element.exception.message for element in self.elements.values() if element.WhichOneof("type") == "exception"
        ]

    def find(self, kind: str, label: str):
        """The first element of that kind whose label holds the text."""
        for _, element in sorted(self.elements.items()):
            if element.WhichOneof("type") == kind and label in getattr(element, kind).label:
                return getattr(element, kind)
        raise LookupError(f"no {kind} '{label}' on {self.page}: {self.texts()[:600]}")

    async def press(self, label: str) -> None:
        """Press the button of that label and wait for the script."""
        await self.rerun(trigger=WidgetState(id=self.find("button", label).id, trigger_value=True))

    async def type(self, label: str, text: str) -> None:
        """Fill a text field (of a form: nothing runs before its button)."""
        found = self.find("text_input", label).id
        self.widgets[found] = WidgetState(id=found, string_value=text)

    async def until(self, text: str, timeout: float = 60) -> float:
        """Wait until the text stands on the page; gives the seconds it took."""
        started = time.monotonic()
        while text not in self.texts():
            if time.monotonic() - started > timeout:
                raise TimeoutError(f"'{text}' did not appear on {self.page}: {self.texts()[:800]}")
            await asyncio.sleep(0.05)
        return time.monotonic() - started
