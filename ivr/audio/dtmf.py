"""The tones of the telephone keys (ITU-T Q.23): a low one for the key's row, a high one for its column.

             1209  1336  1477  1633 Hz
     697 Hz    1     2     3     A
     770 Hz    4     5     6     B
     852 Hz    7     8     9     C
     941 Hz    *     0     #     D
"""

import numpy as np
import numpy.typing as npt

from ivr.audio.telephone import RATE

LOW, HIGH = (697, 770, 852, 941), (1209, 1336, 1477, 1633)      # Hz
PAD = "123A456B789C*0#D"            # the key of row r and column c is PAD[4 * r + c]
PERIOD_SAMPLES = RATE               # all tones are whole Hz: after a second they begin anew without a seam

# The amplitude of a sine of 0 dBm0: A-law's overload point lies 3.14 dB above (G.711), and at 2^15 in 16 bits. µ-law's
# stands for 3.17 dBm0, and a sine of 0 dBm0 is 0.06 dB smaller there.
AMPLITUDE_0_DBM0 = 2 ** 15 / 10 ** (3.14 / 20)
LOW_DBM0, HIGH_DBM0 = -9.0, -7.0    # as phones send them: a line damps the high tone more (ETSI ES 201 235-2)

Samples = npt.NDArray[np.int16]


def tones(digit: str, samples: int) -> Samples:
    """A key's tones, `samples` long. Raises ValueError for what is no key."""
    place = PAD.index(digit)
    times = 2 * np.pi * np.arange(samples) / RATE
    low = 10 ** (LOW_DBM0 / 20) * np.sin(LOW[place // 4] * times)
    high = 10 ** (HIGH_DBM0 / 20) * np.sin(HIGH[place % 4] * times)
    made: Samples = np.rint(AMPLITUDE_0_DBM0 * (low + high)).astype(np.int16)
    return made
