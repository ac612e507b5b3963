"""Telephone numbers in one form: E.164 with its plus (ITU-T E.164), by Google's metadata (phonenumbers)."""

from functools import lru_cache

import phonenumbers

LONGEST = 64        # characters of a number as a peer or an admin may write it; a longer one is none


@lru_cache(maxsize=4096)
def e164(text: str, region: str) -> str:
    """`text` as `+74951234567`, or "" if it is no telephone number.

    `region` is the country (ISO 3166, as `RU`) whose national form is understood besides the international one; "" for
    none. A number is taken if its length is possible in its country: ranges change faster than tables.
    """
    if not text or len(text) > LONGEST:
        return ""
    try:
        number = phonenumbers.parse(text, region or None)
    except phonenumbers.NumberParseException:
        return ""
    if not phonenumbers.is_possible_number(number):
        return ""
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
