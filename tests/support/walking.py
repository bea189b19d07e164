"""Browser walk through the app: every link, button and tab pressed once."""

from contextlib import suppress
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlsplit

from tests.support.browser import answered, visit

# What a person presses: the link, the button, the tab, the switch, what unfolds. A dialog or an open popover hides
# what lies beneath it. Fields, lists and the buttons that belong to them are other tests' matter.
FIND = """() => {
  const top = document.querySelector('[data-testid=stDialog]')
    || [...document.querySelectorAll('[data-testid=stPopoverBody]')].pop()
    || document.querySelector('[data-testid=stMain]');
  const kinds = ['[data-testid=stButton] button', '[data-testid=stDownloadButton] button', 'summary',
    '[data-testid=stPopover] button', 'a[data-testid=stPageLink-NavLink]', '[data-testid=stTab]',
    '[data-testid=stButtonGroup] button', '[data-testid=stCheckbox] label', '[data-testid=stFormSubmitButton] button'];
  const seen = {}, found = [];
  for (const one of top.querySelectorAll(kinds.join(', '))) {
    const box = one.getBoundingClientRect();
    const words = one.innerText.split('\\n').filter((line) => !/^[a-z_0-9]*$/.test(line)).join(' ').trim();
    if (!box.width || !box.height || one.disabled || one.getAttribute('aria-disabled') === 'true' || !words) continue;
    const holder = one.closest('[class*=st-key-]');
    const key = holder ? [...holder.classList].find((name) => name.startsWith('st-key-')) : '';
    const name = `${key} ${words}`;
    seen[name] = (seen[name] ?? 0) + 1;
    one.dataset.walk = `${name} ${seen[name]}`;
    found.push({name: one.dataset.walk, words, href: one.href ?? null});
  }
  return found;
}"""
TROUBLE = """() => [...document.querySelectorAll(
  '[data-testid=stException], [data-testid=stAlertContentError]')].map((one) => one.innerText)"""


@dataclass
class Walk:
    """One browser tab on its way: what was pressed, and what went wrong."""

    tab: object
    address: str
    left_alone: tuple[str, ...] = ()  # what is not pressed
    foreseen: tuple[str, ...] = ()  # errors that are the right answer
    pressed: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    def page(self, path: str) -> None:
        """Press everything on the page at this path, each once."""
        visit(self.tab, f"{self.address}{path}")
        self.tab.wait_for_function(f"({FIND})().length > 0")
        self._settle()
        done: set[str] = set()
        while one := self._next(done):
            done.add(one["name"])
            self._press(path, one)

    def _next(self, done: set[str]) -> dict | None:
        for one in self.tab.evaluate(FIND):
            if one["name"] not in done and one["words"] not in self.left_alone:
                return one
        if self.tab.locator("[data-testid=stPopoverBody]").count():
            self.tab.keyboard.press("Escape")
            self.tab.wait_for_timeout(300)
            return self._next(done) if not self.tab.locator("[data-testid=stPopoverBody]").count() else None
        return None

    def _press(self, path: str, one: dict) -> None:
        before = self.tab.url
        self.pressed.append(f"{path}: {one['name']}")
        self._click(one["name"])
        self._settle()
        if one["href"]:
            self._expect(one, urlsplit(one["href"]))
        self._look(one)
        if urlsplit(self.tab.url).path != urlsplit(before).path:
            self.tab.go_back()
            self._settle()
            self._look(one)
            if self.tab.url != before:
                self.wrong.append(f"back from {one['name']}: {self.tab.url} instead of {before}")

    def _click(self, name: str, tries: int = 10) -> None:
        """Click it, again where a live panel was drawn anew meanwhile; what has gone by itself needs no click."""
        from playwright.sync_api import TimeoutError as TooLate

        for _ in range(tries):
            if name not in {one["name"] for one in self.tab.evaluate(FIND)}:
                return
            with suppress(TooLate):
                self.tab.locator(f"[data-walk={quoted(name)}]").first.click(timeout=3_000)
                return
        self.wrong.append(f"{name} could not be pressed")

    def _expect(self, one: dict, wanted) -> None:
        """A link ends where it says: the page, and every parameter that it names."""
        found = urlsplit(self.tab.url)
        named = parse_qsl(found.query)
        lacking = [pair for pair in parse_qsl(wanted.query) if pair not in named]
        if found.path != wanted.path or lacking:
            self.wrong.append(f"{one['name']}: {self.tab.url} instead of {wanted.geturl()}")

    def _settle(self) -> None:
        answered(self.tab)

    def _look(self, one: dict) -> None:
        for words in self.tab.evaluate(TROUBLE):
            if any(sentence in words for sentence in self.foreseen):
                continue
            self.wrong.append(f"{one['name']} at {self.tab.url}: {words}")


def quoted(text: str) -> str:
    """Text as a string of a CSS selector."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
