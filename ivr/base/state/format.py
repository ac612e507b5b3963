"""The form of a written state: plain data that JSON holds, with every shared reference and every cycle kept.

    {"format": "hotline state", "version": 1,
     "shapes":  [["object", "ivr.base.trace:Trace", ["began_at", "rows"]], ["deque"], ...],   what rows are of
     "objects": [[1, 400, [7], [8]], [0, 12.5, [9]], ...],        rows: the number of a shape, then values
     "parts":   {"call/4711": [10]}}                              what was written, by name

A value is a text, a whole number, a truth, null or a finite float as itself; `[n]` is the n-th object, be it named
once or often. Objects stand behind what they hold, but for cycles. The rows of a shape:

    object CLASS NAMES      the values of these attributes (`__dict__` and slots)
    fields CLASS NAMES      a NamedTuple's
    error  CLASS NAMES      its arguments, then as for an object
    tuple list set frozenset    what is in it, in its order
    deque                   its bound, then what is in it
    dict counter            key, value, key, value ...
    enum CLASS              the name of the member
    type                    CLASS: the class itself
    method                  the object that has it, its name: a bound method
    partial                 the function, its arguments, its named ones
    fixed                   the name of something that is no state: see `fixed`
    text KIND               what is written as a text: see `plain`

CLASS is "module:name" of a class of ours: see `classes`.
"""

from typing import Any

FORMAT = "hotline state"
VERSION = 1

State = dict[str, Any]
Ref = list[int]                 # [n]
Row = list[Any]
