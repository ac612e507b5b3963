"""Values as callers hear them: numbers, digits, money, durations, dates and times in Russian and English."""

from ivr.audio.spoken.forms import NAMES as FORMS
from ivr.audio.spoken.phrases import LANGUAGES, check, clip_of, spoken, text, vocabulary
from ivr.audio.spoken.values import PAUSE, PAUSE_MS, Amount, Value

__all__ = ["FORMS", "LANGUAGES", "PAUSE", "PAUSE_MS", "Amount", "Value", "check", "clip_of", "spoken", "text",
           "vocabulary"]
