"""What MkDocs does not do by itself: pages of the repository's own files.

Pages in docs/ link to files of the repository outside of it, which GitHub shows. The
site gets a page for each of those files, and for each that these link to.
"""

from __future__ import annotations

import json
import re
from pathlib import Path, PurePosixPath

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files, InclusionLevel
from mkdocs.structure.pages import Page
from notebook_page import notebook_page

FOLDER = "repository"
LINK = re.compile(r"(\]\()([^)#\s:]+)((?:#[^)\s]*)?\))")
FENCE = re.compile(r"(^```.*?^```)", re.MULTILINE | re.DOTALL)
LANGUAGES = {".py": "python", ".sh": "bash", ".yaml": "yaml", ".json": "json"}


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Adds the pages that are made of other files."""
    docs = Path(config.docs_dir)
    root = docs.parent
    for notebook in [file for file in files if file.src_uri.endswith(".ipynb")]:
        files.remove(notebook)
        source = json.loads(Path(notebook.abs_src_path).read_text("utf-8"))
        uri = notebook.src_uri.replace(".ipynb", ".md")
        files.append(File.generated(config, uri, content=notebook_page(source)))
    waiting = [docs / file.src_uri for file in files.documentation_pages()]
    waiting += [root / uri for uri in _of_repository(config.nav)]
    seen: set[Path] = set()
    while waiting:
        path = waiting.pop()
        if path in seen or not path.is_file():
            continue
        seen.add(path)
        if not path.is_relative_to(docs):
            files.append(_generated(config, path.relative_to(root)))
        if path.suffix == ".md":
            for link in _links(path.read_text("utf-8")):
                target = (path.parent / link).resolve()
                if target.is_dir():
                    target = target / "README.md"
                if target.is_relative_to(root) and not target.is_relative_to(docs):
                    waiting.append(target)
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, **_) -> str:
    """Points links to files of the repository at their pages."""
    root = Path(config.docs_dir).parent
    uri = PurePosixPath(page.file.src_uri)
    source = root / _path_of(uri, Path(config.docs_dir).name)

    def replaced(link: re.Match) -> str:
        target = (source.parent / link[2]).resolve()
        if target.is_dir():
            target = target / "README.md"
        if not target.is_file() or not target.is_relative_to(root):
            return link[0]
        wanted = _uri_of(target.relative_to(root), Path(config.docs_dir).name)
        back = "../" * len(uri.parent.parts)
        return f"{link[1]}{back}{wanted}{link[3]}"

    # A code block may hold what looks like a link.
    parts = FENCE.split(markdown)
    parts[::2] = [LINK.sub(replaced, part) for part in parts[::2]]
    return "".join(parts)


def _links(markdown: str) -> list[str]:
    return [
        link[2] for part in FENCE.split(markdown)[::2] for link in LINK.finditer(part)
    ]


def _generated(config: MkDocsConfig, path: Path) -> File:
    content = (Path(config.docs_dir).parent / path).read_text("utf-8")
    if path.suffix != ".md":
        language = LANGUAGES.get(path.suffix, "text")
        content = f"# `{path}`\n\n````{language}\n{content}\n````\n"
    return File.generated(
        config,
        _uri_of(path, Path(config.docs_dir).name),
        content=content,
        inclusion=InclusionLevel.NOT_IN_NAV,
    )


def _uri_of(path: Path, docs: str) -> str:
    """The page of a file of the repository."""
    if path.parts[0] == docs:
        uri = path.relative_to(docs).as_posix()
        return uri.replace(".ipynb", ".md")
    return f"{FOLDER}/{path.as_posix()}" + ("" if path.suffix == ".md" else ".md")


def _path_of(uri: PurePosixPath, docs: str) -> Path:
    """The file of the repository that a page is made of."""
    if uri.parts[0] != FOLDER:
        return Path(docs) / uri
    path = Path(*uri.parts[1:])
    return path.with_suffix("") if Path(path.stem).suffix else path


def _of_repository(nav) -> list[str]:
    """The repository's files that the navigation names."""
    if isinstance(nav, str):
        return [nav.removeprefix(f"{FOLDER}/")] if nav.startswith(FOLDER) else []
    entries = nav.values() if isinstance(nav, dict) else nav
    return [uri for entry in entries for uri in _of_repository(entry)]
