"""What others need for the same work, as measured by us on one core of a machine of this kind, kernel included.

Asterisk 22 and FreeSWITCH 1.11: G.711 both ways, one UDP socket a call, a menu playing; calls set up and torn down at
once. Quoted beside our figures; this bench does not run them.
"""

PLAYING = {"asterisk_cpu_ms_per_call_second": 3.1, "asterisk_held_on_one_core": 370,
           "freeswitch_cpu_ms_per_call_second": 3.5, "freeswitch_held_on_one_core": 270}
SET_UP = {"asterisk_cpu_ms_per_call": [1.0, 1.9], "freeswitch_cpu_ms_per_call": 4.3}
# CPU per menu call or bridged pair and second; one way through a bridge (p99); memory of a call; from a key on.
MEDIA = {"Asterisk 22": {"menu": "3.05 to 3.1", "held": "370", "pairs": "2.9 to 3.7", "delay": "0.5 to 2.9",
                         "memory": "152", "key": "over 100"},
         "FreeSWITCH 1.11": {"menu": "3.5 to 3.55", "held": "270", "pairs": "4.7 to 5.9", "delay": "24",
                             "memory": "490", "key": "over 100"}}
