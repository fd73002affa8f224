"""The curve as SVG: a line for each way, whatever its name, and room for all of them."""

from xml.etree import ElementTree

from classifier.plot import svg

NAMESPACE = {"svg": "http://www.w3.org/2000/svg"}


def drawn(lines: dict[str, list[tuple[float, float]]], title: str = "t") -> ElementTree.Element:
    return ElementTree.fromstring(svg(lines, title))


def points(line: ElementTree.Element) -> list[tuple[float, float]]:
    return [tuple(map(float, point.split(","))) for point in line.attrib["points"].split()]  # type: ignore[misc]


def test_every_way_has_a_line_and_its_name_beside_it() -> None:
    picture = drawn({"ours": [(0, 0.2), (1, 0.8)], "a & <b>": [(0, 0.2), (1, 0.8)]})
    assert len(picture.findall("svg:polyline", NAMESPACE)) == 2
    assert {"ours", "a & <b>"} <= {text.text for text in picture.findall("svg:text", NAMESPACE)}


def test_more_quality_is_higher_and_more_of_the_big_model_further_right() -> None:
    (line,) = drawn({"ours": [(0, 0.2), (1, 0.8)]}).findall("svg:polyline", NAMESPACE)
    (x0, y0), (x1, y1) = points(line)
    assert x0 < x1
    assert y0 > y1


def test_a_level_line_is_drawn_all_the_same() -> None:
    (line,) = drawn({"always": [(0, 0.5), (1, 0.5)]}).findall("svg:polyline", NAMESPACE)
    (_, y0), (_, y1) = points(line)
    assert y0 == y1
