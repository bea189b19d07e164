"""What a wheel holds: the engine, and inside it in `_app` what the engine and the app read (see `environment.ROOT`).

Beside the engine, `pages`, `assets` and `app.py` would be anybody's names in a folder that all projects share.
"""

from setuptools import find_namespace_packages, find_packages, setup
from setuptools.command.build_py import build_py

APP = "edc_core._app"


class BuildPy(build_py):
    """Copies modules, of this folder's own `app.py` alone."""

    def find_package_modules(self, package: str, package_dir: str) -> list[tuple[str, str, str]]:
        found = super().find_package_modules(package, package_dir)
        return found if package != APP else [module for module in found if module[1] == "app"]


setup(
    cmdclass={"build_py": BuildPy},
    packages=[
        *find_packages(include=["edc_core", "edc_core.*"]),
        *(APP, f"{APP}.assets"),
        *(f"{APP}.{name}" for name in find_namespace_packages(include=["pages", "pages.*"])),
    ],
    package_dir={APP: ".", f"{APP}.assets": "assets", f"{APP}.pages": "pages"},
    package_data={
        "": ["*.css", "*.js", "*.html", "*.json", "py.typed"],
        APP: [".streamlit/config.toml"],
        f"{APP}.assets": ["**/*"],
    },
    include_package_data=False,  # the lists above are whole; the tests compare them with the tree
)
