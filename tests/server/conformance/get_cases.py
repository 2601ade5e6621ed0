"""B4: status, metadata, OPTIONS and what is outside of the API."""

from __future__ import annotations

from tests.server.conformance.case import MODEL, Case, got

STATUS_3 = """\
{
 "model_version_status": [
  {
   "version": "3",
   "state": "AVAILABLE",
   "status": {
    "error_code": "OK",
    "error_message": ""
   }
  }
 ]
}
"""


def _status(*versions: str) -> dict:
    good = {"error_code": "OK", "error_message": ""}
    return {
        "model_version_status": [
            {"version": version, "state": "AVAILABLE", "status": good}
            for version in versions
        ]
    }


def _missing(what: str, path: str, error: str, status: int = 404) -> Case:
    return got(what, path, status=status, error=error)


CASES = [
    got("status of all versions", MODEL, answer=_status("12", "3")),
    got("status of a version", f"{MODEL}/versions/3", text=STATUS_3),
    got("status of a label", f"{MODEL}/labels/old", answer=_status("3")),
    got("metadata in capitals is a status", f"{MODEL}/METADATA", status=200),
    _missing("unknown model", "/v1/models/x", "Could not find any versions of model x"),
    _missing(
        "unknown version",
        f"{MODEL}/versions/4",
        "Could not find version 4 of model conformance",
    ),
    _missing(
        "version of an unknown model",
        "/v1/models/x/versions/1",
        "Could not find version 1 of model x",
    ),
    _missing(
        "status of an unknown label",
        f"{MODEL}/labels/beta",
        "Unrecognized servable version label: beta",
        400,
    ),
    _missing(
        "metadata of an unknown model",
        "/v1/models/x/metadata",
        "Servable not found for request: Latest(x)",
    ),
    _missing(
        "metadata of an unknown version",
        f"{MODEL}/versions/4/metadata",
        "Servable not found for request: Specific(conformance, 4)",
    ),
    _missing(
        "metadata of an unknown label",
        f"{MODEL}/labels/beta/metadata",
        "Unrecognized servable version label: beta",
        400,
    ),
    Case("OPTIONS without an origin", 400, path=MODEL, method="OPTIONS", text=""),
    Case(
        "OPTIONS with a null origin",
        400,
        path=MODEL,
        method="OPTIONS",
        headers={"Origin": "null"},
        text="",
    ),
    Case(
        "OPTIONS with an origin",
        200,
        path=MODEL,
        method="OPTIONS",
        headers={"Origin": "https://example.org"},
        text="",
    ),
    Case("HEAD is malformed", 400, path=MODEL, method="HEAD"),
    Case("the root is no API", 404, path="/", method="POST"),
    Case("another version of the API", 404, path="/v2/models/x", method="GET"),
    Case("v1 without a slash", 404, path="/v1", method="GET"),
]
