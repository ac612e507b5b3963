"""The process that atheris takes over: `python -m bench.soak.fuzz_target [libFuzzer's options] CORPUS`."""

import sys

import atheris

with atheris.instrument_imports(include=["ivr.sip", "ivr.base"]):
    from tests.support.swallow import swallow


def main() -> None:
    atheris.Setup(sys.argv, swallow)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
