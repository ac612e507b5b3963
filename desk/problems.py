"""How the API says that something did not go: one shape for every error, `{"code", "message"}`."""

from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from sqlalchemy.exc import SQLAlchemyError
from starlette.exceptions import HTTPException

from ivr.drivers.control_link import ControlAway, ControlRefused
from ivr.drivers.log import Log

MOST_FAULTS = 5     # of one request that are told
_log = Log("desk")


class Problem(BaseModel):
    """Why a request was not done."""

    code: str = Field(description="One word for programs", examples=["not_found"])
    message: str = Field(description="A sentence for people", examples=["There is no such call."])


class Refusal(Exception):
    """Answer with a problem. `headers` go with it."""

    def __init__(self, status: int, code: str, message: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.problem = Problem(code=code, message=message)
        self.headers = headers


MEANINGS = {
    400: "The request is not understood", 401: "A login or a token is needed",
    403: "This login may not do that, or must choose a password first (`password_to_choose`)",
    404: "There is no such thing", 409: "It can't be done as things stand", 413: "The body is too large",
    422: "A value is missing or wrong", 429: "Too many attempts; Retry-After says when to try again",
    503: "Control or the database is away",
}

CODES = {413: "too_large"}      # Python's own phrase for it changed over time


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The error answers of a route for OpenAPI; 422 is always among them, and 403 wherever somebody must be logged in:
    so those are answered who have yet to choose a password (`who.somebody`)."""
    every = {*statuses, 422, *({403} if 401 in statuses else ())}
    return {status: {"model": Problem, "description": MEANINGS[status]} for status in sorted(every)}


def problem_response(status: int, problem: Problem, headers: dict[str, str] | None = None) -> JSONResponse:
    return JSONResponse(problem.model_dump(), status, headers)


def add_problem_handlers(app: FastAPI) -> None:
    """Give every error the shape of Problem."""

    @app.exception_handler(Refusal)
    def refused(request: Request, error: Refusal) -> JSONResponse:
        return problem_response(error.status, error.problem, error.headers)

    @app.exception_handler(HTTPException)
    def http(request: Request, error: HTTPException) -> JSONResponse:
        code = CODES.get(error.status_code, HTTPStatus(error.status_code).phrase.lower().replace(" ", "_"))
        return problem_response(error.status_code, Problem(code=code, message=str(error.detail)),
                                dict(error.headers) if error.headers else None)

    @app.exception_handler(RequestValidationError)
    def invalid(request: Request, error: RequestValidationError) -> JSONResponse:
        told = [f"{'.'.join(str(step) for step in fault['loc'])}: {fault['msg']}"
                for fault in error.errors()[:MOST_FAULTS]]
        return problem_response(422, Problem(code="invalid", message="; ".join(told)))

    @app.exception_handler(ControlAway)
    def control_away(request: Request, error: ControlAway) -> JSONResponse:
        return problem_response(503, Problem(code="control_away", message=f"Control is away: {error}."))

    @app.exception_handler(ControlRefused)
    def control_refused(request: Request, error: ControlRefused) -> JSONResponse:
        """What a route did not expect: control may be of another version, for as long as a restart takes."""
        return problem_response(409, Problem(code=error.code, message=error.message))

    @app.exception_handler(SQLAlchemyError)
    def database_away(request: Request, error: SQLAlchemyError) -> JSONResponse:
        _log.warning("database_not_read", error_type=type(error).__name__)     # its text may carry numbers of callers
        return problem_response(503, Problem(code="database_away", message="The database does not answer."))

    @app.exception_handler(Exception)
    def broken(request: Request, error: Exception) -> JSONResponse:
        return problem_response(500, Problem(code="internal", message="The desk failed on this; see its log."))
