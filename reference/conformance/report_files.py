"""A report as files that other programs read: JSON, and the XML of JUnit, which CI systems read."""

import json
from xml.etree import ElementTree

from ..whole_files import write_whole


def write_json(report, path):
    """Write the verdict of every step, and of each of its cases what is wrong with it."""
    write_whole(path, json.dumps(as_dict(report), ensure_ascii=False, indent=1) + "\n")


def as_dict(report):
    """The report in plain lists, dicts, strings and numbers."""
    return {"steps": [_step(result) for result in report.steps]}


def _step(result):
    cases = [
        {"name": outcome.case, "passed": outcome.failure is None, "problem": outcome.failure, "error": outcome.error}
        for outcome in result.outcomes
    ]
    told = {"step": result.step, "verdict": result.verdict, "note": result.note, "cases": cases}
    return told | {"missing": result.missing, "where": result.where, "looks_like": result.hints}


def write_junit(report, path):
    """Write a test suite for each step and a test for each case; missing ones fail, untested steps are skipped."""
    suites = ElementTree.Element("testsuites", name="ST-GCN conformance")
    for result in report.steps:
        skipped = int(not result.outcomes and not result.missing)
        failures = len(result.failed) + len(result.missing)
        tests = len(result.outcomes) + len(result.missing) + skipped
        counts = {"tests": tests, "failures": failures, "errors": 0, "skipped": skipped}
        suite = ElementTree.SubElement(
            suites, "testsuite", name=result.step, **{name: str(count) for name, count in counts.items()}
        )
        for outcome in result.outcomes:
            test = ElementTree.SubElement(suite, "testcase", classname=result.step, name=outcome.case)
            if outcome.failure:
                text = "\n".join([*result.where, *(f"Looks like: {hint}" for hint in result.hints)])
                ElementTree.SubElement(test, "failure", message=outcome.failure).text = text
        for name in result.missing:
            test = ElementTree.SubElement(suite, "testcase", classname=result.step, name=name)
            ElementTree.SubElement(test, "failure", message="no result")
        if skipped:
            test = ElementTree.SubElement(suite, "testcase", classname=result.step, name=result.step)
            ElementTree.SubElement(test, "skipped", message=result.note)
    text = ElementTree.tostring(suites, encoding="unicode", xml_declaration=False)
    write_whole(path, f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n')
