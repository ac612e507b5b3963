"""A report as JSON and as SARIF 2.1.0."""

import json
from typing import Any

import pytest

from ivr.base.errors import Fault, Place
from ivr.base.findings.codes import warn
from ivr.base.findings.report import Report, as_json, as_text
from ivr.base.findings.sarif import as_sarif

UNKNOWN = Fault(Place("menus/my menu.yaml", 3, 9), "there is no menu `x`", "did you mean `y`?", code="menu-unknown")
LATE = warn("first-option-late", Place("menus/my menu.yaml", 8, 5), "late", "")
SOUND = Fault(Place("audio_prompts/en/a.wav"), "it holds no sound", "record it", code="clip-empty")
BARE = Fault(Place("m.yaml", 2, 3), "`barge_in` must be yes or no", code="yes-no-expected")
UNCODED = Fault(Place("config.yaml", 1), "odd")
ALLOWED = warn("key-delay", Place("menus/my menu.yaml", 7, 7), "slow", "other keys")
REPORT = Report.of([LATE, UNKNOWN, SOUND, UNCODED], [ALLOWED])

# What the standard's schema says of the objects that we write: which properties must be there, and which may.
SHAPES: dict[str, tuple[set[str], set[str]]] = {
    "log": ({"version", "runs"}, {"$schema", "inlineExternalProperties", "properties"}),
    "run": ({"tool"}, {"results", "columnKind", "artifacts", "invocations", "originalUriBaseIds"}),
    "tool": ({"driver"}, {"extensions"}),
    "driver": ({"name"}, {"version", "rules", "informationUri", "semanticVersion"}),
    "rule": ({"id"}, {"shortDescription", "fullDescription", "help", "helpUri", "defaultConfiguration", "name"}),
    "configuration": (set(), {"level", "enabled", "rank"}),
    "result": ({"message"}, {"ruleId", "ruleIndex", "level", "locations", "suppressions", "kind"}),
    "message": ({"text"}, {"markdown", "id", "arguments"}),
    "location": (set(), {"physicalLocation", "id", "message"}),
    "physicalLocation": ({"artifactLocation"}, {"region", "contextRegion"}),
    "artifactLocation": ({"uri"}, {"uriBaseId", "index"}),
    "region": ({"startLine"}, {"startColumn", "endLine", "endColumn"}),
    "suppression": ({"kind"}, {"justification", "status", "location"}),
}


def check_shape(kind: str, written: dict[str, Any]) -> dict[str, Any]:
    required, optional = SHAPES[kind]
    assert required <= written.keys() <= required | optional, (kind, written)
    return written


def check_result(result: dict[str, Any], rules: list[dict[str, Any]]) -> None:
    check_shape("result", result)
    assert check_shape("message", result["message"])["text"]
    assert result["level"] in ("none", "note", "warning", "error")
    assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
    for suppression in result.get("suppressions", []):
        assert check_shape("suppression", suppression)["kind"] in ("inSource", "external")
    for location in result["locations"]:
        physical = check_shape("physicalLocation", check_shape("location", location)["physicalLocation"])
        uri = check_shape("artifactLocation", physical["artifactLocation"])["uri"]
        assert " " not in uri
        if "region" in physical:
            region = check_shape("region", physical["region"])
            assert region["startLine"] >= 1
            assert region["startColumn"] >= 1


def check_sarif(written: dict[str, Any]) -> list[dict[str, Any]]:
    """Hold a log against the standard; its results."""
    assert check_shape("log", written)["version"] == "2.1.0"
    assert written["$schema"].endswith("sarif-2.1.0.json")
    (run,) = written["runs"]
    assert check_shape("run", run)["columnKind"] in ("utf16CodeUnits", "unicodeCodePoints")
    rules = check_shape("driver", check_shape("tool", run["tool"])["driver"])["rules"]
    assert len({rule["id"] for rule in rules}) == len(rules)
    for rule in rules:
        check_shape("rule", rule)
        assert check_shape("configuration", rule["defaultConfiguration"])["level"] in ("warning", "error")
        assert rule["shortDescription"]["text"]
    for result in run["results"]:
        check_result(result, rules)
    return list(run["results"])


def test_as_sarif__holds_to_the_standard() -> None:
    results = check_sarif(json.loads(json.dumps(as_sarif(REPORT, "0.1.0"))))
    assert [(result["ruleId"], result["level"]) for result in results] == [
        ("clip-empty", "error"), ("other", "error"), ("menu-unknown", "error"), ("first-option-late", "warning"),
        ("key-delay", "warning")]
    assert [bool(result.get("suppressions")) for result in results] == [False, False, False, False, True]
    location = results[2]["locations"][0]["physicalLocation"]
    assert location == {"artifactLocation": {"uri": "menus/my%20menu.yaml"},
                        "region": {"startLine": 3, "startColumn": 9}}
    assert results[2]["message"]["text"] == "there is no menu `x` (did you mean `y`?)"
    assert "region" not in results[0]["locations"][0]["physicalLocation"]


def test_as_sarif__nothing_found() -> None:
    assert check_sarif(as_sarif(Report.of([]), "0.1.0")) == []


def test_as_json() -> None:
    written = as_json(REPORT)
    assert (written["errors"], written["warnings"], len(written["allowed"])) == (3, 1, 1)
    assert written["findings"][2] == {
        "code": "menu-unknown", "severity": "error", "file": "menus/my menu.yaml", "line": 3, "column": 9,
        "message": "there is no menu `x`", "remedy": "did you mean `y`?"}


def test_report__each_finding_says_what_to_do() -> None:
    (finding,) = Report.of([BARE]).findings
    assert as_text(finding) == "m.yaml:2:3: error: `barge_in` must be yes or no (write yes or no) [yes-no-expected]"
    certificate = Fault(Place("config.yaml"), "odd", code="certificate-unusable")
    assert Report.of([certificate]).findings[0].remedy == "PEM, the key without a passphrase"


@pytest.mark.parametrize(("finding", "line"), [
    (UNKNOWN, "menus/my menu.yaml:3:9: error: there is no menu `x` (did you mean `y`?) [menu-unknown]"),
    (UNCODED, "config.yaml:1:0: error: odd"),
])
def test_as_text(finding: Fault, line: str) -> None:
    assert as_text(finding) == line
