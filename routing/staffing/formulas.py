"""The figures of a plan with the formulas they come from, to be printed beside them."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Figure:
    """A field of `Service`: its name in targets and files, its title, and its formula with patience (Erlang A) and
    without (Erlang C)."""

    field: str
    name: str
    title: str
    unit: Literal["share", "seconds"]
    with_patience: str
    without: str

    def formula(self, patient: bool) -> str:
        return self.with_patience if patient else self.without


WORDS = ("a = calls per second · handle time; mu = 1/handle time; theta = 1/patience; n operators; p_k: share of the "
         "time with k callers there; T: threshold; B_k = a·B_{k-1}/(k + a·B_{k-1}), B_0 = 1")
FIGURES = (
    Figure("service_level", "sl", "service level, of all", "share",
           "P(answered, wait <= T)", "1 - P_w·exp(-(n - a)·T/handle time)"),
    Figure("service_level_answered", "sl_answered", "service level, of the answered", "share",
           "P(answered, wait <= T) / P(answered): hides the abandoned", "as of all: nobody abandons"),
    Figure("service_level_2", "sl2", "SL2: answered or gone by T", "share",
           "P(answered or abandoned, wait <= T)", "as of all: nobody abandons"),
    Figure("speed_of_answer", "asa", "speed of answer (ASA), s", "seconds",
           "E(wait | answered)", "P_w·handle time/(n - a)"),
    Figure("abandonment", "abandonment", "abandonment", "share",
           "theta·E(callers waiting)/calls per second", "0: callers wait for ever"),
    Figure("delayed", "delayed", "callers who wait (P_w)", "share",
           "sum of p_k for k >= n; p_k falls at k·mu up to n, n·mu + (k - n)·theta above",
           "n·B_n/(n - a·(1 - B_n))"),
    Figure("occupancy", "occupancy", "occupancy", "share", "a·P(answered)/n", "a/n"),
)
