"""Codes of the file of topics."""

from ivr.base.findings.code import error

CODES = {
    "topics-too-many": error("There are more topics or fields than anybody finds their way in.", "Fewer are better."),
    "field-options": error("Options belong to fields of the type `choice`, and these need them.",
                           "Write `options: [lost, stolen]`, or leave them out."),
    "field-unknown": error("A menu fills in a field that no request has.", "Correct its name, or add it to `fields`."),
    "field-queue-unknown": error("Fields are given for a queue that there is not.", "Correct its name."),
}
