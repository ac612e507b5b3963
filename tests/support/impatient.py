"""The `hotline` command with a parent that waits 5 s, not 15, until a child that hangs is killed:
`python -m tests.support.impatient serve …`."""

from ivr.cli.main import main
from ivr.service import children

if __name__ == "__main__":
    children.LOOK_EVERY = 1.0
    main()
