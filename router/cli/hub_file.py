"""A GGUF file of a model hub: found, downloaded by the hub's own client, and held against its checksum."""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

REPO = re.compile(r"[A-Za-z0-9][\w.-]{0,95}/[A-Za-z0-9][\w.-]{0,95}")
PIECE = re.compile(r"-(\d{5})-of-(\d{5})\.gguf$")
USUAL = "q4_k_m"
MAGIC = b"GGUF"
PIECE_BYTES = 2**20
INSTALL = 'pip install "smallfirst[hub]"'


class HubProblem(Exception):
    """Something that the user can mend; the message says how."""


@dataclass(frozen=True, slots=True)
class HubFile:
    """One file of a repository at one commit. `sha256` is None where the hub names only a git `blob`."""

    repo: str
    commit: str
    name: str
    size: int
    sha256: str | None
    blob: str | None = None

    def check(self, path: Path) -> None:
        """Compare the downloaded file with what the hub said of it. Raises HubProblem, and takes a wrong file away."""
        wrong = self._difference(path)
        if wrong:
            path.unlink()
            raise HubProblem(f"{self.name}: {wrong}; the file was removed. Pull it again")

    def _difference(self, path: Path) -> str:
        if path.stat().st_size != self.size:
            return f"it has {path.stat().st_size:,} bytes and should have {self.size:,}"
        with path.open("rb") as file:
            if file.read(len(MAGIC)) != MAGIC:
                return "it is not a GGUF file"
            file.seek(0)
            if self.sha256 is not None:
                return "" if _hashed(file, hashlib.sha256()) == self.sha256 else "its SHA-256 is not the hub's"
            git = hashlib.sha1(b"blob %d\0" % self.size, usedforsecurity=False)
            return "" if self.blob is None or _hashed(file, git) == self.blob else "its git hash is not the hub's"


def split_name(written: str) -> tuple[str, str | None]:
    """REPO and FILE of `REPO[:FILE]`. Raises HubProblem for what is no repository."""
    repo, _, file = written.partition(":")
    if not REPO.fullmatch(repo):
        raise HubProblem(f"{written!r} names no repository; write OWNER/NAME or OWNER/NAME:FILE.gguf")
    return repo, file or None


def chosen(files: Sequence[HubFile], wanted: str | None) -> tuple[HubFile, ...]:
    """The files to download: the one named, the only one, or the usual quantisation; all pieces of a split one.

    Raises HubProblem, with what there is, where that is not clear.
    """
    ggufs = [file for file in files if file.name.lower().endswith(".gguf")]
    if not ggufs:
        raise HubProblem("the repository has no .gguf file; look for one that has `GGUF` in its name")
    if wanted is not None:
        named = [file for file in ggufs if file.name == wanted] or [
            f for f in ggufs if wanted.lower() in f.name.lower()
        ]
    else:
        named = [file for file in ggufs if USUAL in file.name.lower()] if len(_wholes(ggufs)) > 1 else ggufs
    wholes = _wholes(named)
    if len(wholes) != 1:
        listed = "\n".join(f"  {file.name}  {sized(file.size)}" for file in ggufs)
        what = f"nothing is called {wanted!r}" if wanted and not wholes else "several files would do"
        raise HubProblem(f"{what}; name one of these as REPO:FILE\n{listed}")
    return tuple(wholes[0])


def listed(repo: str, revision: str | None, endpoint: str | None) -> tuple[HubFile, ...]:
    """Every file of the repository at the commit that `revision` means now. Raises HubProblem."""
    try:
        from huggingface_hub import HfApi
        from huggingface_hub.errors import HfHubHTTPError, HFValidationError, HTTPError  # type: ignore[attr-defined]
    except ImportError as error:
        raise HubProblem(f"the hub's client is not installed: {INSTALL}") from error
    try:
        info = HfApi(endpoint=endpoint).model_info(repo, revision=revision, files_metadata=True)
    except (HfHubHTTPError, HFValidationError) as error:
        raise HubProblem(_words(repo, error)) from error
    except (OSError, ValueError, HTTPError) as error:
        raise HubProblem(f"the hub cannot be reached ({type(error).__name__}); see --endpoint") from error
    return tuple(_file(repo, str(info.sha), sibling) for sibling in info.siblings or ())


def downloaded(file: HubFile, into: Path, endpoint: str | None) -> Path:
    """The file in the folder `into`, checked. A download that was broken off is taken up where it stopped."""
    from huggingface_hub import hf_hub_download
    from huggingface_hub.errors import HfHubHTTPError, HTTPError  # type: ignore[attr-defined]

    try:
        path = hf_hub_download(file.repo, file.name, revision=file.commit, local_dir=into, endpoint=endpoint)
    except HfHubHTTPError as error:
        raise HubProblem(_words(file.repo, error)) from error
    except (OSError, HTTPError) as error:
        raise HubProblem(
            f"{file.name}: the download broke off ({error}); the same command goes on from there"
        ) from error
    file.check(Path(path))
    return Path(path)


def sized(count: int) -> str:
    """`2.1 GB`."""
    for unit, size in (("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if count >= size:
            return f"{count / size:.1f} {unit}"
    return f"{count} bytes"


def _wholes(files: Sequence[HubFile]) -> list[list[HubFile]]:
    """Files, with the pieces of a split one together and in order."""
    groups: dict[str, list[HubFile]] = {}
    for file in sorted(files, key=lambda one: one.name):
        groups.setdefault(PIECE.sub(".gguf", file.name), []).append(file)
    return list(groups.values())


def _file(repo: str, commit: str, sibling: Any) -> HubFile:
    lfs = sibling.lfs
    return HubFile(
        repo, commit, sibling.rfilename, int(sibling.size or 0), lfs.sha256 if lfs else None, sibling.blob_id
    )


def _words(repo: str, error: Exception) -> str:
    status = getattr(getattr(error, "response", None), "status_code", None)
    if status in (401, 403):
        return (
            f"the hub does not show {repo} (it says {status}): a wrong name, or a private or gated model; set HF_TOKEN"
        )
    if status == 404:
        return f"the hub has no {repo} at that revision"
    return f"the hub answered {status or 'with an error'} for {repo}"


def _hashed(file: Any, digest: Any) -> str:
    while piece := file.read(PIECE_BYTES):
        digest.update(piece)
    return str(digest.hexdigest())
