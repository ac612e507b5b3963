"""How long will this caller wait? A range that holds four of five true waits, and an honest figure to be said.

    heed(event, effects)     after each event of the dispatcher; the room keeps its own picture of queue and operators
    estimate(call)           p10 to p90 of what is left of the wait, as of now
    say(call)                the figure for the caller, which rises only if an operator left

Pure: `now` goes in. Every estimate that is made and what came of it comes out as a note for the record, and teaches
the next ones.
"""

from routing.estimate.calibration import Calibration, calibrated
from routing.estimate.estimator import WaitEstimator
from routing.estimate.figures import MORE, Figure, figure, words
from routing.estimate.notes import Note, WaitCame, WaitEstimated
from routing.estimate.prediction import Prediction, Range

__all__ = ["MORE", "Calibration", "Figure", "Note", "Prediction", "Range", "WaitCame", "WaitEstimated", "WaitEstimator",
           "calibrated", "figure", "words"]
