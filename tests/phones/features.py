"""The scenes of all clients: docs/interop.md is the table of them."""

from tests.phones.features_baresip import BARESIP_LINES, BARESIP_OPERATORS, BARESIP_SCENES
from tests.phones.features_linphone import LINPHONE_LINES, LINPHONE_OPERATORS, LINPHONE_SCENES
from tests.phones.features_pjsua import PJSUA_LINES, PJSUA_SCENES
from tests.phones.features_pyvoip import PYVOIP_LINES, PYVOIP_SCENES
from tests.phones.features_sipp import SIPP_LINES, SIPP_OPERATORS, SIPP_SCENES
from tests.phones.stage import Scene

ALL: tuple[Scene, ...] = (*PJSUA_SCENES, *BARESIP_SCENES, *LINPHONE_SCENES, *SIPP_SCENES, *PYVOIP_SCENES)
LONG = tuple(scene for scene in ALL if scene.__name__.endswith("_seconds"))
SHORT = tuple(scene for scene in ALL if scene not in LONG)
LONG_LINES = {"206": PJSUA_LINES["206"], "227": LINPHONE_LINES["227"], "236": SIPP_LINES["236"],
              "243": PYVOIP_LINES["243"]}
LINES = {**PJSUA_LINES, **BARESIP_LINES, **LINPHONE_LINES, **SIPP_LINES, **PYVOIP_LINES}
PLAIN = (*BARESIP_OPERATORS, *LINPHONE_OPERATORS, *SIPP_OPERATORS)     # who has a password without blanks
