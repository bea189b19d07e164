"""Visitors of a deployed lab: do they enter, send files, stay connected, and count as the address they come from?"""

import asyncio
import http.client
import urllib.request

from tests.support.sessions import Session

CODE = "maple"
DOOR, REFUSED = "Class code", "oo many wrong codes"
LARGE, TOO_LARGE = 190, 215  # MiB
GUESSES = 10  # wrong codes that one address may type at once


async def enter(visitor: Session, code: str, nickname: str) -> str:
    """Type a code at the door; gives what the page then says."""
    await visitor.type("Class code", code)
    await visitor.type("Nickname", nickname)
    await visitor.press("Enter")
    return visitor.texts()


async def told_apart(address: str) -> bool:
    """Whether wrong codes of one address, with a false header or none, keep out that address and no other."""
    guesser = Session(address, source="127.0.0.2")
    liar = Session(address, headers={"X-Forwarded-For": "192.0.2.7"}, source="127.0.0.2")
    other = Session(address, source="127.0.0.3")
    for visitor in (guesser, liar, other):
        await visitor.open()
    for _ in range(2 * GUESSES):
        if REFUSED in await enter(guesser, "wrong", "Mallory"):
            break
    kept_out = REFUSED in await enter(liar, CODE, "Mallory")
    let_in = DOOR not in await enter(other, CODE, "Ada")
    for visitor in (guesser, liar, other):
        await visitor.close()
    return kept_out and let_in


async def visited(address: str, idle: float) -> dict[str, object]:
    """A class's visitor: enters with a browser's Origin, sends files, and is still there after a silence."""
    visitor = Session(address, headers={"Origin": address})
    await visitor.open("data")
    outside = upload(address, visitor.id, 1)
    await enter(visitor, CODE, "Grace")
    sizes = {f"{size} MiB": upload(address, visitor.id, size) for size in (LARGE, TOO_LARGE)}
    await asyncio.sleep(idle)
    await visitor.rerun()
    alive = "Grace" in visitor.texts() and not visitor.exceptions()
    await visitor.close()
    return {"before entering": outside} | sizes | {f"alive after {idle:.0f} s": alive}


def upload(address: str, session: str, mib: int) -> int:
    """Send a file as the page's uploader does; gives the status of the answer, 413 where the connection was closed."""
    answer = urllib.request.urlopen(f"{address}/_stcore/health", timeout=10)
    cookies = answer.headers.get_all("Set-Cookie") or []
    cookie = next(one.split(";")[0] for one in cookies if one.startswith("_streamlit_xsrf"))
    head = b'--b\r\nContent-Disposition: form-data; name="f"; filename="f.zip"\r\n\r\n'
    body = head + bytes(mib * 2**20) + b"\r\n--b--\r\n"
    headers = {"Content-Type": "multipart/form-data; boundary=b", "Cookie": cookie}
    headers["X-Xsrftoken"] = cookie.partition("=")[2]
    connection = http.client.HTTPConnection(address.partition("//")[2], timeout=120)
    try:
        connection.request("PUT", f"/_stcore/upload_file/{session}/one", body, headers)
        return connection.getresponse().status
    except (BrokenPipeError, ConnectionResetError):
        return 413
    finally:
        connection.close()


async def looked_at(address: str) -> dict[str, object]:
    """A visitor of the look-only lab: what there is to see, what there is to press, and whether a file is taken."""
    visitor = Session(address, headers={"Origin": address})
    await visitor.open("recipe")
    try:
        launch = not visitor.find("button", "Launch").disabled
    except LookupError:
        launch = False
    found = {"Launch": launch, "upload": upload(address, visitor.id, 1), "errors": visitor.exceptions()}
    await visitor.close()
    return found
