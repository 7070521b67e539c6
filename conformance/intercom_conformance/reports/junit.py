"""The report of a run as JUnit XML, which CI systems read.

JUnit has no standard; this is what its readers share: `failure` for a binding that did something else than it
should, `error` for one that crashed, hung or broke the protocol, and properties, among them the requirements that a
case is about and the verdict of each requirement of the suite.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from xml.etree import ElementTree as Xml

from intercom_conformance.events import Stream
from intercom_conformance.reports.cases import Case, cases
from intercom_conformance.reports.finding import binding_line, printable

__all__ = ["junit"]

_TAGS = {"failed": "failure", "error": "error", "skipped": "skipped"}


def junit(streams: Sequence[Stream]) -> str:
    """One document with a suite for each run."""
    root = Xml.Element("testsuites", name="intercom-conformance")
    for stream in streams:
        root.append(_suite(stream))
    for name in ("tests", "failures", "errors", "skipped"):
        root.set(name, str(sum(int(suite.get(name, "0")) for suite in root)))
    root.set("time", f"{sum(float(suite.get('time', '0')) for suite in root):.3f}")
    Xml.indent(root)
    return Xml.tostring(root, encoding="unicode", xml_declaration=False).join([_DECLARATION, "\n"])


_DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'


def _suite(stream: Stream) -> Xml.Element:
    listed = list(cases(stream))
    counts = Counter(case.outcome for case in listed)
    suite = Xml.Element("testsuite", name=binding_line(stream.header), tests=str(len(listed)))
    suite.set("failures", str(counts["failed"]))
    suite.set("errors", str(counts["error"]))
    suite.set("skipped", str(counts["skipped"]))
    suite.set("time", f"{_seconds(stream):.3f}")
    suite.set("timestamp", stream.header["started"].removesuffix("Z"))
    suite.append(_properties(_facts(stream)))
    suite.extend(_testcase(case) for case in listed)
    return suite


def _seconds(stream: Stream) -> float:
    return float(stream.footer["seconds"] if stream.footer else sum(one["seconds"] for one in stream.results))


def _facts(stream: Stream) -> Iterator[tuple[str, str]]:
    header, footer = stream.header, stream.footer or {}
    yield "connector", header["connector"]
    yield "specification", f"{header['specification']['name']} {header['specification']['version']}"
    yield "complete", str(stream.complete).lower()
    for name in ("seed", "examples", "strict"):
        yield name, str(header[name]).lower()
    for slug, one in footer.get("requirements", {}).items():
        yield f"requirement.{slug}", f"{one['level']} {one['verdict']}"


def _properties(pairs: Iterator[tuple[str, str]]) -> Xml.Element:
    properties = Xml.Element("properties")
    for name, value in pairs:
        Xml.SubElement(properties, "property", name=name, value=printable(value))
    return properties


def _testcase(case: Case) -> Xml.Element:
    element = Xml.Element("testcase", classname=case.family, name=printable(case.name), time=f"{case.seconds:.3f}")
    pairs = [("verdict", case.verdict), *(("requirement", slug) for slug in case.requirements)]
    element.append(_properties(iter(pairs)))
    if tag := _TAGS.get(case.outcome):
        told = Xml.SubElement(element, tag, type=case.verdict, message=_one_line(case.message))
        told.text = case.text or None
    elif case.text:
        Xml.SubElement(element, "system-out").text = case.text
    return element


def _one_line(text: str) -> str:
    return " ".join(text.split())
