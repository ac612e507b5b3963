"""Values as callers hear them: numbers, digits, money, durations, dates and times in Russian and English."""

from ivr.audio.spoken.forms import NAMES as FORMS
from ivr.audio.spoken.phrases import LANGUAGES, check, clip_of, spoken, text, vocabulary
from ivr.audio.spoken.values import PAUSE, Amount, Value

__all__ = ["FORMS", "LANGUAGES", "PAUSE", "Amount", "Value", "check", "clip_of", "spoken", "text", "vocabulary"]
