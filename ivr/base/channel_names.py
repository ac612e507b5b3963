"""By which ways people reach the house: what stands in `CallRow.channel`."""

CHANNELS = ("voice", "web", "telegram", "sip", "http")
