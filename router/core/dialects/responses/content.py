"""The content of an item, as the content of a chat message."""

from collections.abc import Mapping
from typing import Any

from router.core.dialects.reading import Reading, list_at, mapping_at, text_at, wrong

_KNOWN = frozenset({"type", "text", "refusal", "image_url", "detail", "file_id", "input_audio", "annotations"})
_FILE = frozenset({"type", "file_data", "file_id", "filename", "file_url", "detail"})
_TEXTS = ("input_text", "output_text")


def content_of(value: object, place: str, reading: Reading) -> str | list[dict[str, Any]]:
    """A string as it is; parts translated one by one; a single plain text as a string, which every server reads.

    Raises BadRequest for an unknown part, naming it.
    """
    if isinstance(value, str):
        return value
    found = [_part(part, f"{place}[{index}]", reading) for index, part in enumerate(list_at(value, place))]
    return plain([part for part in found if part])


def plain(parts: list[dict[str, Any]]) -> str | list[dict[str, Any]]:
    """`parts`, or the string that a single plain text is."""
    if len(parts) == 1 and parts[0].keys() == {"type", "text"}:
        return str(parts[0]["text"])
    return parts


def texts_of(parts: object, kind: str, place: str) -> str:
    """The texts of a list whose parts are all of one `kind`, joined; empty for null."""
    if parts is None:
        return ""
    return "".join(_text_of(part, kind, f"{place}[{index}]") for index, part in enumerate(list_at(parts, place)))


def _text_of(part: object, kind: str, place: str) -> str:
    known = mapping_at(part, place)
    if known.get("type") != kind:
        raise wrong(f"{place}.type", f"`{kind}`", "invalid_value")
    return text_at(known.get("text"), f"{place}.text")


def _part(value: object, place: str, reading: Reading) -> dict[str, Any]:
    """One part; empty where it had to be left out."""
    part = mapping_at(value, place)
    kind = part.get("type")
    if kind in _TEXTS:
        for name in ("annotations", "logprobs"):
            if part.get(name):
                reading.leave_out(f"{place}.{name}")
        rest = _rest(part, _KNOWN | {"logprobs"})
        return {"type": "text", "text": text_at(part.get("text"), f"{place}.text"), **rest}
    if kind == "refusal":
        return {"type": "refusal", "refusal": text_at(part.get("refusal"), f"{place}.refusal")}
    if kind == "input_image":
        return _image(part, place, reading)
    if kind == "input_file":
        return _file(part, place, reading)
    if kind == "input_audio":
        audio = mapping_at(part.get("input_audio"), f"{place}.input_audio")
        return {"type": "input_audio", "input_audio": audio, **_rest(part, _KNOWN)}
    expected = "one of input_text, input_image, input_file, input_audio, output_text, refusal"
    raise wrong(f"{place}.type", expected, "invalid_value")


def _image(part: Mapping[str, Any], place: str, reading: Reading) -> dict[str, Any]:
    if part.get("image_url") is None and part.get("file_id") is not None:
        reading.refuse(f"{place}.file_id", "no files are kept. Send the picture as a data URL in `image_url`.")
        return {}
    image = {"url": text_at(part.get("image_url"), f"{place}.image_url")}
    if part.get("detail") is not None:
        image["detail"] = part["detail"]
    return {"type": "image_url", "image_url": image, **_rest(part, _KNOWN)}


def _file(part: Mapping[str, Any], place: str, reading: Reading) -> dict[str, Any]:
    if part.get("file_url") is not None:
        reading.refuse(f"{place}.file_url", "nothing is fetched for you. Send the file in `file_data`.")
        return {}
    if part.get("detail") not in (None, "auto"):
        reading.leave_out(f"{place}.detail")
    file = {name: part[name] for name in ("file_data", "file_id", "filename") if part.get(name) is not None}
    if not file.keys() & {"file_data", "file_id"}:
        raise wrong(place, "a file with `file_data`", "missing_required_parameter")
    return {"type": "file", "file": file, **_rest(part, _FILE)}


def _rest(part: Mapping[str, Any], known: frozenset[str]) -> dict[str, Any]:
    """What we do not know of a part rides along beside what we do, as `prompt_cache_breakpoint` does."""
    return {name: value for name, value in part.items() if name not in known}
